"""Variables: ``VariableV2`` with its ``Assign`` and ``read``, as TF1's reference variables (tf.Variable)."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..errors import InvalidType, InvalidValue, OfArgument, said
from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import TensorShape, as_shape, show
from ..graph.types import DType, as_dtype
from ..graph.variables import store_of
from .conversion import convert_to_tensor
from .framework import apply_op, colocate_with, device, get_default_graph, name_scope
from .initial_value import guarded, started
from .operators import install_on
from .resource_toggle import resource_variables_enabled
from .save_slices import SaveSliceInfo as SliceInfo
from .slicing import slice_of_variable
from .variable_creators import ARGUMENTS, VariableAggregation, VariableSynchronization
from .variable_lists import is_variable_initialized
from .variable_writes import Written

EXPORTS = """
tf: Variable
python.ops.variable_scope: variable=Variable
"""


class _Made(type):
    """How ``Variable(...)`` makes one: by the functions of the variable_creator_scopes that are open, if any are."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        creators = get_default_graph().scopes.creators
        if not creators or cls is not Variable:
            return super().__call__(*args, **kwargs)
        make: Callable[..., Any] = super().__call__
        for creator in creators:
            make = partial(creator, make)
        given = dict(zip(ARGUMENTS, args))
        return make(**{**dict.fromkeys(ARGUMENTS), "validate_shape": True, **given, **kwargs})


class Variable(Written, metaclass=_Made):
    """A value that lives as long as the session (tf.Variable, a reference variable).

    initial_value: a tensor, a value, or a function without arguments that gives one; its shape must
    be known unless validate_shape is False. trainable: also in TRAINABLE_VARIABLES. collections:
    GLOBAL_VARIABLES by default. constraint: a function that optimizers apply after an update.

    Raises InvalidValue without an initial value or with one of unknown shape, InvalidType for one
    that is not of ``dtype``.
    """

    __array_priority__ = 100
    SaveSliceInfo = SliceInfo
    _save_slice_info: SliceInfo | None = None

    def __init__(self, initial_value: Any = None, trainable: bool | None = None,
                 collections: Iterable[str] | None = None, validate_shape: bool = True,
                 caching_device: Any = None, name: str | None = None, variable_def: Any = None,
                 dtype: Any = None, expected_shape: Any = None, import_scope: str | None = None,
                 constraint: Any = None, use_resource: bool | None = None, synchronization: Any = None,
                 aggregation: Any = None, shape: Any = None) -> None:
        graph = get_default_graph()
        if type(self) is Variable:
            from .resource_variable import ResourceVariable

            # tf.Variable makes either kind and is above both, so that Python asks neither before the other
            self.__class__ = ResourceVariable if _wants_resource(graph, use_resource) else RefVariable
        if variable_def is not None:
            raise InvalidValue("a variable is not made of a variable_def here")
        if initial_value is None:
            with OfArgument("initial_value"):
                raise InvalidValue("a variable needs an initial_value")
        if collections is None:
            collections = [GraphKeys.GLOBAL_VARIABLES]
        with OfArgument("collections"):
            if not isinstance(collections, (list, tuple, set)):
                raise InvalidValue(f"collections of a variable is a list, not {said(collections)}")
        with OfArgument("constraint"):
            if constraint is not None and not callable(constraint):
                raise InvalidValue(f"the constraint of a variable is a function, not {said(constraint)}")
        if trainable is None:
            trainable = synchronization != VariableSynchronization.ON_READ
        self.trainable = bool(trainable)
        self.constraint = constraint
        self.synchronization = synchronization or VariableSynchronization.AUTO
        self.aggregation = aggregation or VariableAggregation.NONE
        self.span = graph.scopes.span
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections = [*collections, GraphKeys.TRAINABLE_VARIABLES]
        if dtype is not None:
            dtype = as_dtype(dtype)
        # a variable stands outside of control flow and colocations
        with graph.scopes.lifted(), name_scope(name, "Variable") as scope, OfArgument("initial_value"):
            self._make(graph, scope, initial_value, dtype, shape, validate_shape, caching_device)
        graph.add_to_collections(list(collections), self)

    def _make(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None, shape: Any,
              validate_shape: bool, caching_device: Any) -> None:
        true_name = scope[:-1]
        scopes = graph.scopes
        if callable(initial_value):
            with scopes.with_attrs({"_class": [f"loc:@{true_name}"]}):
                with name_scope("Initializer"), device(None):
                    start = convert_to_tensor(started(true_name, initial_value), name="initial_value", dtype=dtype)
                self._variable = self._node(scope, start, shape, validate_shape)
        else:
            start = convert_to_tensor(initial_value, name="initial_value", dtype=dtype)
            if getattr(start.op, "flow", None) is not None:
                raise InvalidValue(f"the initial value of {true_name} is made inside a cond or while_loop",
                                   hint="give a function without arguments that makes it")
            self._variable = self._node(scope, start, shape, validate_shape)
        if validate_shape and (start.static is None or None in start.static):
            raise InvalidValue(f"the initial value of {true_name} must have a known shape: {start.name} is "
                               f"{show(start.static)}", hint="Variable(..., validate_shape=False) allows any")
        self._initial_value: Tensor | None = start
        value = guarded(graph, scope, start)
        assign = apply_op("Assign", None, [self._variable, value], {"validate_shape": validate_shape})
        self._initializer = assign.op
        if caching_device is not None:
            with device(caching_device):
                self._snapshot: Tensor = apply_op("Identity", "read", [self._variable])
        else:
            with colocate_with(self._variable.op):
                self._snapshot = apply_op("Identity", "read", [self._variable])

    @staticmethod
    def _node(scope: str, start: Tensor, shape: Any, validate_shape: bool) -> Tensor:
        if shape is None:
            static = start.static if validate_shape else None
        else:
            static = as_shape(shape)
        made: Tensor = apply_op("VariableV2", scope, [], {"shape": static, "dtype": start.dtype.base_dtype})
        return made

    @classmethod
    def of_nodes(cls, variable: Tensor, initializer: Node, snapshot: Tensor, initial_value: Tensor | None = None,
                 trainable: bool = True) -> Variable:
        """A variable whose nodes are in the graph already (an opened model); adds nothing to the graph."""
        kind = RefVariable if cls is Variable else cls
        made = kind.__new__(kind)
        made._variable, made._initializer, made._snapshot = variable, initializer, snapshot
        made._initial_value = initial_value
        made.trainable = trainable
        made.constraint = None
        made.synchronization, made.aggregation = VariableSynchronization.AUTO, VariableAggregation.NONE
        made.span = variable.op.span
        return made

    def _as_tensor(self, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        return self._variable if as_ref else self._snapshot

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def _ref(self) -> Tensor:
        return self._variable

    def value(self) -> Tensor:
        """The tensor ``NAME/read``, a live view of the variable."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new read of the variable, which the control dependencies around it order."""
        made: Tensor = apply_op("Identity", "read", [self._variable])
        return made

    def initialized_value(self) -> Tensor:
        """The variable's value if it has one, else its initial value."""
        from . import cond

        with self.graph.scopes.lifted():
            made: Tensor = cond(is_variable_initialized(self), self.read_value, lambda: self.initial_value)
        return made

    @property
    def initial_value(self) -> Tensor | None:
        return self._initial_value

    @property
    def name(self) -> str:
        return self._variable.name

    @property
    def op(self) -> Node:
        return self._variable.op

    @property
    def graph(self) -> Graph:
        return self._variable.graph

    @property
    def device(self) -> str:
        return self._variable.device

    @property
    def dtype(self) -> DType:
        return self._variable.dtype

    @property
    def static(self) -> Any:
        return self._variable.static

    @property
    def shape(self) -> TensorShape:
        return self._variable.shape

    def get_shape(self) -> TensorShape:
        return self._variable.shape

    def set_shape(self, shape: Any) -> None:
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def initializer(self) -> Node:
        return self._initializer  # type: ignore[no-any-return]

    def eval(self, session: Any = None) -> Any:
        """The value in a session, the default one if None."""
        from .session import default_session

        return (session or default_session("eval")).run(self._variable)

    def load(self, value: Any, session: Any = None) -> None:
        """Gives the variable a value in a session, the default one if None."""
        from .session import default_session

        (session or default_session("load")).run(self._initializer, {self._initializer.inputs[1]: value})

    def to_proto(self, export_scope: str | None = None) -> Any:
        """The variable as a VariableDef, its names without ``export_scope``; None if it is not below that."""
        from .variable_proto import to_proto

        proto = to_proto(self)
        lead = f"{export_scope}/" if export_scope else ""
        if not self._ref().name.startswith(lead):
            return None
        for field in ("variable_name", "initializer_name", "snapshot_name", "initial_value_name"):
            setattr(proto, field, getattr(proto, field).removeprefix(lead))
        return proto

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> Any:
        """The variable of a VariableDef, whose nodes are in the default graph, below ``import_scope``."""
        from .variable_proto import from_proto

        return from_proto(get_default_graph(), variable_def, f"{import_scope}/" if import_scope else "")

    def _set_save_slice_info(self, save_slice_info: SliceInfo) -> None:
        """Says that a checkpoint has the variable as a part of a larger tensor."""
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self) -> SliceInfo | None:
        return self._save_slice_info

    def __hash__(self) -> int:
        return id(self)

    def __iter__(self) -> Any:
        # having __getitem__ alone, Python would ask for v[0], v[1], ... without end
        raise InvalidType(f"a variable cannot be iterated: {self.name}", hint="tf.unstack or tf.map_fn")

    def __repr__(self) -> str:
        return f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype.name}>"


install_on(Variable, slice_of_variable)


class RefVariable(Variable):
    """A variable of the first kind."""


def _wants_resource(graph: Graph, use_resource: bool | None) -> bool:
    """Whether a variable is a resource variable: as it says, as its scope says, as enable_resource_variables says."""
    if use_resource is None:
        use_resource = store_of(graph).scope.use_resource
    return resource_variables_enabled() if use_resource is None else bool(use_resource)

"""Variables of one graph by name, and how they are shared: variable scopes, reuse, first declarations.

Nothing here makes nodes; ``tf1`` does, and asks the store whether a variable is there already.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidValue, OfArgument, did_you_mean
from ..record import Record
from ..source import Span
from .shapes import Static, compatible, show
from .types import DType, float32

if TYPE_CHECKING:
    from .graph import Graph, Node, Tensor


class AutoReuse:
    """The value of ``tf.AUTO_REUSE``: share what is there, make what is not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "_ReuseMode.AUTO_REUSE"

    def __reduce__(self) -> str:
        # a copy, as of a cell that has it, is the value itself
        return "AUTO_REUSE"


AUTO_REUSE = AutoReuse()


class Declaration(Record, frozen=False):
    """A variable that get_variable made, and the place of the statement that made it."""

    variable: Any
    span: Span | None
    shape: Static
    dtype: DType


class Unconnected(Record):
    """A gradient that came out as None: what was asked for, where, and whether by an optimizer."""

    ys: tuple[Tensor, ...]
    x: Tensor
    span: Span | None
    trains: bool


class VariableScope:
    """A variable scope: the prefix of names, whether to reuse, and defaults for get_variable (tf.VariableScope)."""

    def __init__(self, reuse: Any, name: str = "", initializer: Any = None, regularizer: Any = None,
                 caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                 name_scope: str = "", dtype: Any = float32, use_resource: Any = None,
                 constraint: Any = None) -> None:
        self.name = name
        self.reuse = reuse
        self.initializer = initializer
        self.regularizer = regularizer
        self.caching_device = caching_device
        self.partitioner = partitioner
        self.custom_getter = custom_getter
        self.original_name_scope = name_scope
        self.dtype = dtype
        self.use_resource = use_resource
        self.constraint = constraint

    def reuse_variables(self) -> None:
        """From here to the end of the scope, variables are reused."""
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self.initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        self.regularizer = regularizer

    def set_dtype(self, dtype: Any) -> None:
        self.dtype = dtype

    def set_use_resource(self, use_resource: Any) -> None:
        self.use_resource = use_resource

    def set_caching_device(self, caching_device: Any) -> None:
        self.caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        self.partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        self.custom_getter = custom_getter

    def full_name(self, name: str) -> str:
        return f"{self.name}/{name}" if self.name else name

    def __repr__(self) -> str:
        return f"<VariableScope {self.name!r} reuse={self.reuse}>"


class NotMade(InvalidValue):
    """A variable that is to be shared does not exist."""


class VariableStore:
    """The variables that get_variable made in one graph, and the variable scope that is open.

    partitioned: the variables that are in parts, whose parts are declared one by one. opened: how
    often a scope of a name has been opened below the one that is open, from which unique default
    names follow. slices: the variable that a slice was taken of, whose ``assign`` writes there. unconnected: gradients
    that came out as None.
    """

    def __init__(self) -> None:
        self.declared: dict[str, Declaration] = {}
        self.partitioned: dict[str, Any] = {}
        self.scope = VariableScope(False)
        self.opened: dict[str, int] = {}
        self._below: dict[str, set[str]] = {}
        """Names that were opened right below a scope, or above one that was."""
        self.slices: dict[Any, Any] = {}
        self.unconnected: list[Unconnected] = []

    def unique_default(self, prefix: str) -> str:
        """``prefix`` or ``prefix_1``, …: the first that has not been opened in the current scope."""
        full = self.scope.full_name(prefix)
        if not self.opened.get(full):
            return prefix
        number = 1
        while self.opened.get(f"{full}_{number}"):
            number += 1
        return f"{prefix}_{number}"

    def count(self, name: str) -> None:
        self.opened[name] = self.opened.get(name, 0) + 1
        below, slash, _ = name.rpartition("/")
        while slash and name not in self._below.setdefault(below, set()):
            self._below[below].add(name)
            name = below
            below, slash, _ = name.rpartition("/")

    def close_below(self, name: str) -> None:
        """Forgets what was opened below a scope, so that its default names begin anew."""
        names = [*self._below.get(name, ())]
        for below in names:
            self.opened.pop(below, None)
            names += self._below.get(below, ())

    def declare(self, name: str, variable: Any, span: Span | None) -> None:
        self.declared[name] = Declaration(variable, span, variable.static, variable.dtype.base_dtype)

    def shared(self, name: str, shape: Static, dtype: DType, reuse: Any,
               names: Callable[[], list[str]]) -> Any:
        """The variable ``name`` if the call shares it, None if the call is to make it.

        Raises InvalidValue, with the place of the first declaration, if it exists and is not to be
        reused, differs in shape or dtype, or does not exist although it is to be reused.
        """
        found = self.declared.get(name)
        if found is None:
            if reuse is True:
                near = did_you_mean(name, self.declared)
                known = names() if name in names() else []
                error = NotMade(
                    f"variable {name} does not exist, or was not made by get_variable, and reuse is true",
                    hint=near or "reuse: auto makes what is not there")
                if known:
                    error.note(f"there is a variable {name} that tf.Variable made; get_variable does not share it")
                raise error
            return None
        what = f"{found.dtype.name} {show(found.shape)}"
        made = (f"{name} was made here: {what}", found.span)
        if reuse is False or reuse is None:
            raise InvalidValue(f"variable {name} already exists: {what}, and reuse is not set",
                               hint="reuse=True or reuse=AUTO_REUSE on the scope shares the one that is there",
                               notes=[made] if found.span else [])
        notes = [made] if found.span else []
        with OfArgument("shape"):
            if shape is not None and not compatible(shape, found.shape):
                raise InvalidValue(f"variable {name} is shared with shape {show(shape)}, but it has shape "
                                   f"{show(found.shape)}", notes=notes)
        with OfArgument("dtype"):
            if dtype.base_dtype is not found.dtype:
                raise InvalidValue(f"variable {name} is shared with dtype {dtype.base_dtype.name}, but it has dtype "
                                   f"{found.dtype.name}", notes=notes)
        return found.variable


def held(variable: Node) -> tuple[DType, Static]:
    """The dtype and shape of what a variable's node holds, of a resource variable's too."""
    if variable.type == "VarHandleOp":
        return variable.attrs["dtype"], variable.attrs["shape"]
    return variable.outputs[0].dtype.base_dtype, variable.outputs[0].static


def store_of(graph: Graph) -> VariableStore:
    """The variable store of a graph, made on first use."""
    if graph.store is None:
        graph.store = VariableStore()
    store: VariableStore = graph.store
    return store

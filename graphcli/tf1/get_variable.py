"""get_variable: variables by name, made once and shared under reuse (tf.get_variable)."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import GraphError, InvalidType, InvalidValue, OfArgument, said
from ..graph.collections import GraphKeys
from ..graph.graph import Tensor
from ..graph.shapes import as_shape, show
from ..graph.types import DType, as_dtype
from ..graph.variables import VariableScope, store_of
from .conversion import convert_to_tensor
from .framework import get_default_graph, name_scope
from .lazy_losses import regularize
from .resource_toggle import resource_variables_enabled
from .variable_creators import VariableAggregation, VariableSynchronization
from .variable_scope import get_variable_scope, open_store
from .variables import Variable

EXPORTS = """
tf: get_variable get_local_variable
"""


def get_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
                 regularizer: Any = None, trainable: bool | None = None, collections: Any = None,
                 caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True,
                 use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
                 synchronization: Any = VariableSynchronization.AUTO,
                 aggregation: Any = VariableAggregation.NONE) -> Any:
    """The variable of this name in the current variable scope: made, or shared under reuse (tf.get_variable).

    initializer: a function of a shape, or a value (then without shape); the scope's, or
    glorot_uniform (zeros for integers and booleans), by default. regularizer: a function of the
    variable whose value is added to REGULARIZATION_LOSSES.

    Raises InvalidValue if the variable exists and is not to be reused, does not exist and is to be,
    or differs in shape or dtype from the one that is shared.
    """
    return _get(get_variable_scope(), name, shape, dtype, initializer, regularizer, trainable, collections,
                caching_device, partitioner, validate_shape, use_resource, custom_getter, constraint,
                synchronization, aggregation)


def get_local_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
                       regularizer: Any = None, trainable: bool = False, collections: Any = None,
                       caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True,
                       use_resource: bool | None = None, custom_getter: Any = None, constraint: Any = None,
                       synchronization: Any = VariableSynchronization.AUTO,
                       aggregation: Any = VariableAggregation.NONE) -> Any:
    """get_variable of a variable that is not trained, in LOCAL_VARIABLES (tf.get_local_variable)."""
    return get_variable(name, shape, dtype, initializer, regularizer, False,
                        [*(collections or ()), GraphKeys.LOCAL_VARIABLES], caching_device, partitioner,
                        validate_shape, use_resource, custom_getter, constraint, synchronization, aggregation)


def _get(scope: VariableScope, name: str, shape: Any, dtype: Any, initializer: Any, regularizer: Any,
         trainable: Any, collections: Any, caching_device: Any, partitioner: Any, validate_shape: bool,
         use_resource: Any, custom_getter: Any, constraint: Any, synchronization: Any, aggregation: Any) -> Any:
    if not isinstance(name, str):
        raise InvalidType(f"a variable's name is a string, not {said(name)}")
    getter = custom_getter or scope.custom_getter
    if getter is not None and not callable(getter):
        raise InvalidValue(f"a custom_getter is a function, not {said(getter)}")
    dtype = None if dtype is None else as_dtype(dtype)
    with name_scope(None):
        if dtype is not None and initializer is not None and not callable(initializer):
            with OfArgument("initializer"):
                found = convert_to_tensor(initializer).dtype.base_dtype
                if found is not dtype.base_dtype:
                    raise InvalidValue(f"variable {scope.full_name(name)}: the initializer is {found.name}, "
                                       f"but dtype is {dtype.base_dtype.name}")
        fields = {
            "shape": shape, "dtype": (dtype or scope.dtype).base_dtype,
            "initializer": scope.initializer if initializer is None else initializer,
            "regularizer": scope.regularizer if regularizer is None else regularizer,
            "reuse": scope.reuse, "trainable": trainable, "collections": collections,
            "caching_device": caching_device or scope.caching_device, "partitioner": partitioner or scope.partitioner,
            "validate_shape": validate_shape,
            "use_resource": scope.use_resource if use_resource is None else use_resource,
            "synchronization": synchronization, "aggregation": aggregation,
            "constraint": scope.constraint if constraint is None else constraint,
        }
        if trainable is None:
            fields["trainable"] = synchronization != VariableSynchronization.ON_READ
        full = scope.full_name(name)
        if getter is None:
            return _true_getter(full, **fields)
        if not _takes(getter, "constraint"):
            del fields["constraint"]
        return getter(getter=_true_getter, name=full, **fields)


def _takes(function: Any, argument: str, needed: bool = False) -> bool:
    parameters = inspect.signature(function).parameters
    if needed:
        return argument in parameters and parameters[argument].default is inspect.Parameter.empty
    return argument in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _true_getter(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                 reuse: Any = None, trainable: Any = None, collections: Any = None, caching_device: Any = None,
                 partitioner: Any = None, validate_shape: bool = True, use_resource: Any = None,
                 constraint: Any = None, synchronization: Any = None, aggregation: Any = None) -> Any:
    """What a custom getter calls: the variable in one piece or in parts."""
    from .partitioned import get_partitioned

    store = open_store()
    kind = as_dtype("float32" if dtype is None else dtype)
    rest = {"regularizer": regularizer, "trainable": trainable, "collections": collections,
            "caching_device": caching_device, "validate_shape": validate_shape, "use_resource": use_resource,
            "constraint": constraint, "synchronization": synchronization, "aggregation": aggregation}
    scalar = isinstance(shape, (list, tuple)) and not shape
    if partitioner is not None and not scalar or reuse is True and name in store.partitioned:
        with name_scope(None):
            return get_partitioned(_single, name, partitioner, shape, kind, initializer, reuse or False, **rest)
    if f"{name}/part_0" in store.declared:
        found = store.declared[f"{name}/part_0"]
        raise InvalidValue(f"variable {name} exists in parts, and no partitioner is given",
                           hint="with reuse=True it is shared without one",
                           notes=[(f"{name}/part_0 was made here", found.span)] if found.span is not None else [])
    return _single(name, shape=shape, dtype=dtype, initializer=initializer, reuse=reuse, **rest)


def _single(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
            reuse: Any = None, trainable: Any = None, collections: Any = None, caching_device: Any = None,
            validate_shape: bool = True, use_resource: Any = None, constraint: Any = None,
            synchronization: Any = None, aggregation: Any = None) -> Any:
    graph = get_default_graph()
    store = store_of(graph)
    from_value = initializer is not None and not callable(initializer)
    with OfArgument("shape"):
        if shape is not None and from_value:
            raise InvalidValue(f"variable {name}: an initializer that is a value has the shape; shape is given too",
                               hint=f"leave shape out, or use constant_initializer({_short(initializer)})")
        static = None if shape is None else as_shape(shape)
    kind = as_dtype("float32" if dtype is None else dtype)

    def known() -> list[str]:
        return [v.op.name for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES) if hasattr(v, "initializer")]

    shared = store.shared(name, static, kind, False if reuse is None else reuse, known)
    if shared is not None:
        return shared
    value: Any
    if from_value:
        value, wanted = initializer, None
    else:
        value, wanted = _initial(name, shape, static, kind, initializer)
    variable = Variable(value, trainable=trainable, collections=collections, validate_shape=validate_shape,
                        caching_device=caching_device, name=name, dtype=wanted, constraint=constraint,
                        synchronization=synchronization, aggregation=aggregation,
                        use_resource=resource_variables_enabled() if use_resource is None else use_resource,
                        shape=None if shape is None else static)
    store.declare(name, variable, graph.scopes.span)
    # sonnet passes an empty dict for none
    if regularizer:
        with OfArgument("regularizer"):
            regularize(graph, name, variable, regularizer)
    return variable


def _short(value: Any) -> str:
    text = "VALUE" if isinstance(value, (Tensor, Variable)) else repr(value)
    return text if len(text) <= 30 else "VALUE"


def _initial(name: str, shape: Any, static: Any, kind: DType, initializer: Any) -> tuple[Callable[[], Any], Any]:
    """A function that makes the initial value, and the dtype that it must have."""
    if initializer is None:
        if shape is None:
            raise InvalidValue(f"variable {name} has neither a shape nor an initial value",
                               hint="shape: [2, 3], or an initializer that is a value")
        initializer = default_initializer(name, kind)
    if inspect.isclass(initializer):
        with OfArgument("initializer"):
            initializer = _made_of_class(name, initializer)
    if inspect.isfunction(initializer) and _takes(initializer, "partition_info", needed=True):
        initializer = partial(initializer, partition_info=None)
    if static is not None and None not in static:
        return partial(_made, name, initializer, list(static), kind.base_dtype), kind.base_dtype
    if _needs_nothing(initializer):
        return initializer, None
    if shape is None:
        raise InvalidValue(f"variable {name} has no shape, and its initializer needs one",
                           hint="shape: [2, 3], or an initializer that is a value")
    with OfArgument("shape"):
        raise InvalidValue(f"variable {name} must have a known shape, not {show(static)}",
                           hint="get_variable(..., validate_shape=False) allows any, of an initializer that is a value")


def _made_of_class(name: str, initializer: type) -> Any:
    """An object of a class of initializers, for which there are no arguments here."""
    try:
        inspect.signature(initializer).bind()
    except TypeError as error:
        raise InvalidType(f"the initializer of {name}: the class {initializer.__name__!r} is called without arguments: "
                          f"{error}") from None
    return initializer()


def _made(name: str, initializer: Any, shape: list[int], dtype: DType) -> Any:
    try:
        return initializer(shape, dtype=dtype)
    except GraphError as error:
        if error.span is None:
            error.message = f"the initializer of {name}: {error.message}"
        raise


def _needs_nothing(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def default_initializer(name: str, kind: DType) -> Any:
    from .initializers import Zeros
    from .initializers_scaled import GlorotUniform

    if kind.is_floating:
        return GlorotUniform()
    if kind.is_integer or kind.is_bool or kind.kind == "S":
        return Zeros()
    raise InvalidValue(f"variable {name} of {kind.name} needs an initializer")

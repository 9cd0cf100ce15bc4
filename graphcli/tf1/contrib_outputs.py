"""What the layers of tf.contrib keep in collections, and how they read their arguments (tf.contrib.layers.utils)."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.collections import GraphKeys
from .contrib_variables import add_model_variable, model_variable
from .framework import add_to_collection, add_to_collections, get_collection, get_default_graph
from .modules import modules
from .partitioned import PartitionedVariable

EXPORTS = """
contrib.layers.utils contrib.slim.utils: collect_named_outputs append_tensor_alias gather_tensors_aliases
contrib.layers.utils contrib.slim.utils: get_tensor_aliases convert_collection_to_dict get_variable_collections
contrib.layers.utils contrib.slim.utils: constant_value smart_cond static_cond channel_dimension last_dimension
contrib.layers.utils contrib.slim.utils: two_element_tuple n_positive_integers
"""

tf = modules["tf"]


def append_tensor_alias(tensor: Any, alias: str) -> Any:
    """Gives a tensor one more name; returns it."""
    tensor.aliases = [*getattr(tensor, "aliases", ()), alias.removesuffix("/")]
    return tensor


def collect_named_outputs(collections: Any, alias: str, outputs: Any) -> Any:
    """Puts a tensor, under a name, into collections; returns it."""
    if collections:
        append_tensor_alias(outputs, alias)
        add_to_collections(collections, outputs)
    return outputs


def get_tensor_aliases(tensor: Any) -> list[str]:
    """The names that a tensor was given, else its own."""
    return getattr(tensor, "aliases", None) or [tensor.name.removesuffix(":0")]


def gather_tensors_aliases(tensors: Any) -> list[str]:
    """The names of all tensors."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


def convert_collection_to_dict(collection: str, clear_collection: bool = False) -> OrderedDict[str, Any]:
    """The tensors of a collection by their names; ``clear_collection`` empties it."""
    found = OrderedDict((alias, tensor) for tensor in get_collection(collection)
                        for alias in get_tensor_aliases(tensor))
    if clear_collection:
        get_default_graph().get_collection_ref(collection).clear()
    return found


def get_variable_collections(variables_collections: Any, name: str) -> Any:
    """The collections of the variable ``name``: by its name in a dict, else the same for all."""
    if isinstance(variables_collections, dict):
        return variables_collections.get(name)
    return variables_collections


def variable_getter(**renamed: str) -> Callable[..., Any]:
    """A custom getter that makes variables of the model, under other names: ``kernel="weights"``."""

    def get(getter: Callable[..., Any], name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
            regularizer: Any = None, trainable: bool = True, collections: Any = None, caching_device: Any = None,
            partitioner: Any = None, use_resource: bool | None = None, **more: Any) -> Any:
        path, slash, last = name.rpartition("/")
        return model_variable(
            f"{path}{slash}{renamed.get(last, last)}", shape=shape, dtype=dtype, initializer=initializer,
            regularizer=regularizer, collections=collections, trainable=trainable, caching_device=caching_device,
            partitioner=partitioner, custom_getter=getter, use_resource=use_resource,
            **{key: more[key] for key in ("synchronization", "aggregation") if key in more})

    return get


def keep_variable(variable: Any, collections_set: Any, collections_name: str) -> None:
    """Puts a layer's variable, or its parts, into the collections for its name and into MODEL_VARIABLES."""
    collections = get_variable_collections(collections_set, collections_name) or []
    parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
    for collection in dict.fromkeys(list(collections)):
        if collection == GraphKeys.MODEL_VARIABLES:
            for part in parts:
                add_model_variable(part)
        else:
            for part in parts:
                if not any(part is other for other in get_collection(collection)):
                    add_to_collection(collection, part)


def constant_value(value_or_tensor_or_var: Any, dtype: Any = None) -> Any:
    """The truth of a condition where it is known, else None."""
    from .layers import known

    return None if value_or_tensor_or_var is None else known(value_or_tensor_or_var)


def smart_cond(pred: Any, fn1: Callable[[], Any], fn2: Callable[[], Any], name: str | None = None) -> Any:
    """tf.cond, decided at once where the condition is known."""
    value = constant_value(pred)
    if value is None:
        return tf.cond(pred, true_fn=fn1, false_fn=fn2, name=name)
    return fn1() if value else fn2()


def static_cond(pred: Any, fn1: Callable[[], Any], fn2: Callable[[], Any]) -> Any:
    """What one of two functions gives, by a condition of Python."""
    for name, function in (("fn1", fn1), ("fn2", fn2)):
        if not callable(function):
            raise InvalidType(f"{name} is a function, not {said(function)}")
    return fn1() if pred else fn2()


def channel_dimension(shape: Any, data_format: str, min_rank: int = 1) -> int:
    """The size of the channels. Raises InvalidValue where it is not known, or the rank is too small."""
    return _size_at(shape, 1 if data_format == "NCHW" else -1, min_rank)


def last_dimension(shape: Any, min_rank: int = 1) -> int:
    """The last size. Raises InvalidValue where it is not known, or the rank is too small."""
    return _size_at(shape, -1, min_rank)


def _size_at(shape: Any, at: int, min_rank: int) -> int:
    rank = shape.rank
    if rank is None:
        raise InvalidValue("the rank of the input must be known")
    if rank < min_rank:
        raise InvalidValue(f"the input has rank {min_rank} at least, not {rank}")
    size = shape.as_list()[at]
    if size is None:
        raise InvalidValue(f"the size of axis {at} of the input must be known, not {shape}")
    return int(size)


def two_element_tuple(int_or_tuple: Any) -> tuple[int, int]:
    """Two whole numbers of one or two. Raises InvalidValue for anything else."""
    if isinstance(int_or_tuple, (list, tuple)):
        if len(int_or_tuple) != 2:
            raise InvalidValue(f"a whole number or two of them, not {said(int_or_tuple)}")
        return int(int_or_tuple[0]), int(int_or_tuple[1])
    if isinstance(int_or_tuple, int):
        return int_or_tuple, int_or_tuple
    if hasattr(int_or_tuple, "as_list") and len(int_or_tuple) == 2:
        return tuple(int_or_tuple.as_list())
    raise InvalidValue(f"a whole number or two of them, not {said(int_or_tuple)}")


def n_positive_integers(n: int, value: Any) -> tuple[int, ...]:
    """``n`` whole numbers above 0; one stands for all. Raises InvalidValue for anything else."""
    items = (value,) * n if isinstance(value, int) else tuple(value) if hasattr(value, "__iter__") else ()
    if len(items) != n or not all(isinstance(v, int) and v > 0 for v in items):
        raise InvalidValue(f"{n} whole numbers above 0, not {said(value)}")
    return items

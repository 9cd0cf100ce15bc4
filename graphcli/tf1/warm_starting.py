"""Variables that begin as another model's (tf.train.warm_start)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..errors import InvalidValue, NotSupported, said
from ..graph.collections import GraphKeys
from ..graph.variables import store_of
from . import logging
from .checkpoint_init import init_from_checkpoint
from .error_names import AbortedError
from .framework import get_collection, get_default_graph

EXPORTS = """
train: warm_start VocabInfo basic_train_loop
"""


class VocabInfo(NamedTuple):
    """Which rows of a variable are which words, now and in the checkpoint (tf.train.VocabInfo)."""

    new_vocab: str
    new_vocab_size: int
    num_oov_buckets: int
    old_vocab: str
    old_vocab_size: int = -1
    backup_initializer: Any = None
    axis: int = 0


def _chosen(which: Any) -> list[Any]:
    """Variables by a pattern of their names, by several, or as they are given."""
    if which is None or isinstance(which, str):
        return list(get_collection(GraphKeys.TRAINABLE_VARIABLES, scope=which))
    if isinstance(which, list) and all(isinstance(v, str) for v in which):
        return [v for scope in which for v in get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope)]
    if isinstance(which, list) and all(hasattr(v, "_ref") or hasattr(v, "_get_variable_list") for v in which):
        return list(which)
    raise InvalidValue(f"vars_to_warm_start is a pattern, a list of them or a list of variables, not {said(which)}")


def _name(variable: Any) -> str:
    info = getattr(variable, "_save_slice_info", None)
    return str(variable.name).removesuffix(":0") if info is None else str(info.full_name)


def warm_start(ckpt_to_initialize_from: str, vars_to_warm_start: Any = ".*",
               var_name_to_vocab_info: Mapping[str, VocabInfo] | None = None,
               var_name_to_prev_var_name: Mapping[str, str] | None = None) -> None:
    """From here on the initializers of variables restore them from a checkpoint (tf.train.warm_start).

    vars_to_warm_start: a pattern of names of trainable variables, a list of patterns of all, a list of variables, or
    None. var_name_to_prev_var_name: their names in the checkpoint, where others. Raises InvalidValue for a name that is
    none of theirs and as init_from_checkpoint does, NotSupported for variables whose words are others.
    """
    logging.info(f"Warm-starting from: {ckpt_to_initialize_from}")
    grouped: dict[str, Any] = {}
    partitioned = store_of(get_default_graph()).partitioned
    for variable in _chosen(vars_to_warm_start):
        grouped.setdefault(_name(variable), variable)
    before = var_name_to_prev_var_name or {}
    if any(name in grouped for name in var_name_to_vocab_info or {}):
        raise NotSupported("variables whose rows are words of another vocabulary are not warm-started here")
    if vars_to_warm_start:
        init_from_checkpoint(ckpt_to_initialize_from, {
            before.get(name) or name: partitioned.get(name, variable) for name, variable in grouped.items()})
    logging.info(f"Warm-started {len(grouped) if vars_to_warm_start else 0} variables.")
    for what, names in (("var_name_to_prev_var_name", before), ("var_name_to_vocab_info", var_name_to_vocab_info)):
        if unused := sorted(set(names or {}) - set(grouped)):
            raise InvalidValue(f"{what} names {', '.join(unused)}, which is not warm-started; the variables are "
                               f"{', '.join(grouped)}")


def basic_train_loop(supervisor: Any, train_step_fn: Callable[..., Any], args: Any = None, kwargs: Any = None,
                     master: str = "") -> None:
    """``train_step_fn(session, *args, **kwargs)`` until the supervisor stops (tf.train.basic_train_loop)."""
    while True:
        try:
            with supervisor.managed_session(master) as session:
                while not supervisor.should_stop():
                    train_step_fn(session, *(args or ()), **(kwargs or {}))
            return
        except AbortedError:
            continue

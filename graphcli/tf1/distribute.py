"""The strategy that there is without one (tf.distribute): one replica, one process; code that asks for it runs."""
from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from .framework import colocate_with
from .modules import modules

EXPORTS = """
distribute: has_strategy get_strategy get_replica_context in_cross_replica_context ReplicaContext ReduceOp
python.tpu.tpu_function: get_tpu_context TpuContext
"""

tf = modules["tf"]


class ReduceOp(enum.Enum):
    """How values of several replicas become one (tf.distribute.ReduceOp)."""

    SUM = "SUM"
    MEAN = "MEAN"


class ReplicaContext:
    """The one replica (tf.distribute.ReplicaContext)."""

    num_replicas_in_sync, replica_id_in_sync_group, devices = 1, 0, ("",)

    @property
    def strategy(self) -> DefaultStrategy:
        return STRATEGY

    def merge_call(self, merge_fn: Callable[..., Any], args: Sequence[Any] = (),
                   kwargs: Mapping[str, Any] | None = None) -> Any:
        """What ``merge_fn(strategy, *args, **kwargs)`` gives."""
        return merge_fn(STRATEGY, *args, **(kwargs or {}))

    def all_reduce(self, reduce_op: Any, value: Any) -> Any:
        """The same values: there are no others to add."""
        return tf.contrib.framework.nest.map_structure(tf.identity, value)


class _Extended:
    """What libraries ask of a strategy."""

    worker_devices = parameter_devices = ("",)
    experimental_between_graph, experimental_should_init = False, True
    should_checkpoint = should_save_summary = True

    def colocate_vars_with(self, colocate_with_variable: Any) -> Any:
        return colocate_with(colocate_with_variable)

    def call_for_each_replica(self, fn: Callable[..., Any], args: Sequence[Any] = (),
                              kwargs: Mapping[str, Any] | None = None) -> Any:
        return fn(*args, **(kwargs or {}))

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any) -> Any:
        return value

    def update(self, var: Any, fn: Callable[..., Any], args: Sequence[Any] = (),
               kwargs: Mapping[str, Any] | None = None, group: bool = True) -> Any:
        with colocate_with(var.op):
            return fn(var, *args, **(kwargs or {}))

    def read_var(self, replica_local_var: Any) -> Any:
        return tf.identity(replica_local_var)


class DefaultStrategy:
    """One replica (tf.distribute.get_strategy)."""

    num_replicas_in_sync = 1

    @cached_property
    def extended(self) -> _Extended:
        return _Extended()

    @contextmanager
    def scope(self) -> Iterator[DefaultStrategy]:
        yield self

    def experimental_run_v2(self, fn: Callable[..., Any], args: Sequence[Any] = (),
                            kwargs: Mapping[str, Any] | None = None) -> Any:
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        """The value, or its sum or mean over an axis."""
        if axis is None:
            return tf.identity(value)
        mean = getattr(reduce_op, "value", reduce_op) == "MEAN"
        return (tf.reduce_mean if mean else tf.reduce_sum)(value, axis)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        return (value,)

    unwrap = experimental_local_results

    def group(self, value: Any, name: str | None = None) -> Any:
        return tf.group(value, name=name)


STRATEGY = DefaultStrategy()
_REPLICA = ReplicaContext()


def has_strategy() -> bool:
    """False: there is the default one only (tf.distribute.has_strategy)."""
    return False


def get_strategy() -> DefaultStrategy:
    return STRATEGY


def get_replica_context() -> ReplicaContext:
    return _REPLICA


def in_cross_replica_context() -> bool:
    return False


class TpuContext:
    """Into how many shards a model goes: it is not told without TPUs (tpu_function.TpuContext)."""

    def __init__(self) -> None:
        self.number_of_shards: int | None = None

    def set_number_of_shards(self, number_of_shards: int | None) -> None:
        self.number_of_shards = number_of_shards


_TPU = TpuContext()


def get_tpu_context() -> TpuContext:
    return _TPU

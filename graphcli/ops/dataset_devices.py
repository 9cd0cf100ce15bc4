"""Datasets whose elements are dealt to several devices, and what only says how elements are made (tf.data)."""
from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from ..errors import FailedPrecondition, InvalidArgument, OutOfRange
from ..graph.inference import scalar_shape
from ._datasets import OUTPUTS, Dataset, Element, dataset_op
from ._listed import listed_op, unknown
from ._older import older
from ._shared import shared
from .dataset_order import same

CPU_ONLY = True
_CPU = b"/job:localhost/replica:0/task:0/device:CPU:0"


class Dealer:
    """What the handle stands for in a session: the elements of a dataset, each for the next of the devices in turn."""

    def __init__(self, name: str, devices: int) -> None:
        self.name = name
        self.devices = devices
        self.beginnings = 0
        self.lock = threading.Lock()
        self.rows: Iterator[Element] | None = None
        self.dealt: list[deque[Element]] = []
        self.turn = 0

    def begin(self, rows: Dataset) -> int:
        """How often it has begun."""
        with self.lock:
            self.rows, self.turn = iter(rows), 0
            self.dealt = [deque() for _ in range(self.devices)]
            self.beginnings += 1
            return self.beginnings

    def next(self, device: int, beginning: int) -> Element:
        """The next element of a device. Raises OutOfRange after the last one, InvalidArgument of another beginning."""
        with self.lock:
            if self.rows is None:
                raise FailedPrecondition("GetNext() failed because the iterator has not been initialized.")
            if beginning != self.beginnings or not 0 <= device < self.devices:
                raise InvalidArgument(f"Invalid incarnation id or shard: {beginning} and {device}, of "
                                      f"{self.beginnings} and {self.devices}")
            mine = self.dealt[device]
            while not mine:
                element = next(self.rows, None)
                if element is None:
                    raise OutOfRange("End of sequence")
                self.dealt[self.turn].append(element)
                self.turn = (self.turn + 1) % self.devices
            return mine.popleft()


_op = partial(listed_op, __name__, stateful=True, infer=scalar_shape)


def _held(n: Any) -> Dealer:
    found: Dealer = shared(n, "MultiDeviceIterator", lambda: Dealer(
        n.attrs["shared_name"] or n.node.name, len(n.attrs["devices"])))
    n.state.resource(f"MultiDeviceIterator of {found.name}", lambda: found)
    return found


def _handle(n: Any) -> Any:
    held = _held(n)
    return lambda: held


def _fresh(n: Any) -> Any:
    def made() -> Any:
        found = Dealer(n.node.name, len(n.attrs["devices"]))
        return [found, found]

    return made


def _get(n: Any) -> Any:
    kinds = n.attrs["output_types"]

    def get(held: Dealer, device: Any, beginning: Any) -> Any:
        element = held.next(int(device), int(beginning))
        return [c if k.name == "variant" else np.asarray(c, k.as_numpy_dtype) for c, k in zip(element, kinds)]

    return get


def _named(n: Any) -> Any:
    def find(name: Any) -> Dealer:
        text = np.asarray(name, object).item()
        text = text.decode(errors="replace") if isinstance(text, bytes) else text

        def nothing() -> Any:
            raise InvalidArgument(f"{text!r} is the handle of no iterator of this session")

        found: Dealer = n.state.resource(f"MultiDeviceIterator of {text}", nothing)
        return found

    return find


def _forget(n: Any) -> Any:
    def forget(held: Dealer, iterators: Any, deleter: Any) -> None:
        held.rows = None

    return forget


def _token(n: Any) -> Any:
    held = shared(n, n.node.type, object)
    return lambda: held


_DEALT = f"devices: list(string) >= 1; {OUTPUTS}"
_op("MultiDeviceIterator", "An iterator whose elements are dealt to devices in turn.", " -> handle: resource", _handle,
    f"shared_name: string; container: string; {_DEALT}")
_op("AnonymousMultiDeviceIterator", "The same, without a name.", " -> handle: resource, deleter: variant", _fresh,
    _DEALT, infer=lambda n: [(), ()])
_op("MultiDeviceIteratorInit", "Lets it begin with the elements of a dataset.",
    "dataset: variant, multi_device_iterator: resource, max_buffer_size: int64 -> incarnation_id: int64",
    lambda n: lambda rows, held, size: np.asarray(held.begin(rows), np.int64))
_op("MultiDeviceIteratorGetNextFromShard", "The next element of a device; out of range after the last one.",
    "multi_device_iterator: resource, shard_num: int32, incarnation_id: int64 -> components: list(output_types)", _get,
    OUTPUTS, infer=lambda n, *inputs: list(n.attrs["output_shapes"]))
_op("MultiDeviceIteratorToStringHandle", "Its name as a string.",
    "multi_device_iterator: resource -> string_handle: string",
    lambda n: lambda held: np.asarray(held.name.encode(), object))
_op("MultiDeviceIteratorFromStringHandle", "The iterator that a string names.",
    "string_handle: string -> multi_device_iterator: resource", _named,
    "output_types: list(type) = []; output_shapes: list(shape) = []")
_op("DeleteMultiDeviceIterator", "Lets it forget where it stood.",
    "multi_device_iterator: resource, iterators: N*resource, deleter: variant -> ", _forget, "N: int >= 0",
    infer=unknown)
_op("IteratorGetDevice", "The device of an iterator.", "resource: resource -> device: string",
    lambda n: lambda held: np.asarray(_CPU, object))
_op("ThreadPoolHandle", "Threads for datasets, which are not used.", " -> handle: resource", _token,
    "num_threads: int; max_intra_op_parallelism: int = 1; display_name: string; container: string = ''; "
    "shared_name: string = ''")
_op("StatsAggregatorHandle", "Statistics of datasets, which are not kept.", " -> handle: resource", _token,
    "container: string = ''; shared_name: string = ''")
_op("StatsAggregatorSummary", "A summary of no statistics.", "iterator: resource -> summary: string",
    lambda n: lambda held: np.asarray(b"", object))
dataset_op("ThreadPoolDataset", "The elements as they are, whatever threads make them.",
           "input_dataset: variant, thread_pool: resource", OUTPUTS, same, __name__)
dataset_op("SetStatsAggregatorDataset", "The elements as they are; no statistics are kept.",
           "input_dataset: variant, stats_aggregator: resource, tag: string, counter_prefix: string", OUTPUTS, same,
           __name__)
dataset_op("ChooseFastestDataset", "The elements of the first of datasets that have the same ones.",
           "input_datasets: N*variant", f"N: int >= 2; num_experiments: int; {OUTPUTS}",
           lambda n: lambda some: some[0], __name__)
for _name in ("ThreadPoolHandle", "StatsAggregatorHandle", "StatsAggregatorSummary", "ThreadPoolDataset",
              "SetStatsAggregatorDataset", "ChooseFastestDataset", "IteratorGetDevice"):
    older(__name__, f"Experimental{_name}", _name)
older(__name__, "StatsAggregatorHandleV2", "StatsAggregatorHandle")
for _name in ("Wrap", "Unwrap"):
    _op(f"{_name}DatasetVariant", "The same dataset.", "input_handle: variant -> output_handle: variant",
        lambda n: lambda rows: rows)

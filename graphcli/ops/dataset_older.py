"""Datasets as graphs of TensorFlow 1.15 and before have them: older names and forms of the ops of others, and what
says how the elements are made, not which (tf.data)."""
from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from ._bodies import Body
from ._datasets import METADATA, OUTPUTS, Dataset, Element, dataset_op, each, kept, of
from ._older import older
from .checkpoint import path_of
from .dataset_chance import Words, seeds_of
from .dataset_order import batch, padded_batch, same, stacked
from .dataset_windows import windows
from .files import matches

CPU_ONLY = True
BLAS = True  # what is called may
_ONE = "input_dataset: variant"
_CALLED = "input_dataset: variant, other_arguments: list(Targuments)"


def _sliding(n: Any) -> Any:
    made = windows(n, stacked)
    return lambda rows, size, shift, stride: made(rows, size, shift, stride, n.attrs.get("drop_remainder", True))


def _sampled(n: Any) -> Any:
    def made(rows: Any, rate: Any, seed: Any, seed2: Any) -> Dataset:
        seeds = seeds_of(seed, seed2)

        def start() -> Iterator[Element]:
            word, taken = Words(*seeds), iter(rows)

            def more() -> Element:
                while True:
                    element: Element = next(taken)
                    # the first 23 bits as a float in [0, 1)
                    if (word() & 0x7fffff) / 2**23 < float(rate):
                        return element

            return each(more)

        return Dataset(start)

    return made


def _group_by_reducer(n: Any) -> Any:
    def made(rows: Any, *captured: Any) -> Dataset:
        others, first = [], 1
        for given in captured:
            others.append(kept(n, given, first))
            first += len(given)

        def start() -> Iterator[Element]:
            key_of, begin, reduce, end = (Body(n, n.attrs[f"{k}_func"]) for k in ("key", "init", "reduce", "finalize"))
            states: dict[int, Any] = {}
            for element in rows:
                key = int(of(key_of, element, others[0])[0])
                if key not in states:
                    states[key] = of(begin, (np.asarray(key, np.int64),), others[1])
                states[key] = of(reduce, (*states[key], *element), others[2])
            for key in sorted(states):
                yield tuple(of(end, tuple(states[key]), others[3]))

        return Dataset(start)

    return made


def _matching_files(n: Any) -> Any:
    def made(patterns: Any) -> Dataset:
        names = [path_of(n, one, reading=True) for one in np.asarray(patterns, object).reshape(-1)]

        def start() -> Iterator[Element]:
            for name in names:
                for found in sorted(matches(name)):
                    yield (np.asarray(os.fsencode(found), object),)

        return Dataset(start)

    return made


def _sleep(n: Any) -> Any:
    def made(rows: Any, microseconds: Any) -> Dataset:
        def start() -> Iterator[Element]:
            for element in rows:
                time.sleep(max(0, int(microseconds)) / 1e6)
                yield element

        return Dataset(start, rows.many)

    return made


for _name, _doc, _inputs, _attrs, _kernel in (
        ("OptimizeDataset", "The elements as they are: no graph of datasets is rewritten.", "optimizations: string",
         f"{OUTPUTS}; optimization_configs: list(string) = []", same),
        ("ModelDataset", "The elements as they are: nothing is tuned.", "",
         f"algorithm: int = 0; cpu_budget: int = 0; ram_budget: int = 0; {OUTPUTS}", same),
        ("BatchDataset", "Elements side by side (batch).", "batch_size: int64", f"{OUTPUTS}; {METADATA}", batch),
        ("PaddedBatchDataset", "Elements side by side, filled up to one shape (padded_batch).",
         "batch_size: int64, padded_shapes: N*int64, padding_values: list(Toutput_types)",
         f"Toutput_types: list(type) >= 1; output_shapes: list(shape) >= 1; N: int >= 1; {METADATA}", padded_batch)):
    dataset_op(_name, _doc, f"{_ONE}, {_inputs}" if _inputs else _ONE, _attrs, _kernel, __name__)

_REDUCED = ("key", "init", "reduce", "finalize")
for _name, _doc, _inputs, _attrs, _kernel in (
        ("MaxIntraOpParallelism", "The elements as they are, whatever threads make them.",
         "max_intra_op_parallelism: int64", OUTPUTS, same),
        ("PrivateThreadPool", "The elements as they are, whatever threads make them.", "num_threads: int64", OUTPUTS,
         same),
        ("NonSerializable", "The elements as they are.", "", OUTPUTS, same),
        ("AssertNext", "The elements as they are: what comes next is not looked at.", "transformations: string",
         OUTPUTS, same),
        ("BytesProducedStats", "The elements as they are; no statistics are kept.", "tag: string", OUTPUTS, same),
        ("LatencyStats", "The elements as they are; no statistics are kept.", "tag: string", OUTPUTS, same),
        ("Sleep", "The elements, each after a while.", "sleep_microseconds: int64", OUTPUTS, _sleep),
        ("SlidingWindow", "Windows of elements side by side (sliding_window_batch).",
         "window_size: int64, window_shift: int64, window_stride: int64", f"drop_remainder: bool = True; {OUTPUTS}",
         _sliding),
        ("GroupByReducer", "What functions make of all elements with one key (group_by_reducer).",
         ", ".join(f"{k}_func_other_arguments: list(T{k}_func_other_arguments)" for k in _REDUCED),
         "; ".join([*(f"{k}_func: func" for k in _REDUCED),
                    *(f"T{k}_func_other_arguments: list(type) >= 0" for k in _REDUCED), OUTPUTS]),
         _group_by_reducer)):
    dataset_op(f"{_name}Dataset", _doc, f"{_ONE}, {_inputs}" if _inputs else _ONE, _attrs, _kernel, __name__)
    older(__name__, f"Experimental{_name}Dataset", f"{_name}Dataset",
          without="drop_remainder" if _name == "SlidingWindow" else "")

dataset_op("SamplingDataset", "Elements by chance (sampled by a rate).",
           f"{_ONE}, rate: float32, seed: int64, seed2: int64", OUTPUTS, _sampled)
dataset_op("MatchingFilesDataset", "The names of the files that match patterns.", "patterns: string", "",
           _matching_files)
older(__name__, "ExperimentalMatchingFilesDataset", "MatchingFilesDataset")

for _name, _of, _inputs, _without, _more in (
        ("FixedLengthRecordDataset", "FixedLengthRecordDatasetV2",
         "filenames: string, header_bytes: int64, record_bytes: int64, footer_bytes: int64, buffer_size: int64", "",
         ""),
        ("ParallelMapDataset", "ParallelMapDatasetV2", f"{_CALLED}, num_parallel_calls: int32",
         "deterministic use_unbounded_threadpool", "sloppy: bool = False"),
        ("ParallelInterleaveDataset", "LegacyParallelInterleaveDatasetV2",
         f"{_CALLED}, cycle_length: int64, block_length: int64, sloppy: bool, buffer_output_elements: int64, "
         "prefetch_input_elements: int64", "deterministic", ""),
        ("ExperimentalParallelInterleaveDataset", "ParallelInterleaveDataset", "", "metadata", ""),
        ("ParallelInterleaveDatasetV2", "LegacyParallelInterleaveDatasetV2",
         f"{_CALLED}, cycle_length: int64, block_length: int64, num_parallel_calls: int64", "deterministic",
         "sloppy: bool = False"),
        ("CSVDataset", "CSVDatasetV2",
         "filenames: string, compression_type: string, buffer_size: int64, header: bool, field_delim: string, "
         "use_quote_delim: bool, na_value: string, select_cols: int64, record_defaults: list(output_types)", "", ""),
        ("ExperimentalCSVDataset", "CSVDataset", "", "", ""),
        ("ParseExampleDataset", "ParseExampleDatasetV2", "", "deterministic", "sloppy: bool = False"),
        ("ExperimentalParseExampleDataset", "ParseExampleDataset", "",
         "ragged_keys ragged_value_types ragged_split_types", "")):
    older(__name__, _name, _of, signature=f"{_inputs} -> handle: variant" if _inputs else "", without=_without,
          more=_more)

for _name in ("DenseToSparseBatch", "DirectedInterleave", "GroupByWindow", "IgnoreErrors", "MapAndBatch", "Map",
              "Random", "Scan", "TakeWhile", "Unbatch", "Unique"):
    older(__name__, f"Experimental{_name}Dataset", f"{_name}Dataset",
          without="metadata stop_on_empty_dataset use_default_device")
older(__name__, "ExperimentalDatasetCardinality", "DatasetCardinality", without="cardinality_options")

"""tf.train.Example messages as arrays."""
from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.shapes import Static, show
from . import _examples_at_once as at_once
from ._sparse import columns, side_by_side

SOME, BYTES = 1 << 9, 1 << 18
"""Messages, and their bytes, that are read at a time."""
FEW = 1 << 5
"""Messages from which on they are read at once."""
TYPES = "list({float32, int64, string})"
LISTS = {"int64": "int64_list", "float32": "float_list", "string": "bytes_list"}
KINDS = {"int64_list": "int64", "float_list": "float", "bytes_list": "string"}
"""What TensorFlow calls the dtypes."""


class Unread(RunError):
    """Bytes that are no message."""


def parsed(kind: str, texts: list[bytes], names: list[bytes]) -> list[tuple[str, Any]]:
    """(its name in messages to people, the message itself) of each serialized Example or SequenceExample."""
    from google.protobuf.message import DecodeError

    from ..wire.messages import message

    made = message(kind)
    out = []
    for i, text in enumerate(texts):
        try:
            example = made.FromString(text)
        except DecodeError:
            shown = text[:60].decode(errors="replace") + ("..." if len(text) > 60 else "")
            raise Unread(f"Could not parse example input, value: {shown!r}") from None
        out.append((called(names, i), example))
    return out


def called(names: list[bytes], i: int) -> str:
    """A message's name in messages to people."""
    return names[i].decode(errors="replace") if names and names[i] else "<unknown>"


def array_of(feature: Any, kind: Any, name: str, key: str, at: int) -> Any:
    """The values of a feature; None where it has no kind."""
    found = feature.WhichOneof("kind")
    if found is None:
        return None
    if found != LISTS[kind.name]:
        raise RunError(f"Name: {name}, Key: {key}, Index: {at}.  Data types don't match. Data type: {KINDS[found]} but "
                       f"expected type: {KINDS[LISTS[kind.name]]}")
    values = getattr(feature, found).value
    if kind.kind != "S":
        return np.array(values, kind.as_numpy_dtype)
    out = np.empty(len(values), object)
    out[:] = list(values)
    return out


def values_of(features: Any, key: str, kind: Any, name: str, at: int) -> Any:
    """The values of the feature ``key``; None where there are none."""
    return array_of(features[key], kind, name, key, at) if key in features else None


Rows = tuple[Any, Any, Any]
"""The values of a feature of some messages one after the other, how many each has, and which have the feature."""


def rows_of(examples: list[Any], key: str, kind: Any, first: int = 0) -> Rows:
    """A feature of messages. first: the number of the first."""
    found = [values_of(features, key, kind, name, i) for i, (name, features) in enumerate(examples, first)]
    return *_in_one(found, kind), np.array([row is not None for row in found], bool)


def rows_at_once(texts: list[bytes], wanted: list[tuple[str, Any]]) -> list[Rows] | None:
    """Features of serialized Examples; None where protobuf has to look at them. wanted: their keys and dtypes."""
    numbers = {key: i for i, key in enumerate(dict.fromkeys(key.encode() for key, _ in wanted))}
    text = b"".join(texts)
    try:
        begins, lists = at_once.places(text, np.array([*map(len, texts)], np.int64).cumsum(), numbers)
        out = []
        for key, kind in wanted:
            i = numbers[key.encode()]
            there = begins[i] > 0
            if (begins[i][there] != at_once.LISTS[kind.kind]).any():
                return None
            out.append((*at_once.values(text, lists[:, i], kind), there))
        return out
    except at_once.Other:
        return None


def rows_read(texts: list[bytes], names: list[bytes], wanted: list[tuple[str, Any]], first: int) -> list[Rows]:
    """Features of serialized Examples. first: the number of the first one.

    As in TensorFlow, features that nobody asks for may be no messages.
    """
    found = rows_at_once(texts, wanted) if len(texts) >= FEW else None
    if found is not None:
        return found
    try:
        examples = [(name, example.features.feature) for name, example in parsed("Example", texts, names)]
    except Unread:
        if len(texts) > 1:
            alone = [rows_read(texts[i:i + 1], names[i:i + 1], wanted, first + i) for i in range(len(texts))]
            return [(*map(np.concatenate, zip(*each)),) for each in zip(*alone)]  # type: ignore[misc]
        found = rows_at_once(texts, wanted)
        if found is None:
            raise
        return found
    return [rows_of(examples, key, kind, first) for key, kind in wanted]


def pieces(texts: list[bytes]) -> Iterator[slice]:
    """Messages that are read at a time; one piece where there are none."""
    for i in range(0, max(1, len(texts)), SOME):
        some = texts[i:i + SOME]
        step = max(1, len(some) * BYTES // max(BYTES, sum(map(len, some))))
        for j in range(i, i + max(1, len(some)), step):
            yield slice(j, min(j + step, i + SOME))


def _in_one(rows: list[Any], kind: Any) -> tuple[Any, Any]:
    """Vectors, or None for empty ones, one after the other, and their lengths. The list is empty then."""
    lengths = np.array([0 if row is None else len(row) for row in rows], np.int64)
    return joined([row for row in rows if row is not None] or [np.empty(0, kind.as_numpy_dtype)]), lengths


def joined(parts: list[Any]) -> Any:
    """Arrays one after the other; each is given back when it is there."""
    if len(parts) == 1:
        return parts.pop()
    end = sum(map(len, parts))
    out = np.empty((end, *parts[0].shape[1:]), parts[0].dtype)
    while parts:
        part = parts.pop()
        out[end - len(part):end] = part
        end -= len(part)
    return out


def sparse_of(values: Any, counts: Any, alone: bool) -> tuple[Any, Any, Any]:
    """Rows of so many values as a sparse tensor."""
    if alone:
        return np.arange(len(values))[:, None], values, counts
    return side_by_side(counts), values, np.array([len(counts), counts.max(initial=0)], np.int64)


def dense_of(rows: Rows, names: list[bytes], key: str, kind: Any, shape: Any, default: Any, alone: bool, first: int = 0
             ) -> Any:
    """A feature of one shape; where its first size is not known, the longest of them. first: the number of the first
    row. names: of the messages, or empty."""
    values, counts, there = rows
    said = KINDS[LISTS[kind.name]]
    varies = bool(shape) and shape[0] is None
    step = prod(s for s in shape if s is not None)
    lengths = counts if varies else np.where(there, counts, default.size)
    wrong = lengths % step > 0 if varies and step else lengths != step
    if wrong.any():
        i = int(np.argmax(wrong))
        name = called(names, i)
        if not varies and not there[i] and not default.size:
            raise RunError(f"Name: {name}, Feature: {key} (data type: {said}) is required but could not be found.")
        what = f"is not a multiple of stride length. Saw {lengths[i]} values but output shape is" if varies else \
            f"!= expected.  Values size: {lengths[i]} but output shape"
        shown = ",".join("?" if s is None else str(s) for s in shape)
        raise RunError(f"Name: {name}, Key: {key}, Index: {first + i}.  Number of {said} values {what}: [{shown}]")
    many = len(counts)
    longest = int(counts.max(initial=0)) if varies else step
    if (counts == longest).all():
        out = values
    else:
        out = np.empty((many, longest), kind.as_numpy_dtype)
        if varies:
            has = np.arange(longest) < counts[:, None]
            out[has] = values
            out[~has] = _filler(kind, default)
        else:
            out[there] = values.reshape(-1, step)
            out[~there] = default.reshape(-1)
    sizes = ((longest // step if step else 0), *shape[1:]) if varies else shape
    return out.reshape(sizes) if alone else out.reshape(many, *sizes)


def _filler(kind: Any, default: Any) -> Any:
    """What stands behind a feature that is shorter than the longest."""
    return default.reshape(-1)[:1] if default.size else b"" if kind.kind == "S" else 0


def dense_in_one(parts: list[Any], kind: Any, shape: Any, default: Any) -> Any:
    """What ``dense_of`` has made of some messages at a time."""
    if not shape or shape[0] is not None or len(parts) == 1:
        return joined(parts)
    out = np.empty((sum(map(len, parts)), max(part.shape[1] for part in parts), *shape[1:]), kind.as_numpy_dtype)
    end = len(out)
    while parts:
        part = parts.pop()
        mine = out[end - len(part):end]
        mine[:, :part.shape[1]] = part
        mine[:, part.shape[1]:] = _filler(kind, default)
        end -= len(part)
    return out


def fitting_default(n: Any, given: Static, shape: Static) -> None:
    """Refuses a default that is neither empty nor of its feature's shape; one element fills up where this varies."""
    if given is None or shape is None or None in given or not prod(given):  # type: ignore[arg-type]
        return
    if shape and shape[0] is None:
        if prod(given) != 1:  # type: ignore[arg-type]
            n.fail(f"the default of a feature of the shape {show(shape)} is one element, not {show(given)}")
    else:
        n.merge(shape, given, "shapes of a feature and of its default")


def keys_of(given: Any) -> list[str]:
    return [key.decode() for key in np.asarray(given).reshape(-1).tolist()]


def sparse_list(examples: list[Any], key: str, kind: Any, alone: bool) -> tuple[Any, Any, Any]:
    """A list of features of any number of values, as a sparse tensor: [examples, features, values]."""
    found = [(i, k, name, feature) for i, (name, lists) in enumerate(examples) if key in lists
             for k, feature in enumerate(lists[key].feature)]
    values, counts = _in_one([array_of(feature, kind, name, key, k) for _, k, name, feature in found], kind)
    places = np.empty((len(values), 3), np.int64)
    for axis in (0, 1):
        places[:, axis] = np.repeat(np.array([place[axis] for place in found], np.int64), counts)
    places[:, 2] = columns(counts)
    sizes = np.array([len(examples), max((k + 1 for _, k, *_ in found), default=0), counts.max(initial=0)], np.int64)
    return (places[:, 1:], values, sizes[1:]) if alone else (places, values, sizes)


def dense_list(examples: list[Any], key: str, kind: Any, shape: Any, may_miss: bool, alone: bool) -> tuple[Any, Any]:
    """A list of features of one shape, filled up to the longest with zeros, and its lengths."""
    step = prod(shape)
    lengths = np.array([len(lists[key].feature) if key in lists else 0 for _, lists in examples], np.int64)
    out = np.full((len(examples), int(lengths.max(initial=0)), step), b"" if kind.kind == "S" else 0,
                  kind.as_numpy_dtype)
    for i, (name, lists) in enumerate(examples):
        if key not in lists and not may_miss:
            raise RunError(f"Name: {name}, Feature list '{key}' is required but could not be found.  Did you mean to "
                           "include it in feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?")
        for k, feature in enumerate(lists[key].feature) if key in lists else ():
            values = array_of(feature, kind, name, key, k)
            size = 0 if values is None else len(values)
            if size != step:
                raise RunError(f"Name: {name}, Key: {key}, Index: {k}.  Number of values != expected.  values size: "
                               f"{size} but output shape: [{','.join(map(str, shape))}]")
            if step:
                out[i, k] = values
    out = out.reshape(*out.shape[:2], *shape)
    return (out[0], lengths.reshape(())) if alone else (out, lengths)

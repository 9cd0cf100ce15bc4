"""Values of feeds: what a flag or a file says, as arrays that tensors take."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, GraphErrors, UsageError, did_you_mean
from .literals import brief, literal, of_file, unwrap

if TYPE_CHECKING:
    from ..graph.graph import Tensor
    from ..spec.result import BuiltGraph

TEXTS = (".json", ".yaml", ".yml")
WRITTEN = {"real", "imag", "base64"}
"""Keys of what stands for one number or string in JSON."""
SPARSE = "{indices: [[0, 1]], values: [2.5], dense_shape: [3, 4]}"


def feed_value(tensor: Tensor, text: str, place: str) -> Any:
    """What stands after ``--feed NAME=`` as an array for ``tensor``. Raises UsageError."""
    if not text.startswith("@"):
        value = literal(text, place)
        try:
            return fit(tensor, value, place)
        except UsageError as error:
            name = value.partition(":")[0].lower() if isinstance(value, str) else ""
            if error.hint is None and name.endswith((".npy", ".npz", ".csv", *TEXTS)):
                error.hint = f"a file is read where @ stands before its name: @{value}"
            raise
    from .tables import named_array

    fetched = _fetched(text[1:], place)
    if fetched is not None:
        return fit(tensor, fetched, place)
    array = named_array(text[1:], place)
    if array is None:
        value = _whole(text[1:], place, tensor.dtype.base_dtype.name == "string")
        if text.lower().endswith(".json") and isinstance(value, dict) and not value.keys() <= WRITTEN:
            from .tables import listed_names

            raise UsageError(f"{place}: {text[1:]} holds {listed_names(value)}",
                             hint=f"name one: {text}:{next(iter(value))}")
        if text.lower().endswith(".csv") and tensor.static is not None and len(tensor.static) == 1 and all(
                len(row) == 1 for row in value):
            # the column of a vector
            value = [row[0] for row in value]
        return fit(tensor, value, place)
    from ..training.data import as_column

    return fit(tensor, as_column(array, tensor.static), place)


def fit(tensor: Tensor, value: Any, place: str) -> Any:
    """A value as the array that the tensor takes. Raises UsageError."""
    from ..engine.feeds import convert

    try:
        return convert(tensor, unwrap(value, tensor.dtype.base_dtype.kind, place))
    except UsageError:
        raise
    except GraphError as error:
        told = UsageError(f"{place}: {error.message}", hint=error.hint)
        if error.span:
            told.note(f"{tensor.op.name} is declared here", error.span)
        raise told from None


def fitted(target: Any, value: Any, place: str) -> dict[Any, Any]:
    """What a tensor is fed with, or the tensors of a sparse or ragged one. Raises UsageError."""
    if not hasattr(target, "components"):
        return {target: fit(target, value, place)}
    if target.kind == "ragged":
        return _rows(target, value, place)
    names = ("indices", "values", "dense_shape")
    if not isinstance(value, dict) or not value.keys() <= set(names) or not value.keys() >= set(names[:2]):
        raise UsageError(f"{place}: a sparse tensor is fed with the indices and the values of its elements, and its "
                         "dense_shape", hint=SPARSE)
    if "dense_shape" not in value:
        _check_shape_known(target, place)
    return {t: fit(t, value[name], f"{place}: {name}") for name, t in zip(names, target.components) if name in value}


def _rows(target: Any, value: Any, place: str) -> dict[Any, Any]:
    """What the tensors of a ragged one are fed with, of nested lists. Raises UsageError."""
    ends: list[list[int]] = []
    rows = unwrap(value, target.dtype.base_dtype.kind, place)
    for _ in range(target.ragged_rank):
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise UsageError(f"{place}: a ragged tensor is fed with lists in lists, {target.ragged_rank} ragged axes",
                             hint="[[1, 2], [3]]")
        ends.append([0])
        for row in rows:
            ends[-1].append(ends[-1][-1] + len(row))
        rows = [item for row in rows for item in row]
    flat, *splits = target.components
    if not rows and flat.static is not None:
        import numpy as np

        rows = np.zeros([0, *(d or 0 for d in flat.static[1:])])
        rows = rows.astype(object if flat.dtype.base_dtype.kind == "S" else flat.dtype.base_dtype.as_numpy_dtype)
    return {flat: fit(flat, rows, place), **{t: fit(t, e, place) for t, e in zip(splits, ends)}}


def _check_shape_known(target: Any, place: str) -> None:
    """Raises UsageError where the shape of a sparse tensor is not that of the graph."""
    from ..graph.constant import constant_value
    from ..graph.shapes import show

    shape = target.components[2]
    size = None if shape.op.type == "Placeholder" else constant_value(shape.op.inputs[0] if shape.op.inputs else shape)
    if size is None or min(size.tolist(), default=0) < 0:
        known = None if size is None else tuple(None if d < 0 else d for d in size.tolist())
        raise UsageError(f"{place}: dense_shape is missing, for the graph does not know all of the shape {show(known)}",
                         hint=SPARSE)


def _fetched(text: str, place: str) -> Any:
    """The value of ``file.json:name`` in what ``run --out`` wrote; None of any other file."""
    from .tables import listed_names
    from .value_files import read_text

    path, _, name = text.rpartition(":")
    if not path.lower().endswith(".json") or not os.path.isfile(path):
        return None
    value = of_file(read_text(path, place), path, place)
    if not isinstance(value, dict) or (values := of_run(value)) is value:
        return None
    if name not in values:
        raise UsageError(f"{place}: {path} has no value {name!r}; it holds {listed_names(values)}",
                         hint=did_you_mean(name, values))
    return values[name]


def of_run(value: dict[str, Any]) -> dict[str, Any]:
    """The values by name in what ``run --out FILE.json`` wrote; anything else as it is."""
    inner = value.get("fetches")
    return inner if isinstance(inner, dict) and len(value) == 1 else value


def from_file(path: str, place: str) -> Any:
    """The value of ``@file.npy``, ``@file.npz:key``, ``@file.csv``, ``@file.csv:column``, ``@file.json``, ``@-``."""
    from .tables import named_array

    array = named_array(path, place)
    return _whole(path, place) if array is None else array


def _whole(path: str, place: str, as_bytes: bool = False) -> Any:
    """The value of a file of one: ``@file.npy``, ``@file.npz`` of one array, ``@file.csv``, ``@file.json``, ``@-``.

    as_bytes: whether that of another file, as ``@picture.jpg``, is its bytes.
    """
    from .choice import STDIN, is_pipe
    from .tables import listed_names
    from .value_files import npz_member, open_npz, read_bytes, read_csv, read_npy, read_text, stdin_text

    if not path:
        raise UsageError(f"{place}: which file? nothing stands after the @")
    if path == "-":
        return of_file(stdin_text(place), STDIN, place)
    lower = path.lower()
    if lower.endswith(".npz"):
        with open_npz(path, place) as data:
            if len(data.files) != 1:
                raise UsageError(f"{place}: {path} holds {listed_names(data.files)}",
                                 hint=f"name one: @{path}:{data.files[0] if data.files else 'KEY'}")
            return npz_member(data, data.files[0], path, place)
    if lower.endswith(".npy"):
        return read_npy(path, place)
    if lower.endswith(".csv"):
        return read_csv(path, place)
    if lower.endswith(TEXTS) or is_pipe(path):
        value = of_file(read_text(path, place), path, place)
        values = of_run(value) if isinstance(value, dict) else value
        if values is value:
            return value
        if len(values) != 1:
            raise UsageError(f"{place}: {path} holds {listed_names(values)}",
                             hint=f"name one: @{path}:{next(iter(values), 'NAME')}")
        return next(iter(values.values()))
    if os.path.isdir(path):
        raise UsageError(f"{place}: {path} is a folder")
    if as_bytes:
        return read_bytes(path, place)
    file, colon, _ = path.rpartition(":")
    raise UsageError(f"{place}: {path} is none of .npy, .npz, .csv, .json and .yaml",
                     hint=f"the whole file is @{file}" if colon and os.path.isfile(file) else None)


def feeds_file(path: str) -> dict[str, Any]:
    """The values of ``--feeds FILE`` by name."""
    from .choice import STDIN, is_pipe
    from .value_files import npz_member, open_npz, read_text, stdin_text

    place = "--feeds"
    lower = path.lower()
    if lower.endswith(".npz"):
        with open_npz(path, place) as data:
            return {k: npz_member(data, k, path, place) for k in data.files}
    if lower.endswith(TEXTS) or path == "-" or is_pipe(path):
        text = stdin_text(place) if path == "-" else read_text(path, place)
        value = of_file(text, STDIN if path == "-" else path, place)
        if not isinstance(value, dict):
            raise UsageError(f"{place}: {path} is a mapping of names to values, not "
                             f"{'a list' if isinstance(value, list) else brief(str(value))}")
        return of_run(value)
    raise UsageError(f"{place}: {path} is none of .npz, .json and .yaml",
                     hint=f"--feed NAME=@{path} feeds one" if lower.endswith((".npy", ".csv")) else None)


def collect(built: BuiltGraph, given: tuple[str, ...], files: tuple[str, ...], random: tuple[str, ...],
            seed: int | None) -> dict[Any, Any]:
    """All feeds of a command line as tensor -> array; a sparse tensor by its parts. Raises UsageError."""
    out: dict[Any, Any] = {}
    named: set[Any] = set()
    errors: list[UsageError] = []

    def once(name: str, flag: str) -> Any:
        tensor = feedable(built, name, flag, sparse=flag == "--feed")
        if tensor in named:
            raise UsageError(f"{flag} {name}: {tensor.op.name} is fed twice")
        named.add(tensor)
        return tensor

    def by_file(path: str) -> None:
        for name, value in feeds_file(path).items():
            try:
                tensor = feedable(built, name, "--feeds", sparse=True)
                out.update(fitted(tensor, value, f"--feeds {path}: {name}"))
            except UsageError as error:
                errors.append(error)

    def by_value(text: str) -> None:
        name, equals, value = text.partition("=")
        place = f"--feed {name}"
        if not equals or not name:
            raise UsageError(f"--feed {text}: a feed is NAME=VALUE", hint=f"--feed {name or 'x'}='[1, 2]'")
        tensor = once(name, "--feed")
        if not value:
            example = "'\"\"'" if tensor.dtype.base_dtype.name == "string" else "'[1, 2]'"
            raise UsageError(f"{place}: nothing stands after the =", hint=f"{place}={example}")
        if hasattr(tensor, "components"):
            parts = from_file(value[1:], place) if value.startswith("@") else literal(value, place)
            out.update(fitted(tensor, parts, place))
        else:
            out[tensor] = feed_value(tensor, value, place)

    def by_chance(text: str) -> None:
        from .random_values import random_value

        name, equals, shape = text.partition("=")
        tensor = once(name, "--random")
        out[tensor] = random_value(tensor, shape if equals else None, seed or 0, f"--random {name}")

    for read, texts in ((by_file, files), (by_value, given), (by_chance, random)):
        for text in texts:
            try:
                read(text)
            except UsageError as error:
                errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else GraphErrors(errors)
    return out


def feedable(built: BuiltGraph, name: str, flag: str, sparse: bool = False) -> Any:
    """The tensor that a feed's name means, or the sparse or ragged one if it may be such. Raises UsageError."""
    from ..graph.graph import Tensor
    from .options import resolve

    def known() -> str:
        inputs = [n.name for n in built.graph if n.type.startswith("Placeholder")]
        return f"the inputs are {', '.join(inputs[:6])}" if inputs else "the graph has no inputs"

    value = resolve(built, name, flag, known)
    if hasattr(value, "components") and not sparse:
        parts = ", ".join(t.op.name for t in value.components)
        raise UsageError(f"{flag} {name}: {name} is a {value.kind} tensor", hint=f"its parts are {parts}")
    if isinstance(value, Tensor) or hasattr(value, "components"):
        return value
    convert = getattr(value, "_as_graph_element", None)
    element = convert() if convert is not None else None
    if isinstance(element, Tensor):
        return element
    what = "an op without a value" if hasattr(value, "input_names") else f"a Python value, {brief(str(value))}"
    if isinstance(value, (list, tuple, dict)):
        what = "a structure of several values"
    raise UsageError(f"{flag} {name}: {name} is {what}, and cannot be fed")

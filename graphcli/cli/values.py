"""Values on the command line: literals, files and random ones for feeds; JSON and files for results."""
from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, UsageError, did_you_mean

if TYPE_CHECKING:
    from ..graph.graph import Tensor
    from ..spec.result import BuiltGraph

MAX_RANDOM = 2**28


def literal(text: str, place: str) -> Any:
    """A YAML or JSON literal. Raises UsageError."""
    import json

    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        pass
    return from_yaml(text, place)


def _no_constant(word: str) -> Any:
    # json takes NaN bare; in YAML 1.2 it is a string, as in what graphcli itself writes
    return word


def from_yaml(text: str, place: str) -> Any:
    from ..source import Source
    from ..spec.load import load

    try:
        root = load(Source(place, "value:\n " + text.replace("\n", "\n ")))
    except GraphError as error:
        raise UsageError(f"{place}: {_brief(text)} is neither JSON nor YAML: "
                         f"{error.errors()[0].message.removeprefix('not YAML: ')}",
                         hint="quote it for the shell: --feed x='[[1, 2]]'") from None
    return _plain(root.get("value"))


def _plain(item: Any) -> Any:
    if item is None:
        return None
    if item.kind == "list":
        return [_plain(i) for i in item.items]
    if item.kind == "mapping":
        return {k.text: _plain(v) for k, v in item}
    return item.value


def _brief(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


# -- feeds

def feed_value(tensor: Tensor, text: str, place: str) -> Any:
    """What stands after ``--feed NAME=`` as an array for ``tensor``. Raises UsageError."""
    value = from_file(text[1:], place) if text.startswith("@") else literal(text, place)
    return fit(tensor, value, place)


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


def unwrap(value: Any, kind: str, place: str) -> Any:
    """Undoes the JSON forms of what JSON has not: NaN, bytes, complex numbers."""
    if isinstance(value, list):
        return [unwrap(v, kind, place) for v in value]
    if isinstance(value, str) and kind in "fc":
        if value in _FLOATS:
            return _FLOATS[value]
    elif isinstance(value, dict):
        if kind == "c" and value.keys() == {"real", "imag"}:
            return complex(unwrap(value["real"], "f", place), unwrap(value["imag"], "f", place))
        if kind == "S" and value.keys() == {"base64"}:
            import base64
            import binascii

            try:
                return base64.b64decode(value["base64"], validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise UsageError(f"{place}: this is not base64: {_brief(str(value['base64']))}") from None
        raise UsageError(f"{place}: a mapping is no value of a tensor")
    elif value is None:
        raise UsageError(f"{place}: null is no value of a tensor")
    return value


_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def from_file(name: str, place: str) -> Any:
    """The value of ``@file.npy``, ``@file.npz:key``, ``@file.csv``, ``@file.json``, ``@-``."""
    if name == "-":
        return literal(stdin_text(place), place)
    path, colon, key = name.rpartition(":") if ".npz:" in name.lower() else (name, "", "")
    if path.lower().endswith(".npz"):
        with open_npz(path, place) as data:
            if not colon:
                if len(data.files) != 1:
                    raise UsageError(f"{place}: {path} holds {_listed(data.files)}",
                                     hint=f"name one: @{path}:{data.files[0] if data.files else 'KEY'}")
                key = data.files[0]
            if key not in data.files:
                raise UsageError(f"{place}: {path} has no array {key!r}; it holds {_listed(data.files)}",
                                 hint=did_you_mean(key, data.files))
            return npz_member(data, key, path, place)
    lower = path.lower()
    if lower.endswith(".npy"):
        return _read_npy(path, place)
    if lower.endswith(".csv"):
        return _read_csv(path, place)
    if lower.endswith((".json", ".yaml", ".yml")):
        return literal(read_text(path, place), f"{place} (@{path})")
    raise UsageError(f"{place}: what kind of file is {path}?", hint="known are .npy, .npz, .csv, .json and .yaml")


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "") or "nothing"


def stdin_text(place: str) -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{place}: standard input is not a text in UTF-8") from None


def read_text(path: str, place: str) -> str:
    _check(path, place)
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except UnicodeDecodeError:
        raise UsageError(f"{place}: {path} is not a text in UTF-8") from None


def _check(path: str, place: str) -> None:
    from .options import check_readable

    try:
        check_readable(path, "a file is wanted")
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", hint=error.hint) from None


def _read_npy(path: str, place: str) -> Any:
    import numpy as np

    _check(path, place)
    try:
        with open(path, "rb") as file:
            # read_array, not load: load would take any pickle for a file
            return np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError, SyntaxError, TypeError, KeyError) as error:
        raise UsageError(f"{place}: {path} is no .npy file that can be read{_reason(error)}") from None


def open_npz(path: str, place: str) -> Any:
    import zipfile

    import numpy as np

    _check(path, place)
    if not zipfile.is_zipfile(path):
        raise UsageError(f"{place}: {path} is no .npz file")
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{place}: {path} is no .npz file that can be read{_reason(error)}") from None


def npz_member(data: Any, key: str, path: str, place: str) -> Any:
    try:
        value = data[key]
    except Exception as error:
        raise UsageError(f"{place}: {path}:{key} cannot be read{_reason(error)}") from None
    if isinstance(value, bytes):
        raise UsageError(f"{place}: {path}:{key} is no array")
    return value


def _reason(error: BaseException) -> str:
    if "allow_pickle" in str(error):
        return ": it holds Python objects (a pickle), which are not read"
    return ": there is not enough memory" if isinstance(error, MemoryError) else ""


def _read_csv(path: str, place: str) -> Any:
    """Rows of a table; a first line with no number in it is a heading. One column is still a column."""
    import csv
    import io

    text = read_text(path, place)
    try:
        rows = [r for r in csv.reader(io.StringIO(text)) if r]
    except csv.Error as error:
        raise UsageError(f"{place}: {path} is no CSV: {error}") from None
    if rows and not any(_number(c) is not None for c in rows[0]) and any(
            _number(c) is not None for r in rows[1:] for c in r):
        rows = rows[1:]
    if not rows:
        raise UsageError(f"{place}: {path} has no rows")
    widths = {len(r) for r in rows}
    if len(widths) > 1:
        raise UsageError(f"{place}: the rows of {path} have {min(widths)} to {max(widths)} values",
                         hint="all rows of a tensor have the same length")
    numbers = [[_number(c) for c in row] for row in rows]
    if all(n is None for r in numbers for n in r):
        return [[c.strip() for c in r] for r in rows]
    for i, row in enumerate(numbers):
        for j, number in enumerate(row):
            if number is None:
                raise UsageError(f"{place}: {path}, row {i + 1}, column {j + 1}: {rows[i][j]!r} is no number")
    return numbers


def _number(text: str) -> Any:
    text = text.strip()
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text.lower())


def feeds_file(path: str) -> dict[str, Any]:
    """The values of ``--feeds FILE`` by name."""
    place = "--feeds"
    lower = path.lower()
    if lower.endswith(".npz"):
        with open_npz(path, place) as data:
            return {k: npz_member(data, k, path, place) for k in data.files}
    if lower.endswith((".json", ".yaml", ".yml")) or path == "-":
        text = stdin_text(place) if path == "-" else read_text(path, place)
        value = literal(text, f"{place} {path}")
        if not isinstance(value, dict):
            raise UsageError(f"{place}: {path} is a mapping of names to values, not "
                             f"{'a list' if isinstance(value, list) else _brief(str(value))}")
        return value
    raise UsageError(f"{place}: what kind of file is {path}?", hint="known are .npz, .json and .yaml")


def random_value(tensor: Tensor, text: str | None, seed: int, place: str) -> Any:
    """What ``--random`` feeds: the static shape with 1 for unknown sizes, or the shape given."""
    import zlib

    import numpy as np

    from ..graph.types import compatible, count, show

    static = tensor.static
    if text is None:
        shape = tuple(1 if d is None else d for d in static or ())
    else:
        value = literal(text, place)
        value = [value] if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(value, list) or not all(isinstance(d, int) and not isinstance(d, bool) and d >= 0
                                                  for d in value):
            raise UsageError(f"{place}: a shape is a list of sizes, not {_brief(text)}")
        shape = tuple(value)
        if not compatible(static, shape):
            raise UsageError(f"{place}: the shape {show(shape)} does not fit {show(static)} of {tensor.op.name}")
    if (count(shape) or 0) > MAX_RANDOM:
        raise UsageError(f"{place}: {show(shape)} has more than {MAX_RANDOM} elements")
    # a stream per name, so that one more --random does not change the others
    rng = np.random.Generator(np.random.PCG64([seed % 2**64, zlib.crc32(tensor.name.encode())]))
    dtype = tensor.dtype.base_dtype
    if dtype.kind == "f":
        return rng.standard_normal(shape).astype(dtype.as_numpy_dtype)
    if dtype.kind == "c":
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype.as_numpy_dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        # small numbers: most integer placeholders are ids or labels
        return rng.integers(0, 2, shape).astype(dtype.as_numpy_dtype)
    if dtype.kind == "S":
        out = np.empty(shape, object)
        out.reshape(-1)[:] = [b"text%d" % rng.integers(100) for _ in range(out.size)]
        return out
    raise UsageError(f"{place}: nothing random fits {dtype.name}")


def collect(built: BuiltGraph, given: tuple[str, ...], files: tuple[str, ...], random: tuple[str, ...],
            seed: int | None) -> dict[Any, Any]:
    """All feeds of a command line as tensor -> array. Raises UsageError."""
    out: dict[Any, Any] = {}
    for path in files:
        for name, value in feeds_file(path).items():
            tensor = feedable(built, name, "--feeds")
            out[tensor] = fit(tensor, value, f"--feeds {path}: {name}")
    named: set[Any] = set()
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--feed {text}: a feed is NAME=VALUE", hint=f"--feed {name or 'x'}='[1, 2]'")
        tensor = feedable(built, name, "--feed")
        if tensor in named:
            raise UsageError(f"--feed {name}: {tensor.op.name} is fed twice")
        named.add(tensor)
        out[tensor] = feed_value(tensor, value, f"--feed {name}")
    for text in random:
        name, equals, shape = text.partition("=")
        tensor = feedable(built, name, "--random")
        if tensor in named:
            raise UsageError(f"--random {name}: {tensor.op.name} is fed twice")
        named.add(tensor)
        out[tensor] = random_value(tensor, shape if equals else None, seed or 0, f"--random {name}")
    return out


def feedable(built: BuiltGraph, name: str, flag: str) -> Any:
    """The tensor that a feed's name means. Raises UsageError where there is none."""
    from ..graph.graph import Tensor
    from .options import resolve

    try:
        value = resolve(built, name, flag)
    except UsageError as error:
        if error.hint is None:
            inputs = [n.name for n in built.graph if n.type.startswith("Placeholder")]
            error.hint = f"the inputs are {', '.join(inputs[:6])}" if inputs else "the graph has no inputs"
        raise
    if isinstance(value, Tensor):
        return value
    convert = getattr(value, "_as_graph_element", None)
    element = convert() if convert is not None else None
    if isinstance(element, Tensor):
        return element
    what = "an op without a value" if hasattr(value, "input_names") else f"a Python value, {_brief(str(value))}"
    if isinstance(value, (list, tuple, dict)):
        what = "a structure of several values"
    raise UsageError(f"{flag} {name}: {name} is {what}, and cannot be fed")


# -- results

def to_json(value: Any) -> Any:
    """A run's value for JSON, as the language's section 10 says."""
    import numpy as np

    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, dict):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    if hasattr(value, "dense_shape"):
        return {"values": to_json(value.values), "indices": to_json(value.indices),
                "dense_shape": to_json(value.dense_shape)}
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            import base64

            return {"base64": base64.b64encode(value).decode("ascii")}
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind in "biu":
        return array.tolist()
    if kind == "c":
        return _nested(array, lambda c: {"real": _float(c.real), "imag": _float(c.imag)})
    if kind in "SUO":
        return _nested(array, to_json)
    if kind != "f":
        array = array.astype(np.float32)  # bfloat16
    if np.isfinite(array).all():
        return array.tolist()
    return _nested(array, _float)


def _float(x: Any) -> Any:
    number = float(x)
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def _nested(array: Any, leaf: Any) -> Any:
    if array.ndim == 0:
        return leaf(array.item())

    def walk(x: Any) -> Any:
        return [walk(i) for i in x] if isinstance(x, list) else leaf(x)

    return walk(array.tolist())

"""The files that ``--out`` names, by their endings."""
from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, BinaryIO

from ..errors import UsageError
from ..wire.files import write_whole

ENDINGS = (".npy", ".npz", ".json", ".csv")
__all__ = ["check_apart", "check_place", "check_target", "flat_arrays", "write_values", "write_whole"]


def named_files(session: Any, feeds: dict[Any, Any], graph: str) -> None:
    """Ops of this session may touch the files that are fed, and read what is in the folder of GRAPH (a SavedModel);
    no others: a stranger's graph names none."""
    import numpy as np

    texts = [v for value in feeds.values() if np.asarray(value).dtype.kind in "OSU"
             for v in np.asarray(value).reshape(-1)[:64].tolist()]
    session.state.files = frozenset(v.decode("utf-8", "replace") if isinstance(v, bytes) else v
                                    for v in texts if isinstance(v, (bytes, str)))
    if os.path.isdir(graph):
        session.state.folder = graph


def check_target(path: str) -> None:
    """Raises UsageError for an ending that no writer knows, before any work is done."""
    if os.path.splitext(path)[1].lower() not in ENDINGS:
        raise UsageError(f"--out {path}: a result is written as {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}, "
                         "by the file's ending")
    check_place(path)


def check_place(path: str) -> None:
    """Raises UsageError for a path at which no file can be."""
    folder = os.path.dirname(path) or "."
    if not path:
        raise UsageError("cannot write '': a file has a name")
    if not os.path.isdir(folder):
        raise UsageError(f"cannot write {path}: there is no folder {folder}")
    if os.path.isdir(path):
        raise UsageError(f"cannot write {path}: it is a folder")
    if not os.access(path if os.path.exists(path) and not os.path.isfile(path) else folder, os.W_OK):
        raise UsageError(f"cannot write {path}: nothing can be written in {folder}")


def check_apart(flag: str, path: str | None, others: Mapping[str, str | None]) -> None:
    """Raises UsageError for a file to write that another option names too. others: by option."""
    if path is None or path == "-":
        return
    for option, other in others.items():
        if other and (os.path.abspath(path) == os.path.abspath(other)
                      or os.path.isfile(path) and os.path.isfile(other) and os.path.samefile(path, other)):
            raise UsageError(f"{flag} {path}: {option} is the same file", hint="what is written needs one of its own")


def check_checkpoint(prefix: str) -> None:
    """Raises UsageError or InvalidValue for a prefix at which no checkpoint can be, before any work is done."""
    from ..wire.checkpoints import check_text

    check_text(prefix)
    folder, name = os.path.split(prefix)
    if name in ("", os.curdir, os.pardir):
        raise UsageError(f"cannot write {prefix or repr(prefix)}: it is the name of a folder, not of a checkpoint",
                         hint=os.path.join(prefix, "model"))
    while folder and not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder or ".") or not os.access(folder or ".", os.W_OK):
        raise UsageError(f"cannot write {prefix}: nothing can be written in {folder or 'this folder'}")


def write_values(path: str, values: dict[str, Any]) -> None:
    """Writes fetched values by the ending of ``path``. Raises UsageError for what does not go in."""
    ending = os.path.splitext(path)[1].lower()
    if ending == ".json":
        import json

        from .json_values import to_json

        text = json.dumps({"fetches": {k: to_json(v) for k, v in values.items()}}, ensure_ascii=False,
                          allow_nan=False)
        write_whole(path, lambda file: file.write(text.encode("utf-8") + b"\n"))
        return
    arrays = flat_arrays(values, path)
    if ending == ".npz":
        write_whole(path, lambda file: _write_npz(file, arrays))
        return
    if len(arrays) != 1:
        if ending == ".csv":
            _write_columns(path, arrays)
            return
        raise UsageError(f"{path} holds one array; {len(arrays)} were fetched", hint="write .npz or .json")
    array = next(iter(arrays.values()))
    if ending == ".npy":
        import numpy as np

        write_whole(path, lambda file: np.lib.format.write_array(file, array, allow_pickle=False))
    else:
        _write_table(path, array)


def flat_arrays(values: dict[str, Any], path: str) -> dict[str, Any]:
    """The arrays of fetched values by name: ``pair.a`` and ``parts.0`` of structures."""
    import numpy as np

    from .show_values import array_of

    out: dict[str, Any] = {}

    def put(name: str, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, dict):
            for k, v in value.items():
                put(f"{name}.{k}", v)
        elif hasattr(value, "dense_shape"):
            for part in ("values", "indices", "dense_shape"):
                put(f"{name}.{part}", getattr(value, part))
        elif hasattr(value, "nested_row_splits"):
            put(f"{name}.flat_values", value.flat_values)
            for i, ends in enumerate(value.nested_row_splits):
                put(f"{name}.row_splits_{i}", ends)
        elif isinstance(value, (list, tuple)):
            for i, v in enumerate(value):
                put(f"{name}.{i}", v)
        else:
            array = array_of(value)
            if array.dtype.kind == "O":
                array = _fixed_bytes(array)
            elif array.dtype.kind == "V" or array.dtype.name == "bfloat16":
                array = array.astype(np.float32)
            out[name] = array

    for name, value in values.items():
        put(name, value)
    if not out:
        raise UsageError(f"nothing to write to {path}: only ops were fetched")
    return out


def _fixed_bytes(array: Any) -> Any:
    """Byte strings without a pickle. Raises UsageError where one ends in NUL, which numpy's arrays of bytes lose."""
    import numpy as np

    flat = [bytes(x) if isinstance(x, (bytes, bytearray)) else str(x).encode() for x in array.reshape(-1).tolist()]
    if any(x.endswith(b"\0") for x in flat):
        raise UsageError("bytes that end in NUL go into .json only")
    return np.array(flat, dtype=np.bytes_).reshape(array.shape)


def _write_npz(file: BinaryIO, arrays: dict[str, Any]) -> None:
    """As numpy.savez, for any name of an array, and with no clock in it."""
    import zipfile

    import numpy as np

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def _write_table(path: str, array: Any) -> None:
    if array.ndim > 2:
        raise UsageError(f"{path} holds a table; the value has rank {array.ndim}", hint="write .npy, .npz or .json")
    if not array.size:
        raise UsageError(f"{path} holds a table; the value has no cells: its shape is {list(array.shape)}",
                         hint="write .npy or .npz, which keep it")
    rows = array.reshape(1, 1) if array.ndim == 0 else array.reshape(-1, 1) if array.ndim == 1 else array
    _write_rows(path, rows.tolist())


def _write_columns(path: str, arrays: dict[str, Any]) -> None:
    """Several scalars or vectors of one length, each a column with its name above."""
    lengths = {a.size for a in arrays.values()}
    if len(lengths) > 1 or any(a.ndim > 1 for a in arrays.values()):
        raise UsageError(f"{path} holds one table; the {len(arrays)} values fetched are no columns of one length",
                         hint="write .npz or .json")
    columns = [a.reshape(-1).tolist() for a in arrays.values()]
    _write_rows(path, [list(arrays), *zip(*columns)])


def _write_rows(path: str, rows: Any) -> None:
    import csv
    import io

    text = io.StringIO()
    try:
        csv.writer(text, lineterminator="\n").writerows(
            [x.decode("utf-8") if isinstance(x, bytes) else x for x in row] for row in rows)
    except UnicodeDecodeError:
        raise UsageError(f"{path} holds text, and a string here is none that UTF-8 has",
                         hint="write .npy, .npz or .json") from None
    write_whole(path, lambda file: file.write(text.getvalue().encode("utf-8")))

"""numpy's .npz: a ZIP of .npy members, a tensor each, with no clock in it."""
from __future__ import annotations

import zipfile
from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np

from ...errors import NotSupported
from ...wire.bundle import Bundle


def write(bundle: Bundle, names: Iterable[str], file: BinaryIO) -> None:
    """Writes tensors of a checkpoint, one at a time; bfloat16 as float32, strings as bytes of one length.

    Raises NotSupported for strings that end in NUL, which numpy would lose.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in names:
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, _portable(bundle.read(name), name), allow_pickle=False)


def _portable(value: Any, name: str) -> Any:
    if value.dtype.kind == "O":
        if any(s.endswith(b"\0") for s in value.reshape(-1).tolist()):
            raise NotSupported(f"{name} holds bytes that end in NUL, which do not go into .npz",
                               hint="--skip leaves it out")
        return value.astype(np.bytes_)
    return value.astype(np.float32) if value.dtype.kind == "V" or value.dtype.name not in np.sctypeDict else value

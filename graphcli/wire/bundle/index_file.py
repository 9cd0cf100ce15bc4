"""The index file of a checkpoint, or what is wrong with a prefix that has none."""
from __future__ import annotations

import os

from ...errors import InvalidType, NotFound, NotSupported, did_you_mean, reason_of


def read_index(prefix: str) -> bytes:
    """The bytes of the index of a prefix; says what is wrong with a prefix that has none."""
    try:
        with open(f"{prefix}.index", "rb") as file:
            return file.read()
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise NotFound(f"{prefix}.index cannot be read: {reason_of(error)}") from None
    if os.path.isfile(prefix):
        if prefix.endswith(".index") or ".data-" in os.path.basename(prefix):
            base = prefix[:-6] if prefix.endswith(".index") else prefix[:prefix.rindex(".data-")]
            raise InvalidType(f"{prefix} is one file of a checkpoint", hint=f"its name is {base}")
        raise NotSupported(f"{prefix} is no checkpoint: there is no {prefix}.index")
    if not prefix:
        raise NotFound("the name of the checkpoint is empty")
    raise NotFound(f"there is no checkpoint {prefix}: no file {prefix}.index", hint=_near(prefix))


def _near(prefix: str) -> str | None:
    folder, name = os.path.split(prefix)
    if os.path.isdir(prefix):
        folder, name = prefix, ""
    try:
        found = sorted(n[:-6] for n in os.listdir(folder or ".") if n.endswith(".index"))
    except OSError:
        return f"there is no folder {folder} either"
    if name:
        return did_you_mean(name, found)
    return f"in it are {', '.join(found[:3])}" if found else None

"""Which checkpoints a folder has: the state file ``checkpoint``, and removing what is no longer kept.

Source: tensorflow/python/training/checkpoint_management.py, checkpoint_state.proto (as text).
"""
from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from .files import write_whole
from .messages import message

STATE_FILE = "checkpoint"


def state_path(folder: str, latest_filename: str | None = None) -> str:
    """The path of a folder's state file. Raises InvalidValue for a name with a folder in it."""
    name = latest_filename or STATE_FILE
    if os.path.split(name)[1] != name:
        raise InvalidValue(f"latest_filename is the name of a file without a folder, not {name!r}")
    return os.path.join(folder, name)


def make_state(folder: str, latest: str, kept: Sequence[str] | None = None,
               timestamps: Sequence[float] | None = None, last_preserved: float | None = None) -> Any:
    """A CheckpointState. Paths become relative to ``folder`` where both are relative, as TensorFlow writes them."""
    paths = list(kept or ())
    if not paths or paths[-1] != latest:
        paths.append(latest)
    if timestamps and len(timestamps) != len(paths):
        raise InvalidValue(f"{len(paths)} checkpoints have {len(timestamps)} timestamps")
    if not os.path.isabs(folder):
        latest, *paths = [p if os.path.isabs(p) else os.path.relpath(p, folder or ".") for p in (latest, *paths)]
    state = message("CheckpointState")(model_checkpoint_path=latest, all_model_checkpoint_paths=paths)
    state.all_model_checkpoint_timestamps.extend(timestamps or ())
    if last_preserved is not None:
        state.last_preserved_timestamp = last_preserved
    return state


def write_state(folder: str, state: Any, latest_filename: str | None = None) -> None:
    """Replaces a folder's state file. Raises InvalidValue where a checkpoint has that very name, UsageError where it
    cannot be written."""
    from google.protobuf import text_format

    path = state_path(folder, latest_filename)
    if path == state.model_checkpoint_path:
        raise InvalidValue(f"a checkpoint {path} would be written over by the state file of its folder",
                           hint="save under another name")
    text = text_format.MessageToString(state)
    write_whole(path, lambda file: file.write(text.encode()))


def read_state(folder: str, latest_filename: str | None = None) -> Any:
    """The CheckpointState of a folder with whole paths, None where there is none that can be read."""
    from google.protobuf import text_format

    try:
        with open(state_path(folder, latest_filename), encoding="utf-8") as file:
            state = text_format.Parse(file.read(), message("CheckpointState")(), allow_unknown_field=True)
    except (OSError, UnicodeDecodeError, text_format.ParseError):
        return None
    if not state.model_checkpoint_path:
        return None
    if not os.path.isabs(state.model_checkpoint_path):
        state.model_checkpoint_path = os.path.join(folder, state.model_checkpoint_path)
    for i, path in enumerate(state.all_model_checkpoint_paths):
        if not os.path.isabs(path):
            state.all_model_checkpoint_paths[i] = os.path.join(folder, path)
    return state


def checkpoint_there(prefix: str) -> bool:
    """Whether a checkpoint of this prefix is there, of the old format too."""
    return os.path.isfile(f"{prefix}.index") or os.path.isfile(prefix)


def latest(folder: str, latest_filename: str | None = None) -> str | None:
    """The prefix of the newest checkpoint of a folder by its state file, None where there is none."""
    state = read_state(folder, latest_filename)
    if state is None or not checkpoint_there(state.model_checkpoint_path):
        return None
    return str(state.model_checkpoint_path)


def prefix_of(path: str) -> str:
    """A checkpoint by its prefix, by one of its files, or by its folder, of which it is the newest."""
    if os.path.isdir(path) and not os.path.isfile(f"{path}.index"):
        return latest(path) or path
    if os.path.isfile(path):
        base = os.path.basename(path)
        if base == STATE_FILE:
            return latest(os.path.dirname(path)) or path
        for end in (".index", ".meta"):
            if base.endswith(end):
                return path[:-len(end)]
        if ".data-" in base:
            return path[:path.rindex(".data-")]
    return path


def remove_checkpoint(prefix: str, meta_graph_suffix: str = "meta") -> None:
    """Removes the files of a checkpoint, the index first: without it there is none."""
    paths = [f"{prefix}.index", *glob.glob(f"{glob.escape(prefix)}.data-?????-of-?????"),
             f"{prefix}.{meta_graph_suffix}"]
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)

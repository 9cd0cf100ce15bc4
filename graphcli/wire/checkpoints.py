"""Which checkpoints a folder has: the state file ``checkpoint``, and removing what is no longer kept.

Source: tensorflow/python/training/checkpoint_management.py, checkpoint_state.proto (as text).
"""
from __future__ import annotations

import contextlib
import glob
import os
import re
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue, NotFound, said
from .files import write_whole
from .messages import message

STATE_FILE = "checkpoint"


def state_path(folder: str, latest_filename: str | None = None) -> str:
    """The path of a folder's state file. Raises InvalidValue for a name with a folder in it."""
    name = latest_filename or STATE_FILE
    if os.path.split(name)[1] != name:
        raise InvalidValue(f"latest_filename is the name of a file without a folder, not {said(name)}")
    return os.path.join(folder, name)


def check_text(path: str) -> None:
    """Raises InvalidValue for a path that a state file cannot hold, which is a text in UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"the path {path!r} is not UTF-8, as the paths of checkpoints are") from None


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

    check_text(folder)
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
    """Whether a checkpoint of this prefix is there, of the V1 format too, of which the prefix may be a pattern."""
    return os.path.isfile(f"{prefix}.index") or os.path.isfile(prefix) or "?" in prefix and bool(glob.glob(prefix))


def latest(folder: str, latest_filename: str | None = None) -> str | None:
    """The prefix of the newest checkpoint of a folder by its state file, None where there is none."""
    state = read_state(folder, latest_filename)
    if state is None or not checkpoint_there(state.model_checkpoint_path):
        return None
    return str(state.model_checkpoint_path)


def newest(folder: str) -> str | None:
    """As ``latest``; where the state file names a place that is no more, the checkpoint of that name in the folder
    itself, which may have been moved."""
    state = read_state(folder)
    if state is None:
        return None
    named = str(state.model_checkpoint_path)
    return next((p for p in (named, os.path.join(folder, os.path.basename(named))) if checkpoint_there(p)), None)


def to_go_on_from(folder: str, name: str) -> str | None:
    """The checkpoint with which a run that saves ``name-STEP`` in a folder goes on, None where there is none.

    Without a state file, which a run that was killed may not have come to, it is the one of the highest step. Raises
    NotFound where the state file names a checkpoint that is not there.
    """
    if read_state(folder) is not None:
        return _newest(folder)
    there = os.listdir(folder) if os.path.isdir(folder) else []
    steps = [int(m[1]) for m in (re.fullmatch(rf"{re.escape(name)}-(\d+)\.index", n) for n in there) if m]
    return os.path.join(folder, f"{name}-{max(steps)}") if steps else None


def prefix_of(path: str) -> str:
    """A checkpoint by its prefix, by one of its files, or by its folder, of which it is the newest.

    Raises NotFound for a folder that names no checkpoint, or one that is not there.
    """
    if os.path.isdir(path) and not os.path.isfile(f"{path}.index"):
        return _newest(path)
    if os.path.isfile(path):
        base = os.path.basename(path)
        if base == STATE_FILE:
            return _newest(os.path.dirname(path))
        for end in (".index", ".meta"):
            if base.endswith(end):
                return path[:-len(end)]
        if ".data-" in base:
            return path[:path.rindex(".data-")]
    return path


def _newest(folder: str) -> str:
    found = newest(folder)
    if found is not None:
        return found
    shown, state = folder or "this folder", read_state(folder)
    there = sorted(n[:-6] for n in os.listdir(folder or ".") if n.endswith(".index"))
    hint = f"name one of its checkpoints: {os.path.join(folder, there[-1])}" if there else \
        "there is no checkpoint in it"
    if state is not None:
        raise NotFound(f"the newest checkpoint of {shown}, {state.model_checkpoint_path}, is not there", hint=hint)
    raise NotFound(f"{shown} is a folder without a state file 'checkpoint'", hint=hint)


def remove_leftovers(folder: str, name: str) -> None:
    """Removes what a run that was killed left of checkpoints ``name-STEP``: files half written, data without an index.

    Nobody else may be saving there under that name.
    """
    lead = os.path.join(glob.escape(folder), glob.escape(name))
    half = [os.path.join(glob.escape(folder), f".{STATE_FILE}.????????.part"), f"{lead}-*.part",
            os.path.join(glob.escape(folder), f".{glob.escape(name)}-*.????????.part")]
    paths = [p for pattern in half for p in glob.glob(pattern)]
    paths += [p for p in glob.glob(f"{lead}-*.data-?????-of-?????")
              if not os.path.isfile(f"{p[:p.rindex('.data-')]}.index")]
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)


def meta_path(prefix: str, suffix: str = "meta") -> str:
    """The file of a checkpoint's graph; of the pattern of a V1 checkpoint of several files without its end."""
    return f"{re.sub(r'-[0-9?]+-of-[0-9]+$', '', prefix)}.{suffix}"


def remove_checkpoint(prefix: str, meta_graph_suffix: str = "meta", old: bool = False) -> None:
    """Removes the files of a checkpoint, the index first: without it there is none. old: of the V1 format."""
    paths = glob.glob(prefix) if old else [f"{prefix}.index", *glob.glob(
        f"{glob.escape(prefix)}.data-?????-of-?????")]
    paths.append(meta_path(prefix, meta_graph_suffix))
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)

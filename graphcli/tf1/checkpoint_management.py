"""Checkpoints without a graph: which there are, what they hold (tf.train.latest_checkpoint, list_variables, …)."""
from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue, Unimplemented
from ..graph.types import DType, as_dtype
from ..wire import checkpoints
from ..wire.bundle import SavedSlices, open_checkpoint

EXPORTS = """
train: latest_checkpoint get_checkpoint_state update_checkpoint_state checkpoint_exists load_checkpoint
train python.pywrap_tensorflow: NewCheckpointReader
train: list_variables load_variable remove_checkpoint get_checkpoint_mtimes
train: generate_checkpoint_state_proto CheckpointState SaverDef
"""


def __getattr__(name: str) -> Any:
    if name in ("CheckpointState", "SaverDef"):
        from ..wire.messages import message

        return message(name)
    raise AttributeError(name)


class CheckpointReader:
    """An open checkpoint (tf.train.NewCheckpointReader).

    Raises NotFound, NotSupported or DataLoss where it cannot be read.
    """

    def __init__(self, filepattern: str) -> None:
        self.bundle = open_checkpoint(os.fspath(filepattern))

    def has_tensor(self, tensor_str: str) -> bool:
        return tensor_str in self.bundle

    def get_tensor(self, tensor_str: str) -> Any:
        """The value of a tensor. Raises NotFound, DataLoss; Unimplemented for parts of the V1 format."""
        if self._parts(tensor_str):
            raise Unimplemented("Sliced checkpoints are not supported")
        value = self.bundle.read(tensor_str)
        return value[()] if value.dtype == object and not value.ndim else value

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        return {n: list(self.bundle.entries[n].shape) for n in self.bundle}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The dtypes of the tensors, those that graphcli has."""
        return {n: as_dtype(self.bundle.entries[n].dtype) for n in self.bundle}

    def debug_string(self) -> bytes:
        entries = self.bundle.entries
        return "".join(f"{n} (DT_{_enum_name(entries[n].dtype)}) [{','.join(map(str, entries[n].shape))}]"
                       f"{self._parts(n)}\n" for n in self.bundle).encode()

    def _parts(self, name: str) -> str:
        """What TensorFlow says of a tensor of the V1 format that was saved in parts."""
        old = name in self.bundle and isinstance(self.bundle, SavedSlices)
        return f", {len(parts)} slices" if old and (parts := self.bundle.entry(name).slices) else ""


def _enum_name(number: int) -> str:
    from ..wire.messages import enum

    return next((k for k, v in enum("DataType").items() if v == number), f"DT_{number}").removeprefix("DT_")


NewCheckpointReader = CheckpointReader


def load_checkpoint(ckpt_dir_or_file: str) -> CheckpointReader:
    """A reader of a checkpoint, of the newest one of a folder (tf.train.load_checkpoint). Raises InvalidValue."""
    path = os.fspath(ckpt_dir_or_file)
    if os.path.isdir(path):
        found = checkpoints.latest(path)
        if found is None:
            raise InvalidValue(f"the folder {path} names no newest checkpoint: it has no state file 'checkpoint'"
                               if checkpoints.read_state(path) is None else
                               f"the newest checkpoint that {path} names is not there")
        path = found
    return CheckpointReader(path)


def list_variables(ckpt_dir_or_file: str) -> list[tuple[str, list[int]]]:
    """(name, shape) of each tensor, sorted (tf.train.list_variables)."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: str, name: str) -> Any:
    """The value of a tensor of a checkpoint (tf.train.load_variable)."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


def latest_checkpoint(checkpoint_dir: str, latest_filename: str | None = None) -> str | None:
    """The prefix of the newest checkpoint of a folder, None where there is none (tf.train.latest_checkpoint)."""
    return checkpoints.latest(os.fspath(checkpoint_dir), latest_filename)


def checkpoint_exists(checkpoint_prefix: str) -> bool:
    """Whether there is a checkpoint of this prefix (tf.train.checkpoint_exists)."""
    return checkpoints.checkpoint_there(os.fspath(checkpoint_prefix))


def get_checkpoint_state(checkpoint_dir: str, latest_filename: str | None = None) -> Any:
    """The CheckpointState of a folder, None where there is none (tf.train.get_checkpoint_state)."""
    return checkpoints.read_state(os.fspath(checkpoint_dir), latest_filename)


def generate_checkpoint_state_proto(save_dir: str, model_checkpoint_path: str,
                                    all_model_checkpoint_paths: Sequence[str] | None = None,
                                    all_model_checkpoint_timestamps: Sequence[float] | None = None,
                                    last_preserved_timestamp: float | None = None) -> Any:
    """A CheckpointState (tf.train.generate_checkpoint_state_proto)."""
    return checkpoints.make_state(os.fspath(save_dir), os.fspath(model_checkpoint_path), all_model_checkpoint_paths,
                                  all_model_checkpoint_timestamps, last_preserved_timestamp)


def update_checkpoint_state(save_dir: str, model_checkpoint_path: str,
                            all_model_checkpoint_paths: Sequence[str] | None = None,
                            latest_filename: str | None = None,
                            all_model_checkpoint_timestamps: Sequence[float] | None = None,
                            last_preserved_timestamp: float | None = None) -> None:
    """Writes the state file of a folder (tf.train.update_checkpoint_state)."""
    state = generate_checkpoint_state_proto(save_dir, model_checkpoint_path, all_model_checkpoint_paths,
                                            all_model_checkpoint_timestamps, last_preserved_timestamp)
    checkpoints.write_state(os.fspath(save_dir), state, latest_filename)


def remove_checkpoint(checkpoint_prefix: str, checkpoint_format_version: Any = None,
                      meta_graph_suffix: str = "meta") -> None:
    """Removes the files of a checkpoint (tf.train.remove_checkpoint)."""
    checkpoints.remove_checkpoint(os.fspath(checkpoint_prefix), meta_graph_suffix, checkpoint_format_version == 1)


def get_checkpoint_mtimes(checkpoint_prefixes: Sequence[str]) -> list[float]:
    """When each checkpoint was written; those that are not there are left out (tf.train.get_checkpoint_mtimes)."""
    out = []
    for prefix in checkpoint_prefixes:
        for path in (f"{prefix}.index", prefix):
            if os.path.isfile(path):
                out.append(os.path.getmtime(path))
                break
    return out

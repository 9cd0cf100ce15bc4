"""tf.train.Saver: saves and restores the variables of a graph, and keeps the newest checkpoints."""
from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from numbers import Integral
from typing import Any

from ..errors import BadState, GraphError, InvalidType, InvalidValue, NoPlace, NotSupported, said
from ..wire import checkpoints
from ..wire.messages import message
from .framework import get_default_graph
from .logging import info
from .modules import modules
from .saveables import saveables
from .saver_graph import all_saveables, build

EXPORTS = """
train: Saver
"""


class Saver:
    """Adds nodes that save and restore variables, and runs them (tf.train.Saver).

    var_list: variables, or a mapping of names in the checkpoint to variables; all that can be saved if None.
    max_to_keep: how many of the newest checkpoints stay, all if 0 or None; besides those, one for each
    keep_checkpoint_every_n_hours. pad_step_number: steps of 8 digits in names. sharded: a data file for each
    device. reshape: a variable takes a value of another shape with as many elements.

    Raises InvalidValue for a graph without variables (unless allow_empty), for two variables of one name and
    for one variable under two names; InvalidType for what is no variable.
    """

    def __init__(self, var_list: Any = None, reshape: bool = False, sharded: bool = False,
                 max_to_keep: int | None = 5, keep_checkpoint_every_n_hours: float = 10000.0, name: str | None = None,
                 restore_sequentially: bool = False, saver_def: Any = None, builder: Any = None,
                 defer_build: bool = False, allow_empty: bool = False, write_version: int = 2,
                 pad_step_number: bool = False, save_relative_paths: bool = False,
                 filename: str | None = None) -> None:
        if defer_build and var_list is not None:
            raise InvalidValue("defer_build takes the variables that are there when build() is called; leave var_list "
                               "out")
        if builder is not None:
            raise NotSupported("a Saver's builder is not replaced here")
        self._var_list, self._name, self._filename = var_list, name, filename
        self._reshape, self._sharded = reshape, sharded
        self._allow_empty, self._pad_step_number = allow_empty, pad_step_number
        self._save_relative_paths, self._write_version = save_relative_paths, write_version
        self._max_to_keep, self._every_hours = max_to_keep, keep_checkpoint_every_n_hours
        self._is_empty = False
        self._turn = threading.RLock()
        self._last: list[tuple[str, float]] = []
        self._doomed: list[tuple[str, float]] = []
        self.saver_def: Any = saver_def
        if saver_def is not None and name:
            # the name is the scope under which its nodes were imported
            self.saver_def = message("SaverDef").FromString(saver_def.SerializeToString())
            for field in _NAMES:
                setattr(self.saver_def, field, f"{name}/{getattr(saver_def, field)}")
        if saver_def is None and not defer_build:
            self.build()
        if self.saver_def is not None:
            self._max_to_keep = self.saver_def.max_to_keep
            self._every_hours = self.saver_def.keep_checkpoint_every_n_hours
        self._next_kept = time.time() + self._every_hours * 3600

    def build(self) -> None:
        """Adds the nodes of a Saver that was made with defer_build."""
        if self.saver_def is not None or self._is_empty:
            return
        graph = get_default_graph()
        given = all_saveables(graph) if self._var_list is None else self._var_list
        variables = saveables(given)
        if not variables:
            if not self._allow_empty:
                raise InvalidValue("a Saver has no variables to save", hint="make it after the variables")
            self._is_empty = True
            return
        names = build(variables, self._name, self._filename or "model", self._reshape, self._sharded,
                      self._write_version == 1)
        self.saver_def = message("SaverDef")(
            filename_tensor_name=names[0], save_tensor_name=names[1], restore_op_name=names[2],
            max_to_keep=self._max_to_keep or 0, sharded=self._sharded,
            keep_checkpoint_every_n_hours=self._every_hours, version=self._write_version)

    # -- saving

    def save(self, sess: Any, save_path: str, global_step: Any = None, latest_filename: str | None = None,
             meta_graph_suffix: str = "meta", write_meta_graph: bool = True, write_state: bool = True,
             strip_default_attrs: bool = False, save_debug_info: bool = False) -> str | None:
        """Saves to ``save_path`` (``-STEP`` is added if a global step is given); the prefix written.

        Threads save one after another, so that the newest step is the last. Raises InvalidValue for names that would
        clash, NoPlace where the folder cannot be made.
        """
        with self._turn:
            return self._save(sess, save_path, global_step, latest_filename, meta_graph_suffix, write_meta_graph,
                              write_state, strip_default_attrs)

    def _save(self, sess: Any, save_path: str, global_step: Any, latest_filename: str | None, meta_graph_suffix: str,
              write_meta_graph: bool, write_state: bool, strip_default_attrs: bool) -> str | None:
        self._check_built("save")
        save_path = os.fspath(save_path)
        checkpoints.state_path("", latest_filename)
        checkpoints.check_text(save_path)
        if global_step is not None:
            step = int(global_step) if isinstance(global_step, Integral) else int(sess.run(global_step))
            prefix = f"{save_path}-{step:08d}" if self._pad_step_number else f"{save_path}-{step}"
        else:
            prefix = save_path
            if os.path.basename(save_path) == (latest_filename or checkpoints.STATE_FILE) and not self._sharded:
                raise InvalidValue(f"'latest_filename' collides with 'save_path': both are {save_path}")
        if not self._is_empty:
            if not prefix:
                raise NoPlace("a checkpoint needs a path")
            folder = os.path.dirname(prefix)
            if folder and not os.path.isdir(folder):
                try:
                    # as TensorFlow, which makes one folder of a path: for shards that in which they come together
                    if self._sharded or self.saver_def.version < 2:
                        raise FileNotFoundError
                    os.mkdir(folder)
                except OSError:
                    raise NoPlace(f"cannot save to {prefix}: there is no folder {folder}") from None
            done = sess.run(self.saver_def.save_tensor_name, {self.saver_def.filename_tensor_name: prefix})
            prefix = done.decode() if isinstance(done, bytes) else str(done)
            if write_state:
                self._remember(prefix)
                self._write_state(save_path, prefix, latest_filename)
                self._forget_old(meta_graph_suffix)
        if write_meta_graph:
            self._write_meta(sess, checkpoints.meta_path(prefix, meta_graph_suffix), strip_default_attrs)
        return None if self._is_empty else prefix

    def _write_state(self, save_path: str, prefix: str, latest_filename: str | None) -> None:
        folder = os.path.dirname(save_path)
        kept = self.last_checkpoints
        if self._save_relative_paths:
            kept = [os.path.relpath(p, folder or ".") if os.path.isabs(p) else p for p in kept]
            prefix = os.path.relpath(prefix, folder or ".") if os.path.isabs(prefix) else prefix
        checkpoints.write_state(folder, checkpoints.make_state(folder, prefix, kept), latest_filename)

    def _write_meta(self, sess: Any, path: str, strip_default_attrs: bool) -> None:
        train = modules["train"]
        if "export_meta_graph" in train:
            with sess.graph.as_default():
                train.export_meta_graph(path, saver_def=self.saver_def, strip_default_attrs=strip_default_attrs)

    def _remember(self, prefix: str) -> None:
        if not self._max_to_keep:
            return
        self._last = [(p, t) for p, t in self._last if p != prefix]
        self._last.append((prefix, time.time()))
        if len(self._last) > self._max_to_keep:
            self._doomed.append(self._last.pop(0))

    def _forget_old(self, meta_graph_suffix: str) -> None:
        if not self._doomed:
            return
        prefix, when = self._doomed.pop(0)
        if when > self._next_kept:
            self._next_kept += self._every_hours * 3600
            return
        checkpoints.remove_checkpoint(prefix, meta_graph_suffix, self.saver_def.version < 2)

    # -- restoring

    def restore(self, sess: Any, save_path: str | None) -> None:
        """Gives the variables their values in a checkpoint.

        Raises InvalidValue where there is none, RunError with the names for what it lacks or has in another shape.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise InvalidValue("Can't load save_path when it is None", hint="tf.train.latest_checkpoint found nothing?")
        save_path = os.fspath(save_path)
        if not checkpoints.checkpoint_there(save_path):
            raise InvalidValue(f"The passed save_path is not a valid checkpoint: {save_path}")
        self._check_built("restore")
        info("Restoring parameters from %s", save_path)
        try:
            sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: save_path})
        except GraphError as error:
            error.note(f"while {save_path} was restored")
            raise

    # -- what is kept

    @property
    def last_checkpoints(self) -> list[str]:
        """The checkpoints that are kept, the newest last."""
        return [p for p, _ in self._last]

    def set_last_checkpoints(self, last_checkpoints: Sequence[str]) -> None:
        if not isinstance(last_checkpoints, (list, tuple)):
            raise InvalidType(f"the last checkpoints are a list, not {said(last_checkpoints)}")
        self._last = [(p, float("inf")) for p in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time: Sequence[tuple[str, float]]) -> None:
        if not isinstance(last_checkpoints_with_time, (list, tuple)):
            raise InvalidType(f"the last checkpoints are a list of pairs, not {said(last_checkpoints_with_time)}")
        self._last = list(last_checkpoints_with_time)

    def recover_last_checkpoints(self, checkpoint_paths: Sequence[str]) -> None:
        """Takes over the checkpoints of an earlier run, those that are still there."""
        from .checkpoint_management import get_checkpoint_mtimes

        there = [p for p in checkpoint_paths if checkpoints.checkpoint_there(p)]
        self._last = list(zip(there, get_checkpoint_mtimes(there)))

    # -- as a message

    def as_saver_def(self) -> Any:
        """The SaverDef: the names of the nodes."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> Any:
        """The SaverDef, its names without a scope; None if they are not in it."""
        if export_scope is None:
            return self.saver_def
        lead = f"{export_scope}/"
        if not all(getattr(self.saver_def, f).startswith(lead) for f in _NAMES):
            return None
        made = message("SaverDef").FromString(self.saver_def.SerializeToString())
        for field in _NAMES:
            setattr(made, field, getattr(made, field).removeprefix(lead))
        return made

    @staticmethod
    def from_proto(saver_def: Any, import_scope: str | None = None) -> Saver:
        """A Saver of nodes that are in the graph already."""
        return Saver(saver_def=message("SaverDef").FromString(saver_def.SerializeToString()), name=import_scope)

    def export_meta_graph(self, filename: str | None = None, collection_list: Any = None, as_text: bool = False,
                          **more: Any) -> Any:
        """Writes the graph with this Saver in it (tf.train.export_meta_graph)."""
        return modules["train"].export_meta_graph(filename, saver_def=self.saver_def,
                                                  collection_list=collection_list, as_text=as_text, **more)

    def _check_built(self, what: str) -> None:
        if self.saver_def is None and not self._is_empty:
            raise BadState(f"a Saver of defer_build needs build() before {what}()")


_NAMES = ("filename_tensor_name", "save_tensor_name", "restore_op_name")

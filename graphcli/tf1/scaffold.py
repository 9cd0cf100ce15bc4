"""What a monitored session needs of its graph, and how it is made ready (tf.train.Scaffold, SessionManager)."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..errors import BadState, FailedPrecondition, InvalidValue, said
from .error_names import DeadlineExceededError
from .framework import device, get_default_graph, name_scope
from .grouping import group, no_op
from .logging import info
from .modules import modules

EXPORTS = """
train: Scaffold SessionManager
"""

tf = modules["tf"]


def _either(own: Any, other: Any) -> Any:
    return other if own is None else own


class Scaffold:
    """The ops and the Saver that make a session ready; what is not given is made by ``finalize`` (tf.train.Scaffold).

    init_fn: a function of the scaffold and the session that runs after init_op. ready_op, ready_for_local_init_op:
    names of variables without a value. copy_from_scaffold: where what is not given here is taken from.
    """

    def __init__(self, init_op: Any = None, init_feed_dict: Any = None, init_fn: Callable[..., Any] | None = None,
                 ready_op: Any = None, ready_for_local_init_op: Any = None, local_init_op: Any = None,
                 summary_op: Any = None, saver: Any = None, copy_from_scaffold: Scaffold | None = None,
                 local_init_feed_dict: Any = None) -> None:
        other = copy_from_scaffold
        if other is not None:
            if not isinstance(other, Scaffold):
                raise InvalidValue(f"copy_from_scaffold is a Scaffold, not {said(other)}")
            init_op, init_feed_dict = _either(init_op, other.init_op), _either(init_feed_dict, other.init_feed_dict)
            init_fn = _either(init_fn, other._user_init_fn)
            ready_op = _either(ready_op, other.ready_op)
            ready_for_local_init_op = _either(ready_for_local_init_op, other.ready_for_local_init_op)
            local_init_op = _either(local_init_op, other.local_init_op)
            local_init_feed_dict = _either(local_init_feed_dict, other.local_init_feed_dict)
            summary_op, saver = _either(summary_op, other.summary_op), _either(saver, other.saver)
        self._user_init_fn: Any = init_fn
        self.init_fn: Any = None if init_fn is None else lambda session: init_fn(self, session)
        self.init_op: Any = init_op
        self.init_feed_dict: Any = init_feed_dict
        self.ready_op: Any = ready_op
        self.ready_for_local_init_op: Any = ready_for_local_init_op
        self.local_init_op: Any = local_init_op
        self.local_init_feed_dict: Any = local_init_feed_dict
        self.summary_op: Any = summary_op
        self.saver: Any = saver

    def finalize(self) -> Scaffold:
        """Makes what is missing, and finalizes the graph."""
        graph: Any = get_default_graph()
        default = Scaffold.get_or_default
        if self.init_op is None:
            self.init_op = default("init_op", "init_op", lambda: group(
                tf.global_variables_initializer(), no_op(name="init"),
                graph.get_collection("saved_model_initializers")))
        if self.ready_op is None:
            self.ready_op = default("ready_op", "ready_op", lambda: tf.concat(
                [tf.report_uninitialized_variables(), _no_resources()], 0))
        if self.ready_for_local_init_op is None:
            self.ready_for_local_init_op = default(
                "ready_for_local_init_op", "ready_for_local_init_op", lambda: tf.concat(
                    [tf.report_uninitialized_variables(tf.global_variables()), _no_resources()], 0))
        if self.local_init_op is None:
            self.local_init_op = default("local_init_op", "local_init_op", Scaffold.default_local_init_op)
        if self.summary_op is None:
            self.summary_op = default("summary_op", "summary_op", modules["summary"].merge_all)
        if self.saver is None:
            self.saver = default("saver", "savers", lambda: modules["train"].Saver(sharded=True, allow_empty=True))
        self.saver.build()
        graph.finalize()
        info("Graph was finalized.")
        return self

    @staticmethod
    def get_or_default(arg_name: str, collection_key: str, default_constructor: Callable[[], Any]) -> Any:
        """The one item of a collection, or a new one in it. Raises BadState for several."""
        graph = get_default_graph()
        found = graph.get_collection(collection_key)
        if len(found) > 1:
            raise BadState(f"More than one item in the collection {collection_key!r}. Please indicate which one to use "
                           f"by passing it to the tf.train.Scaffold constructor as {arg_name}")
        if found:
            return found[0]
        made = default_constructor()
        if made is not None:
            graph.add_to_collection(collection_key, made)
        return made

    @staticmethod
    def default_local_init_op() -> Any:
        """The op that initializes local variables and tables."""
        return group(tf.local_variables_initializer(), tf.tables_initializer(), no_op(name="init"))


def _no_resources() -> Any:
    """The names of resources without a value: a graph has no other resources than variables here."""
    with name_scope("report_uninitialized_resources"), device("/cpu:0"):
        return tf.constant([], dtype="string")


class SessionManager:
    """Makes sessions whose variables have values: from a checkpoint, else by an op (tf.train.SessionManager).

    recovery_wait_secs: how long is slept between two looks for a checkpoint or for variables.
    """

    def __init__(self, local_init_op: Any = None, ready_op: Any = None, ready_for_local_init_op: Any = None,
                 graph: Any = None, recovery_wait_secs: float = 30, local_init_run_options: Any = None,
                 local_init_feed_dict: Any = None) -> None:
        if ready_for_local_init_op is not None and local_init_op is None:
            raise InvalidValue("If you pass a ready_for_local_init_op you must also pass a local_init_op")
        self._local_init_op, self._local_feeds = local_init_op, local_init_feed_dict
        self._ready_op, self._ready_for_local = ready_op, ready_for_local_init_op
        self._graph = graph or get_default_graph()
        self._wait, self._options = recovery_wait_secs, local_init_run_options

    def prepare_session(self, master: str, init_op: Any = None, saver: Any = None, checkpoint_dir: Any = None,
                        checkpoint_filename_with_path: Any = None, wait_for_checkpoint: bool = False,
                        max_wait_secs: float = 7200, config: Any = None, init_feed_dict: Any = None,
                        init_fn: Callable[[Any], Any] | None = None) -> Any:
        """A session that is ready. Raises BadState where variables still have no value."""
        session, restored = self._restored(master, saver, checkpoint_dir, checkpoint_filename_with_path,
                                           wait_for_checkpoint, max_wait_secs, config)
        if not restored:
            if init_op is None and init_fn is None and self._local_init_op is None:
                raise BadState("Model is not initialized and no init_op or init_fn or local_init_op was given")
            if init_op is not None:
                session.run(init_op, feed_dict=init_feed_dict)
            if init_fn is not None:
                init_fn(session)
        lacking = self._initialize_local(session)
        if lacking:
            raise BadState(f"Init operations did not make model ready for local_init: {lacking}")
        lacking = _lacking(self._ready_op, session)
        if lacking:
            raise BadState(f"Init operations did not make model ready: {lacking}")
        return session

    def recover_session(self, master: str, saver: Any = None, checkpoint_dir: Any = None,
                        checkpoint_filename_with_path: Any = None, wait_for_checkpoint: bool = False,
                        max_wait_secs: float = 7200, config: Any = None) -> tuple[Any, bool]:
        """A session, and whether it is ready by a checkpoint."""
        session, restored = self._restored(master, saver, checkpoint_dir, checkpoint_filename_with_path,
                                           wait_for_checkpoint, max_wait_secs, config)
        lacking = self._initialize_local(session)
        if not restored:
            return session, False
        where = checkpoint_dir or checkpoint_filename_with_path
        lacking = lacking or _lacking(self._ready_op, session)
        info("Restoring model from %s did not make model ready: %s", where, lacking) if lacking else \
            info("Restored model from %s", where)
        return session, not lacking

    def wait_for_session(self, master: str, config: Any = None, max_wait_secs: float | None = None) -> Any:
        """A session whose variables another one gives values. Raises DeadlineExceededError after max_wait_secs."""
        end = None if max_wait_secs is None else time.monotonic() + max_wait_secs
        while True:
            session = tf.Session(master, graph=self._graph, config=config)
            lacking = self._initialize_local(session) or _lacking(self._ready_op, session)
            if not lacking:
                return session
            session.close()
            if end is not None and time.monotonic() + self._wait > end:
                raise DeadlineExceededError(f"Session was not ready after waiting {max_wait_secs:.0f} secs.",
                                            hint="a session's variables are its own here: is_chief=True gives them "
                                                 "their values")
            info("Waiting for model to be ready: %s", lacking)
            time.sleep(self._wait)

    def _restored(self, master: str, saver: Any, folder: Any, path: Any, wait: bool, max_wait_secs: float,
                  config: Any) -> tuple[Any, bool]:
        session = tf.Session(master, graph=self._graph, config=config)
        if folder and path:
            raise InvalidValue("Can not provide both checkpoint_dir and checkpoint_filename_with_path.")
        if saver is None or not (folder or path):
            return session, False
        train = modules["train"]
        state: Any = None
        waited = 0.0
        while folder and not (state := train.get_checkpoint_state(folder)):
            if not wait or waited >= max_wait_secs:
                return session, False
            info("Waiting for checkpoint to be available.")
            time.sleep(self._wait)
            waited += self._wait
        starts = self._graph.get_collection("saved_model_initializers")
        if starts:
            session.run(starts)
        saver.restore(session, path or state.model_checkpoint_path)
        if state:
            saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        return session, True

    def _initialize_local(self, session: Any) -> str:
        """Gives local variables their values, once the global ones have theirs; else which do not."""
        if self._local_init_op is None:
            return ""
        lacking = _lacking(self._ready_for_local, session)
        if not lacking:
            info("Running local_init_op.")
            session.run(self._local_init_op, feed_dict=self._local_feeds, options=self._options)
            info("Done running local_init_op.")
        return lacking


def _lacking(op: Any, session: Any) -> str:
    """What an op tells to be without a value, '' if nothing is."""
    if op is None:
        return ""
    try:
        names = session.run(op)
    except FailedPrecondition as missing:
        return str(missing)
    if names is None or names.dtype.kind in "iu" or not names.size:
        return ""
    return "Variables not initialized: " + ", ".join(name.decode() for name in names)

"""Sessions that initialize, restore, save and stop by themselves (tf.train.MonitoredTrainingSession)."""
from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import BadState, Gone, InvalidValue, OutOfRange
from .coordinator import Coordinator
from .framework import get_default_graph
from .scaffold import Scaffold, SessionManager
from .session_hooks_files import CheckpointSaverHook, StepCounterHook, SummarySaverHook
from .session_layers import Coordinated, Hooked, Recovered

EXPORTS = """
train: MonitoredTrainingSession MonitoredSession SingularMonitoredSession SessionCreator ChiefSessionCreator
train: WorkerSessionCreator
"""


class _Default:
    def __repr__(self) -> str:
        return "DEFAULT"


_DEFAULT = _Default()


class SessionCreator(ABC):
    """Makes the session below a monitored one (tf.train.SessionCreator)."""

    @abstractmethod
    def create_session(self) -> Any:
        """A session that is ready."""


class _Creator(SessionCreator):
    def __init__(self, scaffold: Scaffold | None, master: str, config: Any) -> None:
        self._scaffold, self._master, self._config = scaffold or Scaffold(), master, config
        self._manager: SessionManager | None = None

    def _managed(self) -> SessionManager:
        """What makes the sessions, of the finalized graph."""
        made = self._scaffold.finalize()
        if self._manager is None:
            self._manager = SessionManager(made.local_init_op, made.ready_op, made.ready_for_local_init_op,
                                           local_init_feed_dict=made.local_init_feed_dict)
        return self._manager


class ChiefSessionCreator(_Creator):
    """Restores the newest checkpoint of a folder, else initializes (tf.train.ChiefSessionCreator)."""

    def __init__(self, scaffold: Scaffold | None = None, master: str = "", config: Any = None,
                 checkpoint_dir: Any = None, checkpoint_filename_with_path: Any = None) -> None:
        super().__init__(scaffold, master, config)
        self._dir, self._file = checkpoint_dir, checkpoint_filename_with_path

    def create_session(self) -> Any:
        manager, s = self._managed(), self._scaffold
        return manager.prepare_session(
            self._master, init_op=s.init_op, saver=s.saver, checkpoint_dir=self._dir,
            checkpoint_filename_with_path=self._file, config=self._config, init_feed_dict=s.init_feed_dict,
            init_fn=s.init_fn)


class WorkerSessionCreator(_Creator):
    """Waits until a chief has initialized (tf.train.WorkerSessionCreator)."""

    def __init__(self, scaffold: Scaffold | None = None, master: str = "", config: Any = None,
                 max_wait_secs: float | None = 30 * 60) -> None:
        super().__init__(scaffold, master, config)
        self._max_wait = max_wait_secs

    def create_session(self) -> Any:
        return self._managed().wait_for_session(self._master, config=self._config, max_wait_secs=self._max_wait)


class _StepContext:
    """What ``run_step_fn`` hands to its function: the tf.Session, and steps with hooks."""

    def __init__(self, session: Any, run_with_hooks: Callable[..., Any]) -> None:
        self.session, self.run_with_hooks = session, run_with_hooks

    def request_stop(self) -> None:
        """Ends the program's loop, as StopIteration does in the ``with`` of a session."""
        raise StopIteration("step_fn has requested the iterations to stop.")


class _Monitored:
    """A session with hooks, whose graph is final until it is closed."""

    StepContext = _StepContext

    def __init__(self, session_creator: SessionCreator | None, hooks: Sequence[Any] | None, recover: bool,
                 stop_grace_period_secs: float) -> None:
        self._was_finalized = get_default_graph().finalized
        self._hooks = list(hooks or ())
        for hook in self._hooks:
            hook.begin()
        self._creator, self._grace = session_creator or ChiefSessionCreator(), stop_grace_period_secs
        self._raw: Any = None
        self._sess: Any = Recovered(self._coordinated) if recover else self._coordinated()

    def _coordinated(self) -> Coordinated:
        self._raw = self._creator.create_session()
        coord = Coordinator(clean_stop_exception_types=[])
        for runner in self._raw.graph.get_collection("queue_runners"):
            runner.create_threads(self._raw, coord, daemon=True, start=True)
        for hook in self._hooks:
            hook.after_create_session(self._raw, coord)
        return Coordinated(Hooked(self._raw, self._hooks), coord, self._grace)

    @property
    def graph(self) -> Any:
        """The graph, None once it is closed."""
        return None if self._raw is None else self._raw.graph

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """A step as tf.Session.run takes it, with the hooks around it. Raises BadState after ``should_stop()``."""
        if self._sess is None:
            raise Gone("Session is already closed.")
        return self._sess.run(fetches, feed_dict, options, run_metadata)

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """Calls a function of a step context, which takes steps with hooks and without."""
        if self._sess is None:
            raise Gone("Session is already closed.")
        names = tuple(inspect.signature(step_fn).parameters)
        if names != ("step_context",):
            raise InvalidValue("`step_fn` may either have one `step_context` argument, or `self` and `step_context` "
                               f"arguments if it's an instance method. Got {names} instead.")
        return step_fn(_StepContext(self._raw, self._sess.run))

    def should_stop(self) -> bool:
        return self._sess is None or self._sess.should_stop()

    def close(self) -> None:
        """Ends the hooks, joins the threads and closes the session. Raises BadState if it is closed."""
        self._close(None)

    def _close(self, failed: Any) -> None:
        if self._sess is None:
            raise BadState("Session is already closed.")
        graph = self._raw.graph
        try:
            if not failed:
                for hook in self._hooks:
                    hook.end(self._raw)
        finally:
            try:
                self._sess.close()
            finally:
                self._sess = self._raw = None
                if not self._was_finalized:
                    graph.finalized = False

    def _is_closed(self) -> bool:
        return self._raw is None

    def _tf_sess(self) -> Any:
        return self._raw

    def __enter__(self) -> _Monitored:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        ended = kind is not None and issubclass(kind, (OutOfRange, StopIteration))
        self._close(None if ended else kind)
        return ended


class MonitoredSession(_Monitored):
    """A session with hooks that goes on with a new one where one is lost (tf.train.MonitoredSession)."""

    def __init__(self, session_creator: SessionCreator | None = None, hooks: Sequence[Any] | None = None,
                 stop_grace_period_secs: float = 120) -> None:
        super().__init__(session_creator, hooks, True, stop_grace_period_secs)


class SingularMonitoredSession(_Monitored):
    """A session with hooks and no more than one session below it (tf.train.SingularMonitoredSession)."""

    def __init__(self, hooks: Sequence[Any] | None = None, scaffold: Scaffold | None = None, master: str = "",
                 config: Any = None, checkpoint_dir: Any = None, stop_grace_period_secs: float = 120,
                 checkpoint_filename_with_path: Any = None) -> None:
        super().__init__(ChiefSessionCreator(scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path),
                         hooks, False, stop_grace_period_secs)

    def raw_session(self) -> Any:
        """The tf.Session below."""
        return self._raw


def MonitoredTrainingSession(
        master: str = "", is_chief: bool = True, checkpoint_dir: Any = None, scaffold: Scaffold | None = None,
        hooks: Sequence[Any] | None = None, chief_only_hooks: Sequence[Any] | None = None,
        save_checkpoint_secs: Any = _DEFAULT, save_summaries_steps: Any = _DEFAULT, save_summaries_secs: Any = _DEFAULT,
        config: Any = None, stop_grace_period_secs: float = 120, log_step_count_steps: int | None = 100,
        max_wait_secs: float | None = 7200, save_checkpoint_steps: Any = _DEFAULT, summary_dir: Any = None,
        save_graph_def: bool = True) -> MonitoredSession:
    """A session for training (tf.train.MonitoredTrainingSession).

    checkpoint_dir: is restored from, and saved to every save_checkpoint_secs (600 if nothing is said) or
    save_checkpoint_steps. summary_dir, checkpoint_dir by default: gets the summaries every save_summaries_steps (100
    if nothing is said) or save_summaries_secs, and the steps a second every log_step_count_steps. hooks: are asked
    after those. Raises BadState where files are to be written and the graph has no global step.
    """
    if save_summaries_steps is _DEFAULT and save_summaries_secs is _DEFAULT:
        save_summaries_steps = 100
    if save_checkpoint_secs is _DEFAULT and save_checkpoint_steps is _DEFAULT:
        save_checkpoint_secs = 600
    summary_steps, summary_secs, save_steps, save_secs = (
        None if given is _DEFAULT or not given or given <= 0 else given
        for given in (save_summaries_steps, save_summaries_secs, save_checkpoint_steps, save_checkpoint_secs))
    scaffold = scaffold or Scaffold()
    if not is_chief:
        worker = WorkerSessionCreator(scaffold, master, config, max_wait_secs)
        return MonitoredSession(worker, hooks, stop_grace_period_secs)
    every: list[Any] = list(chief_only_hooks or ())
    where = summary_dir or checkpoint_dir
    if where and log_step_count_steps and log_step_count_steps > 0:
        every.append(StepCounterHook(log_step_count_steps, output_dir=where))
    if where and (summary_steps or summary_secs):
        every.append(SummarySaverHook(summary_steps, summary_secs, output_dir=where, scaffold=scaffold))
    if checkpoint_dir and (save_steps or save_secs):
        every.append(CheckpointSaverHook(checkpoint_dir, save_secs, save_steps, scaffold=scaffold,
                                         save_graph_def=save_graph_def))
    chief = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    return MonitoredSession(chief, [*every, *(hooks or ())], stop_grace_period_secs)

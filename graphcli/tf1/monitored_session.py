"""Sessions that initialize, restore, save and stop by themselves (tf.train.MonitoredTrainingSession)."""
from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import BadState, InvalidValue, OutOfRange
from .coordinator import Coordinator
from .error_names import AbortedError, UnavailableError
from .framework import get_default_graph
from .logging import info
from .modules import modules
from .scaffold import Scaffold, SessionManager
from .session_hooks import SessionRunArgs, SessionRunContext, SessionRunValues
from .session_hooks_files import CheckpointSaverHook, StepCounterHook, SummarySaverHook

EXPORTS = """
train: MonitoredTrainingSession MonitoredSession SingularMonitoredSession SessionCreator ChiefSessionCreator
train: WorkerSessionCreator
"""

_DEFAULT = object()
_LOST = (AbortedError, UnavailableError)
"""After these a new session goes on."""


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


class _Layer:
    """A session above another, ``_sess``: programs go down by that name to the tf.Session itself."""

    def __init__(self, sess: Any) -> None:
        self._sess = sess

    @property
    def graph(self) -> Any:
        return self._sess.graph

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        return self._sess.run(fetches, feed_dict=feed_dict, options=options, run_metadata=run_metadata)

    def should_stop(self) -> bool:
        """Whether a hook, a thread or the end of the session asks to stop."""
        if self._sess is None:
            return True
        return self._stops() or isinstance(self._sess, _Layer) and self._sess.should_stop()

    def _stops(self) -> bool:
        return False

    def close(self) -> None:
        if self._sess is not None:
            try:
                self._sess.close()
            finally:
                self._sess = None


class _Hooked(_Layer):
    """Asks the hooks around each step."""

    def __init__(self, sess: Any, hooks: Sequence[Any]) -> None:
        super().__init__(sess)
        self._hooks, self._stopped = hooks, False

    def _stops(self) -> bool:
        return self._stopped

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        if self.should_stop():
            raise BadState("Run called even after should_stop requested.")
        tf = modules["tf"]
        options = tf.RunOptions() if options is None else options
        run_metadata = tf.RunMetadata() if run_metadata is None else run_metadata
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._sess)
        wanted, feeds = self._asked(context, feed_dict, options)
        result, *others = super().run([fetches, *wanted.values()], feeds, options, run_metadata)
        found = dict(zip(wanted, others))
        for i, hook in enumerate(self._hooks):
            hook.after_run(context, SessionRunValues(found.get(i), options, run_metadata))
        self._stopped = self._stopped or context.stop_requested
        return result

    def _asked(self, context: SessionRunContext, feed_dict: Any, options: Any) -> tuple[dict[int, Any], Any]:
        """What hooks want to fetch, by their numbers, and all that is fed."""
        wanted: dict[int, Any] = {}
        feeds: dict[Any, Any] = {}
        for i, hook in enumerate(self._hooks):
            request = hook.before_run(context)
            if request is not None and request.fetches is not None:
                wanted[i] = request.fetches
            if request is not None and request.feed_dict:
                _apart(feeds, request.feed_dict, "Same tensor is fed by two hooks.")
                feeds.update(request.feed_dict)
            if request is not None and request.options:
                options.trace_level = max(options.trace_level, request.options.trace_level)
        if feeds and feed_dict:
            _apart(feeds, feed_dict, "Same tensor is fed by a SessionRunHook and user.")
        return wanted, {**feeds, **feed_dict} if feeds and feed_dict else feeds or feed_dict


def _apart(a: Any, b: Any, message: str) -> None:
    both = [t for t in a if t in b]
    if both:
        raise BadState(f"{message} Conflict(s): {[getattr(t, 'name', t) for t in both]}")


class _Coordinated(_Layer):
    """Stops when the coordinator does, and then joins its threads."""

    def __init__(self, sess: _Layer, coord: Coordinator, grace: float) -> None:
        super().__init__(sess)
        self._coord, self._grace = coord, grace

    def _stops(self) -> bool:
        self._coord.raise_requested_exception()
        return self._coord.should_stop()

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        try:
            return super().run(fetches, feed_dict, options, run_metadata)
        except _LOST:
            raise
        except Exception:
            # a step fails where a thread failed first: that is the reason
            self._coord.raise_requested_exception()
            raise

    def close(self) -> None:
        self._coord.request_stop()
        try:
            self._coord.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)
        finally:
            super().close()


class _Recovered(_Layer):
    """Goes on with a new session where one is lost."""

    def __init__(self, create: Callable[[], Any]) -> None:
        self._create = create
        super().__init__(self._made())

    def _made(self) -> Any:
        while True:
            try:
                return self._create()
            except _LOST as lost:
                info("A new session is created, for one was lost while it was made: %s", lost)

    def _stops(self) -> bool:
        try:
            return bool(self._sess._stops())
        except _LOST as lost:
            self._renew(lost)
            return False
        except Exception:
            # ``run`` raises what a thread reported
            return True

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        while True:
            try:
                return super().run(fetches, feed_dict, options, run_metadata)
            except _LOST as lost:
                self._renew(lost)

    def _renew(self, lost: Exception) -> None:
        info("A new session is created, for one was lost: %s", lost)
        self.close()
        self._sess = self._made()


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
        self._sess: Any = _Recovered(self._coordinated) if recover else self._coordinated()

    def _coordinated(self) -> _Coordinated:
        self._raw = self._creator.create_session()
        coord = Coordinator(clean_stop_exception_types=[])
        for hook in self._hooks:
            hook.after_create_session(self._raw, coord)
        return _Coordinated(_Hooked(self._raw, self._hooks), coord, self._grace)

    @property
    def graph(self) -> Any:
        """The graph, None once it is closed."""
        return None if self._raw is None else self._raw.graph

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """A step as tf.Session.run takes it, with the hooks around it. Raises BadState after ``should_stop()``."""
        if self._sess is None:
            raise BadState("Session is already closed.")
        return self._sess.run(fetches, feed_dict, options, run_metadata)

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """Calls a function of a step context, which takes steps with hooks and without."""
        if self._sess is None:
            raise BadState("Session is already closed.")
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

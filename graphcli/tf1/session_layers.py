"""The layers of a monitored session: hooks, threads that stop together, a session that is renewed."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import BadState
from .coordinator import Coordinator
from .error_names import AbortedError, UnavailableError
from .logging import info
from .modules import modules
from .session_hooks import SessionRunArgs, SessionRunContext, SessionRunValues

_LOST = (AbortedError, UnavailableError)
"""After these a new session goes on."""


class Layer:
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
        return self._stops() or isinstance(self._sess, Layer) and self._sess.should_stop()

    def _stops(self) -> bool:
        return False

    def close(self) -> None:
        if self._sess is not None:
            try:
                self._sess.close()
            finally:
                self._sess = None


class Hooked(Layer):
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


class Coordinated(Layer):
    """Stops when the coordinator does, and then joins its threads."""

    def __init__(self, sess: Layer, coord: Coordinator, grace: float) -> None:
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


class Recovered(Layer):
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

"""Locks: what one step at a time may do (tf.CriticalSection)."""
from __future__ import annotations

import threading
import weakref
from typing import Any

from ..errors import Cancelled, NotSupported
from ..graph.deadline import left, wait
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient

CPU_ONLY = True


class Mutex:
    """Held by one at a time, in the order in which they ask."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.holder = 0
        self.ended = False
        self._changed = threading.Condition()

    def lock(self) -> Lock:
        """Waits until nobody else holds it. Raises NotSupported where this thread does, whose step would wait for
        itself."""
        left()
        me = object()
        with self._changed:
            if self.asked and self.holder == threading.get_ident():
                raise NotSupported("two critical sections of one mutex in a step are not run here",
                                   hint="run them in a step each")
            self.asked.append(me)
            try:
                while self.asked[0] is not me:
                    if self.ended:
                        raise Cancelled("the session of the mutex is closed")
                    wait(self._changed)
            except BaseException:
                self.asked.remove(me)
                self._changed.notify_all()
                raise
            self.holder = threading.get_ident()
        return Lock(self, me)

    def release(self, me: object) -> None:
        with self._changed:
            if me in self.asked:
                self.asked.remove(me)
                self._changed.notify_all()

    def cancel(self) -> None:
        """Ends the waiting of all: the session is closed."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()


class Lock:
    """That a mutex is held, until it is consumed or nobody has it any more."""

    def __init__(self, mutex: Mutex, me: object) -> None:
        self.release = weakref.finalize(self, mutex.release, me)


@op
class MutexV2:
    """A mutex, one of all nodes that say one shared_name, else one name."""

    signature = " -> resource: resource"
    attrs = "container: string = ''; shared_name: string = ''"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        name = n.attrs["shared_name"] or n.node.name
        mutex = n.state.resource(f"Mutex {n.attrs['container']}/{name}", Mutex)
        return lambda: mutex


@op
class MutexLock:
    """Waits until nobody else holds the mutex, and holds it for as long as the lock is there."""

    signature = "mutex: resource -> mutex_lock: variant"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda mutex: mutex.lock()


@op
class ConsumeMutexLock:
    """Gives the mutex of a lock free."""

    signature = "mutex_lock: variant -> "
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, mutex_lock: Any) -> Any:
        return []

    def kernel(n: Any) -> Any:
        def consume(lock: Any) -> None:
            lock.release()

        return consume

"""Queues as values: what threads put in and take out, each waiting for the other (tf.FIFOQueue and its kin)."""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..errors import Cancelled, OutOfRange
from ..graph.deadline import held, left, wait

Element = tuple[Any, ...]


class Queue:
    """Elements in the order in which they came, or drawn by chance.

    capacity: how many it holds, -1 for any number. least: how many stay in it while it is open. draw: a number by
    chance, for the place of the next element. padded: whether several are filled up to one shape.
    """

    def __init__(self, name: str, capacity: int, least: int = 0, draw: Callable[[], int] | None = None,
                 padded: bool = False) -> None:
        self.name, self.capacity, self.least, self.draw, self.padded = name, capacity, least, draw, padded
        self.items: list[Element] = []
        self.closed = self.cancelled = False
        self._waiting = 0
        """How many threads wait to put something in."""
        self._changed = threading.Condition()
        self._taker = threading.Lock()

    def put(self, element: Element) -> None:
        """Waits for room. Raises Cancelled where the queue is closed, DeadlineExceeded where it waits too long."""
        left()
        with self._changed:
            if self.closed:
                raise Cancelled(f"the queue {self.name!r} is closed")
            self._waiting += 1
            try:
                while 0 <= self.capacity <= len(self.items) and not self.cancelled:
                    wait(self._changed)
            finally:
                self._waiting -= 1
                self._changed.notify_all()
            if self.cancelled:
                raise Cancelled(f"the queue {self.name!r} was closed before there was room")
            self._add(element)
            self._changed.notify_all()

    def take(self, many: int, or_fewer: bool = False) -> list[Element]:
        """Waits for so many elements. Raises OutOfRange where the queue is closed and has not as many, unless
        ``or_fewer`` do. Raises DeadlineExceeded where it waits too long; what it had taken by then is lost, as in
        TensorFlow."""
        found: list[Element] = []
        with held(self._taker), self._changed:
            while len(found) < many:
                while len(self.items) <= (0 if self.closed else self.least):
                    if self.closed and not self._waiting:
                        if or_fewer and found:
                            return found
                        have = len(found)
                        self.items[:0] = found
                        raise OutOfRange(f"the queue {self.name!r} is closed and has insufficient elements (requested "
                                         f"{many}, current size {have})")
                    wait(self._changed)
                found.append(self._next())
                self._changed.notify_all()
        return found

    def _add(self, element: Element) -> None:
        self.items.append(element)

    def _next(self) -> Element:
        if self.draw is None:
            return self.items.pop(0)
        at = self.draw() % len(self.items)
        self.items[at], self.items[-1] = self.items[-1], self.items[at]
        return self.items.pop()

    def close(self, cancel: bool = False) -> None:
        """Takes nothing more in. cancel: nor what threads wait to put in. Raises Cancelled where it is closed already,
        unless it is to cancel."""
        with self._changed:
            if self.closed and not cancel:
                raise Cancelled(f"the queue {self.name!r} is already closed")
            self.closed, self.cancelled = True, self.cancelled or cancel
            self._changed.notify_all()

    def cancel(self) -> None:
        """Ends the waiting of all: the session is closed."""
        self.close(cancel=True)


class PriorityQueue(Queue):
    """The element whose first component is least comes first; of equal ones as C++'s heap gives them."""

    def _add(self, element: Element) -> None:
        self.items.append(element)
        self._up(len(self.items) - 1, 0)

    def _up(self, at: int, top: int) -> None:
        """Moves an element towards the top of the heap, before those that come later."""
        heap, moved = self.items, self.items[at]
        while at > top and heap[(at - 1) // 2][0] > moved[0]:
            heap[at] = heap[(at - 1) // 2]
            at = (at - 1) // 2
        heap[at] = moved

    def _next(self) -> Element:
        heap = self.items
        first, last = heap[0], heap.pop()
        if not heap:
            return first
        at, many = 0, len(heap)
        while 2 * at + 2 < many:
            child = 2 * at + 2
            if heap[child][0] > heap[child - 1][0]:
                child -= 1
            heap[at], at = heap[child], child
        if 2 * at + 2 == many:
            heap[at], at = heap[many - 1], many - 1
        heap[at] = last
        self._up(at, 0)
        return first

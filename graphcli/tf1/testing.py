"""Test cases whose tests make and run graphs (tf.test.TestCase), and the program that runs them (tf.test.main)."""
from __future__ import annotations

import os
import random
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..errors import GraphError
from ..graph.default import clear_default_graphs
from .context import set_random_seed
from .logging import info
from .session import Session, get_default_session
from .testing_arrays import ArrayAssertions
from .testing_files import get_temp_dir

EXPORTS = """
test: TestCase
python.framework.test_util: TensorFlowTestCase=TestCase
python.platform.googletest: TestCase
"""

new_session: Any = partial(cast(Any, Session), "")

SEED = 87654321
"""Of the graph, of Python's numbers and of numpy's, at the beginning of each test."""


class TestCase(ArrayAssertions):
    """unittest.TestCase with a new default graph and the same seeds for each test (tf.test.TestCase)."""

    __test__ = True

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._threads: list[CheckedThread] = []
        self._tempdir: str | None = None
        self._cached: tuple[Any, Any, Any, bool] | None = None

    def setUp(self) -> None:
        """A new default graph, and seeds: of the graph, of ``random`` and of ``numpy.random``."""
        super().setUp()
        self._forget_session()
        random.seed(SEED)
        np.random.seed(SEED)
        clear_default_graphs()
        set_random_seed(SEED)
        self._not_a_test()

    def tearDown(self) -> None:
        """Asserts that threads have ended, and closes the session of ``cached_session``."""
        for thread in self._threads:
            thread.check_termination()
        self._forget_session()
        super().tearDown()

    def _forget_session(self) -> None:
        if self._cached is not None:
            self._cached[0].close()
            self._cached = None

    def _not_a_test(self) -> None:
        # unittest takes it for one by its name
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")

    def get_temp_dir(self) -> str:
        """A new folder for this test, the same one all through it."""
        if self._tempdir is None:
            self._tempdir = tempfile.mkdtemp(dir=get_temp_dir())
        return self._tempdir

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors, or of a nest of them, in the default session, or else that of ``test_session``."""
        session = get_default_session()
        if session is not None:
            return session.run(tensors)
        with self.test_session() as session:
            return session.run(tensors)

    @contextmanager
    def session(self, graph: Any = None, config: Any = None, use_gpu: bool = False,
                force_gpu: bool = False) -> Iterator[Any]:
        """A new session, the default one inside, with its graph; nodes ask for the CPU unless a GPU is to be used."""
        with new_session(graph, config) as session, _settled(session, use_gpu, force_gpu):
            yield session

    @contextmanager
    def cached_session(self, graph: Any = None, config: Any = None, use_gpu: bool = False,
                       force_gpu: bool = False) -> Iterator[Any]:
        """The one session of this test, which lives until its end. Raises ValueError where it is of other arguments."""
        asked = (graph, config, force_gpu)
        if self._cached is not None:
            for name, now, then in zip(("graph", "config", "force_gpu value"), asked, self._cached[1:]):
                if now is not then:
                    raise ValueError(f"The {name} used to get the cached session is different than the one that was "
                                     "used to create the session. Maybe create a new session with self.session()")
        with _settled(self._the_session(*asked), use_gpu, force_gpu) as session:
            yield session

    @contextmanager
    def test_session(self, graph: Any = None, config: Any = None, use_gpu: bool = False,
                     force_gpu: bool = False) -> Iterator[Any]:
        """cached_session of the default graph, whatever its arguments were; session of another graph."""
        self._not_a_test()
        if graph is None:
            with _settled(self._the_session(graph, config, force_gpu), use_gpu, force_gpu) as session:
                yield session
        else:
            with self.session(graph, config, use_gpu, force_gpu) as session:
                yield session

    def _the_session(self, graph: Any, config: Any, force_gpu: bool) -> Any:
        if self._cached is None:
            self._cached = (new_session(graph, config), graph, config, force_gpu)
        return self._cached[0]

    def checkedThread(self, target: Callable[..., Any], args: Any = None, kwargs: Any = None) -> CheckedThread:
        """A thread whose errors fail the test, and that is to be joined."""
        thread = CheckedThread(self, target, args or (), kwargs or {})
        self._threads.append(thread)
        return thread

    @contextmanager
    def captureWritesToStream(self, stream: Any) -> Iterator[Captured]:
        """What is written to a stream with a descriptor, by whomever: ``contents()`` has it afterwards."""
        stream.flush()
        number = stream.fileno()
        path = tempfile.mktemp(dir=self.get_temp_dir())
        before = os.dup(number)
        with open(path, "w", encoding="utf-8") as file:
            os.dup2(file.fileno(), number)
            try:
                yield Captured(path)
            finally:
                stream.flush()
                os.dup2(before, number)
                os.close(before)

    @contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """Asserts that an error is raised of which a function is true, or in whose words an expression is found."""
        def matches(error: BaseException) -> Any:
            if callable(expected_err_re_or_predicate):
                return expected_err_re_or_predicate(error)
            text = error.message if isinstance(error, GraphError) else str(error)
            if getattr(error, "op", None) is not None:
                text += f"\nCaused by: {error.op.name}"  # type: ignore[attr-defined]
            info("Searching within error strings: '%s' within '%s'", expected_err_re_or_predicate, text)
            return re.search(expected_err_re_or_predicate, text)

        try:
            yield
            self.fail(f"{exception_type.__name__} not raised")
        except Exception as error:
            if not isinstance(error, exception_type) or not matches(error):
                raise AssertionError(f"Exception of type {type(error)}: {error}") from error

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """assertRaisesWithPredicateMatch of tf.errors.OpError."""
        return self.assertRaisesWithPredicateMatch(GraphError, expected_err_re_or_predicate)

    def assertProtoEquals(self, expected_message_maybe_ascii: Any, message: Any, msg: Any = None) -> None:
        """Asserts that a message is another, which may be given as text."""
        from google.protobuf import text_format

        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected = text_format.Merge(expected, type(message)())
        elif not isinstance(expected, type(message)):
            raise AssertionError(f"Can't compare protos of type {type(expected)} and {type(message)}. {msg or ''}")
        if expected != message:
            self.assertMultiLineEqual(text_format.MessageToString(expected), text_format.MessageToString(message), msg)


class Captured:
    """What was written to a stream."""

    def __init__(self, path: str) -> None:
        self._path = path

    def contents(self) -> str:
        return Path(self._path).read_text(encoding="utf-8")


class CheckedThread:
    """A thread of a test; ``join`` fails the test where it ended by an error."""

    def __init__(self, case: TestCase, target: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._case = case
        self._error: Exception | None = None
        self._joined = False

        def run() -> None:
            try:
                target(*args, **kwargs)
            except Exception as error:
                self._error = error

        self._thread = threading.Thread(target=run)
        self.start, self.is_alive = self._thread.start, self._thread.is_alive

    def join(self) -> None:
        """Waits for its end."""
        self._joined = True
        self._thread.join()
        if self._error is not None:
            self._case.fail(f"Error in checkedThread: {self._error}")

    def check_termination(self) -> None:
        """Raises RuntimeError where it still runs; fails where nobody has joined it."""
        if not self._joined:
            self._case.fail("A checked thread was not joined.")
        if self.is_alive():
            raise RuntimeError("Thread was not joined with main thread, and is still running when the test finished.")


@contextmanager
def _settled(session: Any, use_gpu: bool, force_gpu: bool) -> Iterator[Any]:
    """The session and its graph as the default ones; nodes made inside ask for a device."""
    device = "/device:GPU:0" if force_gpu else "/device:CPU:0"
    with session.graph.as_default(), session.as_default():
        if use_gpu and not force_gpu:
            yield session
        else:
            with session.graph.device(device):
                yield session

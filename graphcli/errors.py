"""One exception family: what went wrong, where, with what evidence, and what to do next.

Every error that a user can cause is a ``GraphError``. Libraries raise it, ``cli/`` prints it once.
TensorFlow's Python exceptions are mirrored by the subclasses, so that code written for TF1
(``except ValueError``) keeps working.
"""
from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .source import Span
from .wording import cut
from .wording import did_you_mean as did_you_mean
from .wording import near_names as near_names
from .wording import nearest as nearest
from .wording import said as said

EXIT_GRAPH = 1
EXIT_USAGE = 2


class GraphError(Exception):
    """An error in the terms of the user.

    message: the law and the evidence, one sentence without a final stop.
    span: where in the user's file; None if it is not known (yet: ``at`` adds it on the way up).
    hint: the next step, appended after ``;``.
    notes: further lines, each with a place of its own or None.

    TF1 code makes its own by three arguments, ``tf.errors.OutOfRangeError(node_def, op, message)``.
    """

    exit_code = EXIT_GRAPH
    error_code = 2
    """TensorFlow's number of this kind (tf.errors.UNKNOWN)."""
    node_def: Any = None
    op: Any = None
    argument: str | None = None
    """Which argument of the call is at fault, where the call has no place of it."""

    def __init__(
        self,
        message: Any,
        span: Any = None,
        *text: str,
        hint: str | None = None,
        notes: Sequence[tuple[str, Span | None]] = (),
        node_def: Any = None,
        op: Any = None,
    ) -> None:
        if text:
            node_def, op, message, span = message, span, str(text[0]), None
        if node_def is not None or op is not None:
            self.node_def, self.op = node_def, op
        super().__init__(message)
        self.message: str = message
        self.span: Span | None = span
        self.hint = hint
        self.notes = list(notes)

    def at(self, span: Span | None) -> GraphError:
        """This error, with a place if it had none."""
        if self.span is None:
            self.span = span
        return self

    def note(self, text: str, span: Span | None = None) -> GraphError:
        """This error with one more note below it."""
        self.notes.append((text, span))
        return self

    def errors(self) -> list[GraphError]:
        """The single errors in it, in file order."""
        return [self]

    def __str__(self) -> str:
        return self.message

    def render(self) -> str:
        """The whole block for stderr, without a final newline."""
        place = f"{self.span}: " if self.span else ""
        hint = f"; {self.hint}" if self.hint else ""
        lines = [f"error: {place}{cut(self.message + hint)}"]
        if self.span:
            lines += self.span.excerpt()
        around = self.span.around if self.span else ()
        return "\n".join([*lines, *note_lines([*self.notes, *(one for one in around if one not in self.notes)])])


def note_lines(notes: Iterable[tuple[str, Span | None]]) -> list[str]:
    """What is said below an error, each with the line of its place."""
    lines = []
    for text, span in notes:
        lines.append(f"  note: {f'{span}: ' if span else ''}{cut(text)}")
        if span:
            lines += span.excerpt()
    return lines


class OfArgument:
    """While one argument of a call is looked at: what is wrong then is wrong with it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, GraphError) and error.argument is None:
            error.argument = self.name


class GraphErrors(GraphError):
    """Several independent errors of one spec, reported at once."""

    def __init__(self, parts: Iterable[GraphError]) -> None:
        self.parts = [error for part in parts for error in part.errors()]
        super().__init__("\n".join(error.message for error in self.parts))
        if self.parts and all(error.exit_code == EXIT_USAGE for error in self.parts):
            self.exit_code = EXIT_USAGE

    def at(self, span: Span | None) -> GraphError:
        for error in self.parts:
            error.at(span)
        return self

    def note(self, text: str, span: Span | None = None) -> GraphError:
        for error in self.parts:
            error.note(text, span)
        return self

    def errors(self) -> list[GraphError]:
        return self.parts

    def render(self) -> str:
        return "\n".join(error.render() for error in self.parts)


class UsageError(GraphError):
    """The command line is at fault."""

    exit_code = EXIT_USAGE


class NoPlace(UsageError, ValueError):
    """A place that is none for a file; TensorFlow refuses it with ValueError."""


class NoFile(UsageError, OSError):
    """There is no such file; TensorFlow refuses it with IOError."""


class InvalidValue(GraphError, ValueError):
    """A value, shape or name that TensorFlow refuses with ValueError."""


class Law(NamedTuple):
    """What must hold of the inputs of a node and does not, without its name and theirs."""

    text: str
    hint: str | None = None


class Refused(InvalidValue):
    """A node whose inputs do not fit."""

    def __init__(self, message: str, span: Any = None, *, law: Law) -> None:
        super().__init__(message, span, hint=law.hint)
        self.law = law


class InvalidType(GraphError, TypeError):
    """A dtype or a kind of value that TensorFlow refuses with TypeError."""


class Undecided(InvalidType):
    """A tensor stands where true or false is wanted now."""


class Finished(GraphError, RuntimeError):
    """Something was asked of what is finished: a finalized graph, a closed session."""


class BadState(GraphError, RuntimeError):
    """Something is asked at the wrong time or of what does not suit; TensorFlow refuses it with RuntimeError."""


class Gone(BadState, AttributeError):
    """A monitored session that is closed is asked for a step; TensorFlow, which has dropped it, says AttributeError."""


class NameTaken(InvalidValue, KeyError):
    """A name under which something else was registered."""

    __str__ = GraphError.__str__


class Nested(InvalidValue, AssertionError):
    """What is done outside of all ``with`` blocks only, was done in one."""


class NotFound(GraphError, KeyError):
    """A name that is not there."""

    error_code = 5


class NotSupported(GraphError, NotImplementedError):
    """Known, but refused or not here; the message says why."""


class NoGradient(NotSupported, LookupError):
    """An op on the way of a gradient has none; TensorFlow refuses it with LookupError."""


class DataLoss(GraphError):
    """A file holds other bytes than were written to it (TensorFlow's DataLossError)."""

    error_code = 15


class RunError(GraphError):
    """A step failed: node, op, shapes and dtypes are in the message, the cause is chained.

    op: the node that failed, None where it is no single one.
    """


class InvalidArgument(RunError):
    """What met at a node does not fit, or was not fed (tf.errors.InvalidArgumentError)."""

    error_code = 3


class FailedPrecondition(RunError):
    """A variable is read that has no value (tf.errors.FailedPreconditionError)."""

    error_code = 9


class Cancelled(RunError):
    """What waits is told to wait no more (tf.errors.CancelledError)."""

    error_code = 1


class OutOfRange(RunError):
    """A count is at its limit (tf.errors.OutOfRangeError)."""

    error_code = 11


class DeadlineExceeded(RunError):
    """A step took longer than it may (tf.errors.DeadlineExceededError); it has no op, for the step as a whole did."""

    error_code = 4

    @classmethod
    def told(cls) -> DeadlineExceeded:
        """In TensorFlow's words."""
        return cls("Timed out waiting for notification")


class Unimplemented(RunError):
    """TensorFlow's kernels do not do this either (tf.errors.UnimplementedError)."""

    error_code = 12


class NothingThere(RunError, NotFound):
    """A file that a step reads, or a name in it, is not there (tf.errors.NotFoundError)."""


class NoVariable(FailedPrecondition, NothingThere):
    """A variable is looked up by its handle and has no value (tf.errors.NotFoundError)."""

    error_code = 5


class Damaged(RunError, DataLoss):
    """A file that a step reads is damaged (tf.errors.DataLossError)."""


class Unknown(RunError):
    """A function of the program failed (tf.errors.UnknownError)."""


class ResourceExhausted(RunError):
    """There is not enough memory (tf.errors.ResourceExhaustedError)."""

    error_code = 8


def reason_of(error: BaseException) -> str:
    """What the system says of a file that it does not open, read or write, as the end of a sentence."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


def bug(error: BaseException) -> GraphError:
    """An exception that only a mistake of ours can bring about, with the place in our code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""
    return GraphError(f"this is a bug in graphcli: {type(error).__name__}: {error}{where}",
                      hint="GRAPHCLI_TRACEBACK=1 shows where")

"""One exception family: what went wrong, where, with what evidence, and what to do next.

Every error that a user can cause is a ``GraphError``. Libraries raise it, ``cli/`` prints it once.
TensorFlow's Python exceptions are mirrored by the subclasses, so that code written for TF1
(``except ValueError``) keeps working.
"""
from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, NamedTuple

from .source import Span

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
        lines = [f"error: {place}{self.message}{hint}"]
        if self.span:
            lines += self.span.excerpt()
        for text, span in self.notes:
            lines.append(f"  note: {f'{span}: ' if span else ''}{text}")
            if span:
                lines += span.excerpt()
        return "\n".join(lines)


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


class Unimplemented(RunError):
    """TensorFlow's kernels do not do this either (tf.errors.UnimplementedError)."""

    error_code = 12


class NothingThere(RunError, NotFound):
    """A file that a step reads, or a name in it, is not there (tf.errors.NotFoundError)."""


class Damaged(RunError, DataLoss):
    """A file that a step reads is damaged (tf.errors.DataLossError)."""


class Unknown(RunError):
    """A function of the program failed (tf.errors.UnknownError)."""


class ResourceExhausted(RunError):
    """There is not enough memory (tf.errors.ResourceExhaustedError)."""

    error_code = 8


def nearest(word: object, known: Iterable[object]) -> str | None:
    """The known word nearest to ``word``, or None where none is near."""
    import difflib

    text = str(word)
    names = [str(k) for k in known]
    found = difflib.get_close_matches(text, names, 1)
    if found:
        return found[0]
    folded = {n.lower(): n for n in names}
    found = difflib.get_close_matches(text.lower(), folded, 1)
    return folded[found[0]] if found else None


def near_names(name: str, known: Sequence[str]) -> list[str]:
    """Up to three known names that may be meant: first those that end in it below a scope, then those near to it."""
    import difflib

    ends = (f"/{name}", f".{name}")
    found = [k for k in known if k.endswith(ends)][:3]
    if len(known) > 5000:
        known = [k for k in known if abs(len(k) - len(name)) < 4][:5000]
    if len(found) < 3:
        found += difflib.get_close_matches(name, known, 3)
    if not found:
        one = nearest(name, known)
        found = [one] if one else []
    return list(dict.fromkeys(found))[:3]


def did_you_mean(word: object, known: Iterable[object]) -> str | None:
    """``did you mean 'relu'?`` or None: made to be a hint."""
    near = nearest(word, known)
    return f"did you mean {near!r}?" if near else None


LONGEST = 60
"""How many characters of a value stand in a message."""


def said(value: Any) -> str:
    """A value of any kind for a message: as it is written where that is short, else by its kind; no address of it."""
    text = _said(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _said(value: Any) -> str:
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        inner = ", ".join(_said(v) for v in value[:LONGEST])
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if type(value) is dict:
        inner = ", ".join(f"{_said(k)}: {_said(v)}" for k, v in list(value.items())[:LONGEST])
        return f"{{{inner}}}"
    if isinstance(value, type):
        return f"the class {value.__name__!r}"
    if hasattr(value, "value_index"):
        return f"the tensor {value.name}"
    if hasattr(type(value), "control_inputs"):
        return f"the operation {value.name}"
    if value is ...:
        return "..."
    own = getattr(type(value), "__repr__", None) is not object.__repr__
    name = getattr(value, "__name__", None)
    if isinstance(value, (FunctionType, MethodType, BuiltinFunctionType)):
        return f"the {'method' if isinstance(value, MethodType) else 'function'} {name!r}"
    if own and " at 0x" not in (text := repr(value)):
        return text
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'AEIOUaeiou' else 'a'} {kind}"


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

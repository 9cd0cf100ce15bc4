"""The errors of a spec, each once: what goes wrong alike in several calls or turns is told of the first, with the
others below it."""
from __future__ import annotations

import re

from ..errors import GraphError
from ..source import Around, Span

CALL = "in the call of "
TURN = "in the turn "
FEW = 4
"""So many of the other calls, or of the turns, are named."""

DTYPE = re.compile(r"(b?float|q?u?int|complex)\d+(_ref)?\Z")
_WORD = re.compile(r"[A-Za-z.][\w./>\\-]*")
_HANDED = re.compile(r"[A-Za-z.][\w./>\\:-]*(?= is \[)")
"""The name before a shape, in what met: ``images is [?, 784]``."""


class Repeated:
    """One error and where else it happens. notes: what it said of its own first call."""

    def __init__(self, error: GraphError, around: Around) -> None:
        self.error = error
        self.calls = [_calls(around)]
        self.turns = [t for t in (_turn(around),) if t]
        self.notes = list(error.notes)

    def again(self, around: Around) -> None:
        """The same once more, in another call or turn."""
        calls, turn = _calls(around), _turn(around)
        if calls not in self.calls:
            self.calls.append(calls)
        if turn and turn not in self.turns:
            self.turns.append(turn)
        notes = [n for n in self.notes if len(self.turns) < 2 or not n[0].startswith(TURN)]
        if others := [self._place(n) for n in range(1, min(len(self.calls), FEW + 1))]:
            count = len(self.calls) - 1
            more = f" and {count - FEW} more" if count > FEW else ""
            notes.append((f"and in {count} more call{'s' * (count > 1)}: {', '.join(others)}{more}", None))
        if len(self.turns) > 1:
            more = f"; and {len(self.turns) - FEW} more" if len(self.turns) > FEW else ""
            notes.append((f"in {len(self.turns)} turns: {'; '.join(self.turns[:FEW])}{more}", None))
        self.error.notes = notes

    def _place(self, number: int) -> str:
        """The innermost of these calls that none before it went through."""
        before = {span for calls in self.calls[:number] for span in calls}
        calls = self.calls[number]
        return str(next((span for span in calls if span not in before), calls[-1] if calls else "none"))


class Errors:
    """The errors of a spec, each once.

    tagged: where tags were refused, file and offset: what follows of it there is not told.
    """

    def __init__(self) -> None:
        self.list: list[GraphError] = []
        self.tagged: set[tuple[str, int]] = set()
        self.seen: dict[tuple[str, Span | None], Repeated] = {}

    def add(self, error: GraphError) -> None:
        """An error with the calls and turns in which it happened among its notes, from the inside out."""
        for one in error.errors():
            around = tuple(note for note in one.notes if note[0].startswith((CALL, TURN)))
            if one.span is not None and (one.span.source.name, one.span.start) in self.tagged:
                continue
            key = (_alike(one.message) if around else one.message, one.span)
            first = self.seen.get(key)
            if first is None:
                self.seen[key] = Repeated(one, around)
                self.list.append(one)
            else:
                first.again(around)


def _calls(around: Around) -> tuple[Span, ...]:
    return tuple(span for _, span in around if span is not None)


def _turn(around: Around) -> str | None:
    return next((text.removeprefix(TURN) for text, _ in around if text.startswith(TURN)), None)


def _alike(message: str) -> str:
    """A message without what differs in names from call to call: the scopes of a name, its number, and how what was
    handed in is called."""
    return _WORD.sub(_bare, _HANDED.sub("", message))


def _bare(word: re.Match[str]) -> str:
    last = word[0].removesuffix("/read").rpartition("/")[2]
    return last if DTYPE.match(last) else re.sub(r"_?\d+\Z", "", last)

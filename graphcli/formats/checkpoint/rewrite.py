"""A checkpoint written anew: under other names, or without what only training needs."""
from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from ...errors import InvalidValue, NotFound, did_you_mean
from ...graph.names import nearest_path
from ...record import Record
from ...wire.bundle import Bundle, BundleWriter
from .facts import is_private

AVERAGES = ("ExponentialMovingAverage",)
_POWER = re.compile(r"(?:.*/)?beta[12]_power(?:_\d+)?")


class Rules:
    """New names for old ones.

    exact: old name -> new; an old one that ends in ``/`` is a scope, whose names all begin anew with the new one, and
    a ``*`` in both stands for the same part of a name (``*/ExponentialMovingAverage=*``).
    patterns: (regular expression, replacement) pairs, applied in order to what no exact rule names (re.sub).
    Raises InvalidValue for what is no regular expression, for a scope that is to become a name, and for a ``*`` in one
    of both.
    """

    def __init__(self, exact: Iterable[tuple[str, str]] = (), patterns: Iterable[tuple[str, str]] = ()) -> None:
        self.exact: dict[str, str] = {}
        self.parts: list[Part] = []
        for old, new in exact:
            if old.count("*") > 1 or old.count("*") != new.count("*"):
                raise InvalidValue(f"{old}={new}: one * on each side, for what is the same in both names",
                                   hint="w/*=v/*, */Adam=*/m")
            if "*" in old:
                self.parts.append(Part(old, *old.split("*"), *new.split("*")))
            elif new and old.endswith("/") != new.endswith("/"):
                raise InvalidValue(f"{old}={new}: a scope becomes a scope, with a / at the end of both",
                                   hint=f"{old.rstrip('/')}/={new.rstrip('/')}/")
            elif old.endswith("/"):
                self.parts.append(Part(old, old, "", new, ""))
            else:
                self.exact[old] = new
        self.patterns = []
        for pattern, replacement in patterns:
            try:
                compiled = re.compile(pattern)
                compiled.sub(replacement, "")
                re.compile(f"(?:{pattern})|").sub(replacement, "")
            except (re.error, IndexError) as error:
                raise InvalidValue(f"{pattern}={replacement}: no regular expression and its replacement: {error}") \
                    from None
            self.patterns.append((compiled, replacement))

    def __call__(self, name: str) -> str:
        if name in self.exact:
            return self.exact[name]
        for part in self.parts:
            if part.fits(name):
                return part.renamed(name)
        for pattern, replacement in self.patterns:
            name = pattern.sub(replacement, name)
        return name

    def check_targets(self, tensors: Sequence[str], variables: Collection[str]) -> None:
        """Raises NotFound for a rule by which no tensor gets the name of a variable."""
        def missing(tensor: str, name: str) -> NotFound:
            other = nearest_path(name, variables)
            return NotFound(f"the graph has no variable {name!r}, which is to take the tensor {tensor}",
                            hint=f"did you mean {other!r}?" if other else "graphcli scopes lists the variables")

        for old, new in self.exact.items():
            if new not in variables:
                raise missing(old, new)
        for part in self.parts:
            moved = {t: part.renamed(t) for t in tensors if part.fits(t)}
            if not any(m in variables for m in moved.values()):
                raise missing(*next(iter(moved.items())))

    def check(self, names: Sequence[str]) -> None:
        """Raises NotFound for a rule that no name meets."""
        for old in self.exact:
            if old not in names:
                raise NotFound(f"there is no tensor {old!r} to rename", hint=did_you_mean(old, names))
        for part in self.parts:
            if not any(map(part.fits, names)):
                scopes = {n[:n.rindex("/") + 1] for n in names if "/" in n}
                below = part.old == part.head
                raise NotFound(f"there is no tensor {'below' if below else 'like'} {part.old!r} to rename",
                               hint=did_you_mean(part.old, scopes) if below else None)
        for pattern, _ in self.patterns:
            if not any(pattern.search(n) for n in names):
                raise NotFound(f"no name matches {pattern.pattern!r}")


class Part(Record):
    """A rule for names of which a part stays: what stands before and after it, old and new. old: as it was written."""

    old: str
    head: str
    tail: str
    new_head: str
    new_tail: str

    def fits(self, name: str) -> bool:
        return (len(name) > len(self.head) + len(self.tail) and name.startswith(self.head)
                and name.endswith(self.tail))

    def renamed(self, name: str) -> str:
        return self.new_head + name[len(self.head):len(name) - len(self.tail)] + self.new_tail


def renamed(bundle: Bundle, rules: Rules) -> dict[str, str]:
    """Old name -> new name of every tensor. Raises InvalidValue where two would have one name."""
    rules.check(list(bundle))
    out: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in bundle:
        new = name if is_private(name) else rules(name)
        if not new:
            raise InvalidValue(f"{name} would be left without a name")
        if new in taken:
            raise InvalidValue(f"{taken[new]} and {name} would both be named {new}")
        taken[new] = name
        out[name] = new
    return out


def training_only(bundle: Bundle) -> list[str]:
    """The tensors that only training needs: optimizer slots, Adam's powers, graphcli's training state.

    A slot is named below its variable (``w/Adam_1``), which no variable of a model is.
    """
    slots = [n for n in bundle if _slot_of(bundle, n)]
    powers = [n for n in bundle if slots and _POWER.fullmatch(n) and not bundle.entry(n).shape]
    private = [n for n in bundle if is_private(n)]
    return sorted({*slots, *powers, *private})


def _slot_of(bundle: Bundle, name: str) -> bool:
    variable, _, last = name.rpartition("/")
    while variable:
        if variable in bundle:
            return last not in AVERAGES
        variable, _, last = variable.rpartition("/")
    return False


def write_anew(bundle: Bundle, names: dict[str, str], prefix: str,
               each: Callable[[str], None] = lambda name: None) -> None:
    """Writes the tensors ``names`` (old -> new) to another checkpoint, one at a time, in the order of the new names.

    Those that are stored in parts stay in these parts.
    """
    with BundleWriter(prefix) as writer:
        for new, old in sorted((new, old) for old, new in names.items()):
            entry = bundle.entry(old)
            for part in entry.slices:
                writer.add_slice(new, entry.shape, part, bundle.read_slice(old, entry.shape, part))
            if not entry.slices:
                writer.add(new, bundle.read(old))
            each(new)

"""The text of a region whose loops and branches are Python's own (``passes/structured.py``): a line for each call.

It is made of numbers only, as that of a part. A name holds one value; it is let go as soon as nothing needs it.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from ..graph.graph import Node, Tensor
from ..passes.rows import Condition, Entered, Item, Loop, entered
from ..passes.structured import Structured
from .structured_calls import StructuredCalls
from .structured_names import StructuredNames

Where = tuple[Node, Sequence[str]] | None
"""The node of a line, with the texts of its operands."""


class StructuredText:
    """lines: the text. where: for each line its node, if a kernel is called in it."""

    def __init__(self, structured: Structured, names: StructuredNames, calls: StructuredCalls,
                 exports: Sequence[Tensor]) -> None:
        self.structured = structured
        self.names = names
        self.calls = calls
        self.lines: list[str] = []
        self.where: list[Where] = []
        self._needs: dict[Item, set[str]] = {}
        self._makes: dict[Loop, set[str]] = {}
        self._line(f"def region({', '.join(names.arguments)}):")
        results, kept = [], set[str]()
        for i, tensor in enumerate(exports):
            conditions = structured.outside(tensor)
            text = f"gone(e{i})"
            names.space[f"e{i}"] = tensor
            if conditions is not None:
                kept.update((names.of(tensor), *(names.value(c[0]) for c in conditions)))
                text = f"snapshot({names.of(tensor)})"
                if conditions:
                    text += f" if {names.all_of(conditions)} else gone(e{i})"
            results.append(text)
        at = len(self.lines)
        self._sequence(structured.block, 1, set(), kept)
        opened = [f"    {value} = {name}.value" for name, value in names.opened.items()]
        self.lines[at:at] = opened
        self.where[at:at] = [None] * len(opened)
        self._line(f"    return ({''.join(f'{r}, ' for r in results)})")

    def _line(self, text: str, at: Where = None) -> None:
        self.lines.append(text)
        self.where.append(at)

    # -- which names are needed where

    def _needed(self, item: Item) -> set[str]:
        """The names that an item takes from before it."""
        found = self._needs.get(item)
        if found is None:
            found = self._needs[item] = {self.names.value(key) for key, _ in item.conditions}
            found.update(self._loop_needs(item.what) if isinstance(item.what, Loop) else self.calls.operands(item.what))
        return found

    def _loop_needs(self, loop: Loop) -> set[str]:
        found = {self.names.of(c.first) for c in loop.carried}
        found.update(self._within(loop) - self._made(loop))
        return found

    def _within(self, loop: Loop) -> set[str]:
        """The names that the turns of a loop take."""
        found = {self.names.value(loop.test), *(self.names.of(c.following) for c in loop.carried)}
        return found.union(*(self._needed(i) for i in (*loop.head, *loop.body)))

    def _made(self, loop: Loop) -> set[str]:
        """The names that a loop gives something."""
        found = self._makes.get(loop)
        if found is None:
            found = self._makes[loop] = {self.names.of(c.merge) for c in loop.carried}
            for item in (*loop.head, *loop.body):
                found |= self._makes_of(item)
        return found

    def _makes_of(self, item: Item) -> set[str]:
        return self._made(item.what) if isinstance(item.what, Loop) else set(self.calls.results(item.what))

    # -- items in a row

    def _sequence(self, items: Sequence[Item], depth: int, own: Set[str], kept: Set[str]) -> None:
        """Writes items; ``own`` names and what they make are let go where they are not ``kept``."""
        last: dict[str, int] = {}
        mine: dict[str, frozenset[Condition]] = dict.fromkeys(own, frozenset())
        for i, item in enumerate(items):
            made = self._visible(item)
            last.update(dict.fromkeys((*self._needed(item), *made), i))
            mine.update(dict.fromkeys(made, frozenset(item.conditions)))
        ending: dict[int, list[str]] = {}
        for name, i in last.items():
            if name in mine and name not in kept:
                ending.setdefault(i, []).append(name)
        stack: list[Entered] = []
        later: dict[int, list[str]] = {}
        for i, item in enumerate(items):
            self._enter(stack, item.conditions, depth, later)
            dying = set(ending.get(i, ()))
            gone = self._item(item, depth + len(stack), dying)
            for name in sorted(dying - gone):
                level = 0
                while level < len(stack) and stack[level].condition in mine[name]:
                    level += 1
                # in the branch that takes it, and behind it where another is taken
                for reached in range(level, len(stack) + 1):
                    later.setdefault(reached, []).append(name)
            self._let_go(later.pop(len(stack), []), depth + len(stack))
        self._enter(stack, (), depth, later)
        self._let_go(later.pop(0, []), depth)

    def _visible(self, item: Item) -> Iterable[str]:
        """What an item makes that those after it may take."""
        if isinstance(item.what, Loop):
            return [self.names.of(c.merge) for c in item.what.carried]
        return self.calls.results(item.what)

    def _enter(self, stack: list[Entered], conditions: Sequence[Condition], depth: int,
               later: dict[int, list[str]]) -> None:
        """Leaves branches and enters others."""
        same, following = entered(stack, conditions)
        while len(stack) > same:
            self._let_go(later.pop(len(stack), []), depth + len(stack))
            stack.pop()
        if not (following and following[0].other):
            self._let_go(later.pop(same, []), depth + same)
        for branch in following:
            test = "else:" if branch.other else f"if {self.names.all_of([branch.condition])}:"
            self._line("    " * (depth + len(stack)) + test)
            stack.append(branch)

    def _let_go(self, names: Sequence[str], depth: int) -> None:
        if names:
            self._line("    " * depth + " = ".join([*names, "None"]))

    # -- one item

    def _item(self, item: Item, depth: int, dying: Set[str]) -> Set[str]:
        """Writes an item; the names of ``dying`` that it has let go already."""
        what = item.what
        if isinstance(what, Loop):
            return self._loop(what, depth, dying)
        text, operands = self.calls.text(what)
        self._line("    " * depth + text, None if operands is None else (what, operands))
        return set()

    def _loop(self, loop: Loop, depth: int, dying: Set[str]) -> Set[str]:
        names, space = self.names, "    " * depth
        merges = [names.of(c.merge) for c in loop.carried]
        within = self._within(loop)
        gone = {names.of(c.first) for c in loop.carried} & dying - within
        if merges:
            firsts = [self.calls.begun(c.merge, names.moved(c.first, c.merge)) for c in loop.carried]
            self._line(f"{space}{', '.join(merges)} = {', '.join(firsts)}")
        self._let_go(sorted(gone), depth)
        self._line(f"{space}while True:")
        following = {names.of(c.following) for c in loop.carried}
        body = following.union(*(self._needed(i) for i in loop.body))
        self._sequence(loop.head, depth + 1, set(), {names.value(loop.test), *body})
        self._line(f"{space}    if not {names.truth(loop.test)}: break")
        head = set[str]().union(*(self._visible(i) for i in loop.head))
        self._let_go(sorted((set(merges) | head & {names.value(loop.test)}) - body), depth + 1)
        self._sequence(loop.body, depth + 1, (set(merges) | head) & body, following)
        if merges:
            taken = [names.moved(c.following, c.merge) for c in loop.carried]
            self._line(f"{space}    {', '.join(merges)} = {', '.join(taken)}")
            self._let_go(sorted((following & self._made(loop)) - set(merges)), depth + 1)
        elif not loop.body:
            self._line(f"{space}    pass")
        self._let_go(sorted(head & body), depth)
        for name in (names.of(c.merge) for c in loop.carried if c.merge in self.structured.sums):
            self._line(f"{space}{name} = {name}.total()")
        return gone

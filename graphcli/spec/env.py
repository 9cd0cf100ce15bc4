"""What names stand for at a place of a spec: handles by block, innermost first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, said
from ..source import Span

if TYPE_CHECKING:
    from .given import Given

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Poison:
    """The value of a handle whose statement failed: what reads it fails silently."""

    def __repr__(self) -> str:
        return "<a value that could not be made>"


POISON = Poison()


class PoisonUsed(Exception):
    """A statement reads what an earlier one, already reported, did not make."""


class Later:
    """A tensor or op that a statement further below makes: the way back of a loop, or what lets a value into one.
    instead: what stands for it until then."""

    __slots__ = ("name", "instead")

    def __init__(self, of: str, instead: Any = None) -> None:
        if not isinstance(of, str):
            raise InvalidType(f"a graph name is a string, not {said(of)}")
        self.name = of
        self.instead = instead


class Binding:
    """A handle's value and the statement that bound it."""

    __slots__ = ("value", "span", "given")

    def __init__(self, value: Any, span: Span | None, given: Mapping[str, Given] = NOTHING) -> None:
        self.value = value
        self.span = span
        self.given = given
        """The values from outside the spec that this one is made of, by their params."""


Handles = dict[str, Binding]


class ScopeHandle:
    """What the handle of a variable scope stands for: the scope, and the handles made in it."""

    __slots__ = ("variable_scope", "handles", "span", "prefix")

    def __init__(self, variable_scope: Any, handles: Handles, span: Span | None, prefix: str | None) -> None:
        self.variable_scope = variable_scope
        self.handles = handles
        self.span = span
        self.prefix = prefix

    @property
    def name(self) -> str:
        return str(self.variable_scope.name)

    def __repr__(self) -> str:
        return f"<variable scope {self.name!r}>"


class Env:
    """One block's names. ``target`` is where its statements bind: of an outer block for a ``for``.

    prefix: the path from the root to the handles of this block, as ``scope.handle`` is written;
    None inside functions, which nothing outside can reach.
    """

    __slots__ = ("parent", "handles", "target", "root", "prefix")

    def __init__(
        self,
        parent: Env | None,
        handles: Handles | None = None,
        *,
        target: Handles | None = None,
        prefix: str | None = None,
        root: bool = False,
    ) -> None:
        self.parent = parent
        self.handles: Handles = {} if handles is None else handles
        self.target = self.handles if target is None else target
        self.prefix = prefix
        self.root: Env = self if root or parent is None else parent.root

    def find(self, name: str) -> Binding | None:
        env: Env | None = self
        while env is not None:
            found = env.handles.get(name)
            if found is not None:
                return found
            env = env.parent
        return None

    def known(self) -> list[str]:
        env: Env | None = self
        names: dict[str, None] = {}
        while env is not None:
            names.update(dict.fromkeys(env.handles))
            env = env.parent
        return list(names)

    def loop(self, name: str, value: Any, span: Span | None, given: Mapping[str, Given] = NOTHING) -> Env:
        """The same block once more, with ``name`` known besides."""
        return Env(self, {name: Binding(value, span, given)}, target=self.target, prefix=self.prefix)


def flat_handles(handles: Handles, prefix: str = "") -> Iterator[tuple[str, Binding]]:
    """Each handle that is no scope, by its path from the root."""
    for name, binding in handles.items():
        if isinstance(binding.value, ScopeHandle):
            yield from flat_handles(binding.value.handles, f"{prefix}{name}.")
        elif binding.value is not POISON:
            yield prefix + name, binding

"""A record: a class that lists its fields, and has them as arguments, in its repr and in ``==``.

What ``dataclass`` gives, but without the methods that it writes as text and compiles for each class while the package
is imported: with the forty records that a run needs, that is a tenth of the time that it takes to start.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

T = TypeVar("T")


class _Fresh:
    """The default of a field that every record has one of its own of."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory


def field(*, factory: Callable[[], T]) -> T:
    """The default of a field: what ``factory`` makes, anew for each record."""
    return _Fresh(factory)  # type: ignore[return-value]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """The base of records; ``class Point(Record): x: int; y: int = 0``.

    A record cannot be changed, and equals one of its class with equal fields. With ``frozen=False`` it can be, and
    has no hash; with ``eq=False`` it equals itself alone.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, Any]] = {}
    _fresh: ClassVar[Mapping[str, Callable[[], Any]]] = {}

    def __init_subclass__(cls, *, frozen: bool = True, eq: bool = True) -> None:
        own = [name for name, type_ in cls.__annotations__.items() if not str(type_).startswith("ClassVar")]
        given = {name: cls.__dict__[name] for name in own if name in cls.__dict__}
        cls._fields = (*cls._fields, *own)
        cls._fresh = {**cls._fresh, **{n: v.factory for n, v in given.items() if isinstance(v, _Fresh)}}
        cls._defaults = {**cls._defaults, **{n: v for n, v in given.items() if not isinstance(v, _Fresh)}}
        if not frozen:
            cls.__setattr__ = object.__setattr__  # type: ignore[method-assign, assignment]
            cls.__delattr__ = object.__delattr__  # type: ignore[method-assign]
        if not eq:
            cls.__eq__ = object.__eq__  # type: ignore[method-assign]
        if not frozen or not eq:
            cls.__hash__ = None if eq else object.__hash__  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if len(args) == len(self._fields) and not kwargs:
            self.__dict__.update(zip(self._fields, args))
            return
        values = {**self._defaults, **dict(zip(self._fields, args)), **kwargs}
        for name, factory in self._fresh.items():
            if name not in values:
                values[name] = factory()
        if len(values) != len(self._fields) or len(args) > len(values) or kwargs:
            self._check(args, kwargs, values)
        self.__dict__.update(values)

    def _check(self, args: tuple[Any, ...], kwargs: dict[str, Any], values: dict[str, Any]) -> None:
        """Raises TypeError for arguments that are not the fields, each once."""
        name, fields = type(self).__name__, self._fields
        if len(args) > len(fields):
            raise TypeError(f"{name}() takes {len(fields)} arguments, not {len(args)}")
        for key in kwargs:
            if key not in fields:
                raise TypeError(f"{name}() has no field {key!r}")
            if key in fields[:len(args)]:
                raise TypeError(f"{name}() is given {key!r} twice")
        missing = [f for f in fields if f not in values]
        if missing:
            raise TypeError(f"{name}() is not given {', '.join(missing)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed: {name}")

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, f) for f in self._fields])

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self._fields)})"

    def replace(self, **changes: Any) -> Self:
        """A record like this one but for ``changes``."""
        return type(self)(**{**{f: getattr(self, f) for f in self._fields}, **changes})

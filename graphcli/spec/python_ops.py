"""Python's own operators on numbers, strings and lists, with limits on what they may make."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, NotFound, Undecided, said
from .messages import shown

MAX_BITS = 4096
MAX_ITEMS = 1_000_000

COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


NOTHING = "a function without returns: gives null, and gradients does for an x that y does not depend on"
"""Where None comes from."""


def count_items(value: Any, limit: int = MAX_ITEMS) -> int:
    """How many items a nested list holds when written out; counting ends past the limit."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if not isinstance(value, (list, tuple)):
        return 1
    total, seen = 0, 0
    sizes: dict[int, int] = {}
    for item in value:
        seen += 1
        if isinstance(item, (list, tuple)):
            size = sizes.get(id(item))
            if size is None:
                size = sizes[id(item)] = count_items(item, limit)
            total += size
        else:
            total += 1
        if total > limit:
            break
    return total


def check_size(value: Any) -> Any:
    """The value, if it is not too large."""
    if isinstance(value, int):
        if not isinstance(value, bool) and value.bit_length() > MAX_BITS:
            raise InvalidValue(f"the number has more than {MAX_BITS} bits")
    elif isinstance(value, (list, tuple, str, bytes)) and count_items(value) > MAX_ITEMS:
        raise InvalidValue(f"more than {MAX_ITEMS} items")
    return value


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and b > 0 and a.bit_length() * b > MAX_BITS and a not in (0, 1, -1):
        raise InvalidValue(f"the power has more than {MAX_BITS} bits")
    return a**b


def _times(a: Any, b: Any) -> Any:
    for many, times in ((a, b), (b, a)):
        if isinstance(many, (list, tuple, str, bytes)) and isinstance(times, int):
            if count_items(many) * times > MAX_ITEMS:
                raise InvalidValue(f"more than {MAX_ITEMS} items")
    return a * b


def _modulo(a: Any, b: Any) -> Any:
    if isinstance(a, (str, bytes)):
        raise InvalidValue("% does not format strings here", hint="'${x}' puts a param into a text")
    return a % b


BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _times,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _modulo,
    ast.Pow: _power,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}


SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.USub: "-", ast.UAdd: "+",
    ast.Invert: "~", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}


def told(kind: type, function: Callable[..., Any], *values: Any) -> Any:
    """``function`` of Python values, with what it refuses told by the operator and the values."""
    sign = SIGNS.get(kind, kind.__name__)
    try:
        return function(*values)
    except ZeroDivisionError:
        raise InvalidValue(f"division by zero: {f' {sign} '.join(map(shown, values))}") from None
    except OverflowError:
        raise InvalidValue(f"the result of {sign} is too large for a float") from None
    except TypeError:
        nothing = any(v is None for v in values)
        raise InvalidType(f"{sign} is not defined for {' and '.join(map(shown, values))}",
                          hint=NOTHING if nothing else None) from None


def element(value: Any, index: Any) -> Any:
    """``value[index]`` of a list, a text or a shape."""
    try:
        return value[index]
    except IndexError:
        many = f"there are {len(value)}" if len(value) > 1 else "there is one" if len(value) else "it is empty"
        raise InvalidValue(f"there is no element {index}: {many}") from None
    except KeyError:
        raise NotFound(f"there is no key {index!r}", hint=f"there {'are' if len(value) > 1 else 'is'} "
                       f"{', '.join(map(str, value))}" if value else "it is empty") from None
    except TypeError:
        if not hasattr(value, "__getitem__"):
            raise InvalidType(f"{shown(value)} has no elements") from None
        raise InvalidType(f"an element of {shown(value)} is told by a whole number or a slice, not {said(index)}",
                          hint="gather(values, i) takes one by a tensor" if hasattr(index, "dtype") else None) from None


def limited_range(*args: int) -> list[int]:
    """``range`` as a list."""
    try:
        numbers = range(*args)
    except (TypeError, InvalidType):
        raise InvalidType(f"range is of one to three whole numbers, not {' and '.join(map(shown, args)) or 'nothing'}",
                          hint="range(3) is 0, 1, 2") from None
    except ValueError:
        raise InvalidValue("the step of a range is not 0") from None
    if len(numbers) > MAX_ITEMS:
        raise InvalidValue(f"the range has {len(numbers)} elements; the limit is {MAX_ITEMS}")
    return list(numbers)


def length(value: Any) -> int:
    """``len`` of a list, a text or a shape."""
    try:
        return len(value)
    except TypeError:
        raise InvalidType(f"len is of a list, a text or a shape, not {said(value)}",
                          hint="shape(x)[0] is the first size of a tensor, size(x) all of them") from None


def least(*values: Any) -> Any:
    """``min`` of Python values."""
    return _extreme(min, values)


def greatest(*values: Any) -> Any:
    """``max`` of Python values."""
    return _extreme(max, values)


def _extreme(of: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    word = of.__name__
    try:
        return of(*values)
    except Undecided:
        raise InvalidType(f"{word} is of Python values, and a tensor has its value when the graph runs",
                          hint=f"{word}imum(x, y), or reduce_{word}(x) of all its elements") from None
    except TypeError:
        raise InvalidType(f"{word} is not defined for {' and '.join(map(shown, values)) or 'nothing'}") from None


def pairs(*lists: Any) -> list[tuple[Any, ...]]:
    """``zip`` of lists that are as long as each other: none of a longer one is lost in silence."""
    for values in lists:
        if not isinstance(values, (list, tuple)):
            raise InvalidType(f"zip is of lists, not {said(values)}",
                              hint="unstack(x) makes one of a tensor" if hasattr(values, "dtype") else None)
    if len({len(values) for values in lists}) > 1:
        raise InvalidValue(f"zip of {' and '.join(str(len(v)) for v in lists)} values, which are to be as many")
    return list(zip(*lists))


OF_HANDLES: dict[str, Callable[..., Any]] = {"zip": pairs}
"""What is known besides where handles are."""
PYTHON_NAMES: dict[str, Callable[..., Any]] = {"range": limited_range, "len": length, "min": least, "max": greatest}

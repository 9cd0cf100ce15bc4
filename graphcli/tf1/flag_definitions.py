"""Flags are defined by a call for each kind (tf.flags.DEFINE_integer, …)."""
from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from ..errors import InvalidValue
from .flag_kinds import TEXT, TRUTH, Kind, member, one_of, real, whole, words
from .flag_rules import mark_flag_as_required
from .flag_values import FLAGS, Flag, FlagHolder, Flags, UnrecognizedFlagError

EXPORTS = """
flags app.flags: DEFINE_string DEFINE_integer DEFINE_float DEFINE_bool DEFINE_boolean DEFINE_enum DEFINE_enum_class
flags app.flags: DEFINE_list DEFINE_spaceseplist DEFINE_multi_string DEFINE_multi_integer DEFINE_multi_float
flags app.flags: DEFINE_multi_enum DEFINE_alias
"""


def _define(kind: Kind, name: str, default: Any, help: str | None, flag_values: Flags = FLAGS,
            required: bool = False, short_name: str | None = None, many: bool = False, **_: Any) -> FlagHolder:
    """Raises DuplicateFlagError for a name that there is, IllegalFlagValueError for a default that is no value."""
    if required and default is not None:
        raise InvalidValue(f"the flag --{name} must be given, and so has no default")
    flag = Flag(name, kind, help, short_name, many)
    flag.set_default(default)
    for each in (name, short_name):
        if each:
            flag_values[each] = flag
    if required:
        mark_flag_as_required(name, flag_values)
    return FlagHolder(flag_values, flag)


def DEFINE_string(name: str, default: Any, help: str | None, **args: Any) -> FlagHolder:  # noqa: N802
    """A flag of text."""
    return _define(TEXT, name, default, help, **args)


def DEFINE_integer(name: str, default: Any, help: str | None, lower_bound: int | None = None,  # noqa: N802
                   upper_bound: int | None = None, **args: Any) -> FlagHolder:
    """A flag of a whole number."""
    return _define(whole(lower_bound, upper_bound), name, default, help, **args)


def DEFINE_float(name: str, default: Any, help: str | None, lower_bound: float | None = None,  # noqa: N802
                 upper_bound: float | None = None, **args: Any) -> FlagHolder:
    """A flag of a number."""
    return _define(real(lower_bound, upper_bound), name, default, help, **args)


def DEFINE_boolean(name: str, default: Any, help: str | None, **args: Any) -> FlagHolder:  # noqa: N802
    """A flag that is true where it stands, false as ``--noNAME``."""
    return _define(TRUTH, name, default, help, **args)


DEFINE_bool = DEFINE_boolean


def DEFINE_enum(name: str, default: Any, enum_values: Sequence[str], help: str | None,  # noqa: N802
                case_sensitive: bool = True, **args: Any) -> FlagHolder:
    """A flag of one of some words."""
    return _define(one_of(enum_values, case_sensitive), name, default, help, **args)


def DEFINE_enum_class(name: str, default: Any, enum_class: type[Enum], help: str | None,  # noqa: N802
                      case_sensitive: bool = False, **args: Any) -> FlagHolder:
    """A flag of one of the members of an enumeration."""
    return _define(member(enum_class, case_sensitive), name, default, help, **args)


def DEFINE_list(name: str, default: Any, help: str | None, **args: Any) -> FlagHolder:  # noqa: N802
    """A flag of words with commas between them."""
    return _define(words(comma=True), name, default, help, **args)


def DEFINE_spaceseplist(name: str, default: Any, help: str | None, **args: Any) -> FlagHolder:  # noqa: N802
    """A flag of words with white space between them."""
    return _define(words(comma=False), name, default, help, **args)


def DEFINE_multi_string(name: str, default: Any, help: str | None, **args: Any) -> FlagHolder:  # noqa: N802
    """A flag of text that may stand several times."""
    return _define(TEXT, name, default, help, many=True, **args)


def DEFINE_multi_integer(name: str, default: Any, help: str | None, lower_bound: int | None = None,  # noqa: N802
                         upper_bound: int | None = None, **args: Any) -> FlagHolder:
    """A flag of a whole number that may stand several times."""
    return _define(whole(lower_bound, upper_bound), name, default, help, many=True, **args)


def DEFINE_multi_float(name: str, default: Any, help: str | None, lower_bound: float | None = None,  # noqa: N802
                       upper_bound: float | None = None, **args: Any) -> FlagHolder:
    """A flag of a number that may stand several times."""
    return _define(real(lower_bound, upper_bound), name, default, help, many=True, **args)


def DEFINE_multi_enum(name: str, default: Any, enum_values: Sequence[str], help: str | None,  # noqa: N802
                      case_sensitive: bool = True, **args: Any) -> FlagHolder:
    """A flag of one of some words that may stand several times."""
    return _define(one_of(enum_values, case_sensitive), name, default, help, many=True, **args)


def DEFINE_alias(name: str, original_name: str, flag_values: Flags = FLAGS, **_: Any) -> FlagHolder:  # noqa: N802
    """Another name of a flag. Raises UnrecognizedFlagError if there is no such flag."""
    if original_name not in flag_values:
        raise UnrecognizedFlagError(f"there is no flag --{original_name}")
    flag = flag_values[original_name]
    flag_values[name] = flag
    return FlagHolder(flag_values, flag)

"""Laws of flags: which must be given, which do not go together, which values are refused."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .flag_values import FLAGS, Check, FlagHolder, Flags

EXPORTS = """
flags app.flags: mark_flag_as_required mark_flags_as_required mark_flags_as_mutual_exclusive
flags app.flags: mark_bool_flags_as_mutual_exclusive register_validator validator multi_flags_validator
flags app.flags: register_multi_flags_validator set_default declare_key_flag disclaim_key_flags
flags app.flags: adopt_module_key_flags
"""

REFUSED = "Flag validation failed"


def _name(flag: str | FlagHolder) -> str:
    return flag.name if isinstance(flag, FlagHolder) else flag


def register_multi_flags_validator(flag_names: Sequence[str], multi_flags_checker: Callable[[dict[str, Any]], bool],
                                   message: str = REFUSED, flag_values: Flags = FLAGS) -> None:
    """The checker takes the values of the flags by name, and says whether they go together.

    Values are checked when the command line is read, and when one of the flags is set; of those that are refused
    IllegalFlagValueError is raised. Raises KeyError if there is no such flag.
    """
    names = [_name(flag) for flag in flag_names]
    for name in names:
        flag_values[name]
    flag_values._checks.append(Check(names, multi_flags_checker, message))


def register_validator(flag_name: str, checker: Callable[[Any], bool], message: str = REFUSED,
                       flag_values: Flags = FLAGS) -> None:
    """The checker takes the value of a flag, and says whether it is one; register_multi_flags_validator has more."""
    name = _name(flag_name)
    register_multi_flags_validator([name], lambda values: checker(values[name]), message, flag_values)


def validator(flag_name: str, message: str = REFUSED, flag_values: Flags = FLAGS) -> Callable[[Any], Any]:
    """A decorator: the function checks the flag."""
    def decorate(checker: Any) -> Any:
        register_validator(flag_name, checker, message, flag_values)
        return checker

    return decorate


def multi_flags_validator(flag_names: Sequence[str], message: str = REFUSED, flag_values: Flags = FLAGS
                          ) -> Callable[[Any], Any]:
    """A decorator: the function checks the flags together."""
    def decorate(checker: Any) -> Any:
        register_multi_flags_validator(flag_names, checker, message, flag_values)
        return checker

    return decorate


def mark_flag_as_required(flag_name: str, flag_values: Flags = FLAGS) -> None:
    """The flag must be given. Raises KeyError if there is none of this name."""
    name = _name(flag_name)
    register_validator(name, lambda value: value is not None, f"--{name} must be given", flag_values)


def mark_flags_as_required(flag_names: Sequence[str], flag_values: Flags = FLAGS) -> None:
    """All of the flags must be given."""
    for name in flag_names:
        mark_flag_as_required(name, flag_values)


def _exclusive(names: Sequence[str], given: Callable[[Any], bool], required: bool, flags: Flags) -> None:
    def holds(values: dict[str, Any]) -> bool:
        count = sum(given(v) for v in values.values())
        return count == 1 or not required and count == 0

    text = f"{'exactly' if required else 'at most'} one of {', '.join(_name(n) for n in names)} can be given"
    register_multi_flags_validator(names, holds, text, flags)


def mark_flags_as_mutual_exclusive(flag_names: Sequence[str], required: bool = False,
                                   flag_values: Flags = FLAGS) -> None:
    """At most one of the flags can be other than None; exactly one if required."""
    _exclusive(flag_names, lambda value: value is not None, required, flag_values)


def mark_bool_flags_as_mutual_exclusive(flag_names: Sequence[str], required: bool = False,
                                        flag_values: Flags = FLAGS) -> None:
    """At most one of the flags can be true; exactly one if required."""
    _exclusive(flag_names, bool, required, flag_values)


def set_default(flag_holder: FlagHolder, value: Any) -> None:
    """Another default of a flag."""
    flag_holder._flags.set_default(flag_holder.name, value)


def declare_key_flag(flag_name: str, flag_values: Flags = FLAGS) -> None:
    """The flag is of this module too, which a help says here of every flag. Raises KeyError if there is none."""
    flag_values[flag_name]


def adopt_module_key_flags(module: Any, flag_values: Flags = FLAGS) -> None:
    """The flags of another module are of this one too, which a help says here of every flag."""


def disclaim_key_flags() -> None:
    """The flags of the calling module are no others' too, which a help says here of every flag."""

"""Programs with flags on their command line (tf.app.run, tf.flags)."""
from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..errors import InvalidValue, NotFound, did_you_mean

EXPORTS = """
app: run
flags app.flags: FLAGS DEFINE_string DEFINE_integer DEFINE_float DEFINE_bool DEFINE_boolean DEFINE_enum DEFINE_list
flags app.flags: DEFINE_multi_string DEFINE_multi_integer DEFINE_multi_float mark_flag_as_required
"""


class _Flag:
    """One flag: how its text is read, and whether it stands without a value or several times."""

    def __init__(self, default: Any, read: Callable[[str], Any], help: str | None, switch: bool = False,
                 many: bool = False) -> None:
        self.default, self.value, self.read, self.help = default, default, read, help or ""
        self.switch, self.many, self.required = switch, many, False


class Flags:
    """The flags by name as attributes; the command line is read when the first is asked for (tf.flags.FLAGS)."""

    def __init__(self) -> None:
        self.__dict__["_flags"] = {}
        self.__dict__["_read"] = False

    def __getitem__(self, name: str) -> _Flag:
        """The flag itself, with its value, default and help. Raises NotFound for a name that is none."""
        if name not in self._flags:
            raise NotFound(f"there is no flag --{name}", hint=did_you_mean(name, self._flags))
        found: _Flag = self._flags[name]
        return found

    def __len__(self) -> int:
        return len(self._flags)

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        """Reads the command line; returns the program's name and what is no flag."""
        self.__dict__["_read"] = True
        rest, given = [argv[0] if argv else ""], list(argv[1:])
        while given:
            word = given.pop(0)
            if word == "--":
                return rest + given
            if not word.startswith("-") or word == "-":
                rest.append(word)
                continue
            name, equals, text = word.lstrip("-").partition("=")
            name = name.replace("-", "_")
            flag = self._flags.get(name)
            if flag is None and name.startswith("no") and getattr(self._flags.get(name[2:]), "switch", False):
                self._flags[name[2:]].value = False
                continue
            if flag is None:
                if known_only:
                    rest.append(word)
                    continue
                raise NotFound(f"there is no flag --{name}", hint=did_you_mean(name, self._flags))
            if flag.switch and not equals:
                flag.value = True
                continue
            if not equals:
                if not given:
                    raise InvalidValue(f"the flag --{name} needs a value")
                text = given.pop(0)
            try:
                value = flag.read(text)
            except ValueError:
                raise InvalidValue(f"the flag --{name} cannot be {text!r}") from None
            flag.value = [*(flag.value if flag.value is not flag.default else []), value] if flag.many else value
        for name, flag in self._flags.items():
            if flag.required and flag.value is None:
                raise InvalidValue(f"the flag --{name} must be given")
        return rest

    def __getattr__(self, name: str) -> Any:
        if not self._read:
            self(sys.argv, known_only=True)
        flag = self._flags.get(name)
        if flag is None:
            raise AttributeError(f"there is no flag {name!r}")
        return flag.value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._flags:
            raise AttributeError(f"there is no flag {name!r}")
        self._flags[name].value = value

    def __contains__(self, name: str) -> bool:
        return name in self._flags

    def __iter__(self) -> Any:
        return iter(self._flags)

    def flag_values_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._flags}


FLAGS = Flags()


def _define(name: str, default: Any, read: Callable[[str], Any], help: str | None, **form: bool) -> None:
    FLAGS._flags[name] = _Flag(default, read, help, **form)


def _truth(text: str) -> bool:
    word = text.lower()
    if word in ("true", "t", "1"):
        return True
    if word in ("false", "f", "0"):
        return False
    raise ValueError(text)


def DEFINE_string(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of text."""
    _define(name, default, str, help)


def DEFINE_integer(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of a whole number."""
    _define(name, default, lambda text: int(text, 0), help)


def DEFINE_float(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of a number."""
    _define(name, default, float, help)


def DEFINE_boolean(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag that is true where it stands, false as ``--noNAME``."""
    _define(name, default, _truth, help, switch=True)


DEFINE_bool = DEFINE_boolean


def DEFINE_enum(name: str, default: Any, enum_values: Sequence[str], help: str | None = None,  # noqa: N802
                **_: Any) -> None:
    """A flag of one of some words."""
    def read(text: str) -> str:
        if text not in enum_values:
            raise ValueError(text)
        return text

    _define(name, default, read, help)


def DEFINE_list(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of words with commas between them."""
    def read(text: str) -> list[str]:
        return [part.strip() for part in text.split(",")] if text else []

    _define(name, read(default) if isinstance(default, str) else default, read, help)


def DEFINE_multi_string(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of text that may stand several times."""
    _define(name, [default] if isinstance(default, str) else default, str, help, many=True)


def DEFINE_multi_integer(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of a whole number that may stand several times."""
    _define(name, [default] if isinstance(default, int) else default, int, help, many=True)


def DEFINE_multi_float(name: str, default: Any, help: str | None = None, **_: Any) -> None:  # noqa: N802
    """A flag of a number that may stand several times."""
    _define(name, [default] if isinstance(default, float) else default, float, help, many=True)


def mark_flag_as_required(flag_name: str) -> None:
    """The flag must be given."""
    FLAGS._flags[flag_name].required = True


def run(main: Any = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Reads the flags, calls ``main(argv)`` and ends the program with what it returns (tf.app.run)."""
    rest = FLAGS(sys.argv if argv is None else argv, known_only=main is None)
    function = main or sys.modules["__main__"].main
    sys.exit(function(rest))

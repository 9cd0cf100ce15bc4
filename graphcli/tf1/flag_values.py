"""The flags of a program and what its command line says of them (tf.flags.FLAGS)."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ..errors import GraphError, did_you_mean
from .flag_kinds import Kind

EXPORTS = """
flags app.flags: FLAGS FlagValues=Flags FlagHolder Error UnrecognizedFlagError IllegalFlagValueError DuplicateFlagError
flags app.flags: ValidationError UnparsedFlagAccessError FlagNameConflictsWithMethodError
"""

OF_LOGS = {"logtostderr": True, "alsologtostderr": True, "verbosity": False, "stderrthreshold": False}
"""Flags of every program about its messages, which change nothing here; whether each is a switch."""


class Error(GraphError):
    """Something is wrong with a flag (tf.flags.Error)."""


class UnrecognizedFlagError(Error):
    """There is no such flag."""


class IllegalFlagValueError(Error):
    """A flag does not take this value."""


class DuplicateFlagError(Error):
    """There are two flags of one name."""


class ValidationError(Error):
    """What a validator raises of a value."""


class UnparsedFlagAccessError(Error):
    """A flag is asked for before the command line was read; here that reads it."""


class FlagNameConflictsWithMethodError(Error):
    """A flag is called as a method of FLAGS."""


class Flag:
    """One flag: its name, value, default and help, and how often the command line has it (``present``)."""

    def __init__(self, name: str, kind: Kind, help: str | None, short_name: str | None = None,
                 many: bool = False) -> None:
        self.name, self.kind, self.help, self.short_name, self.many = name, kind, help, short_name, many
        self.present, self.using_default_value = 0, True
        self.default: Any = None
        self.value: Any = None

    @property
    def boolean(self) -> bool:
        return self.kind.switch

    def set_default(self, default: Any) -> None:
        """Another default, which is the value as long as no other was given."""
        self.default = None if default is None else self.read(default)
        if self.using_default_value:
            self.value = self.default

    def read(self, value: Any) -> Any:
        """The value of a text or of a default. Raises IllegalFlagValueError if it is none."""
        try:
            if self.many:
                several = isinstance(value, (list, tuple))
                return [self.kind.read(v) for v in (value if several else [value])]
            return self.kind.read(value)
        except (TypeError, ValueError) as error:
            raise IllegalFlagValueError(f"the flag --{self.name} cannot be {value!r}: {error}") from None

    def parse(self, text: str) -> None:
        """Takes what the command line says."""
        value = self.read(text)
        self.value = [*self.value, *value] if self.many and self.present else value
        self.present += 1
        self.using_default_value = False

    def serialize(self) -> str:
        """The flag as it stands on a command line, a line for each of several values."""
        if self.kind.switch:
            return f"--{'' if self.value else 'no'}{self.name}"
        values = self.value if self.many else [self.value]
        return "\n".join(f"--{self.name}={self.kind.write(v)}" for v in values)


class FlagHolder:
    """What the definition of a flag gives: its ``value``, ``name`` and ``default``."""

    def __init__(self, flags: Flags, flag: Flag) -> None:
        self._flags, self._flag = flags, flag

    name = property(lambda self: self._flag.name)
    default = property(lambda self: self._flag.default)
    present = property(lambda self: self._flag.present)
    value = property(lambda self: getattr(self._flags, self._flag.name))


class Check(NamedTuple):
    """A law of some flags: ``holds`` takes their values by name."""

    names: Sequence[str]
    holds: Callable[[dict[str, Any]], bool]
    message: str


class Flags:
    """The flags by name as attributes; the command line is read when the first is asked for (tf.flags.FLAGS)."""

    def __init__(self) -> None:
        # programs of TF1 reach for FLAGS.__flags
        self.__dict__.update({"__flags": {}, "_checks": [], "_parsed": False})

    def _flags(self) -> dict[str, Flag]:
        found: dict[str, Flag] = self.__dict__["__flags"]
        return found

    def _no_flag(self, name: str) -> UnrecognizedFlagError:
        return UnrecognizedFlagError(f"there is no flag --{name}", hint=did_you_mean(name, self._flags()))

    def __getitem__(self, name: str) -> Flag:
        """The flag itself. Raises KeyError for a name that is none."""
        return self._flags()[name]

    def __setitem__(self, name: str, flag: Flag) -> None:
        """A new flag. Raises DuplicateFlagError if there is one of this name."""
        if name in self._flags():
            raise DuplicateFlagError(f"the flag --{name} is defined twice")
        if hasattr(type(self), name):
            raise FlagNameConflictsWithMethodError(f"a flag cannot be called {name!r} as a method of FLAGS is")
        self._flags()[name] = flag

    def __len__(self) -> int:
        return len(self._flags())

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags())

    def __contains__(self, name: str) -> bool:
        return name in self._flags()

    def __dir__(self) -> list[str]:
        return sorted(self._flags())

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        """Reads the command line; returns the program's name and what is no flag.

        known_only: flags that are not known are no error, and are returned. Raises UnrecognizedFlagError,
        IllegalFlagValueError, and Error where a value is missing.
        """
        if not argv:
            raise Error("a command line begins with the name of the program")
        rest = [argv[0]]
        words = iter(argv[1:])
        for word in words:
            if word == "--":
                rest += [*([word] if known_only else []), *words]
            elif not word.startswith("-") or word == "-":
                rest.append(word)
            elif not self._take(word, words):
                name = word.lstrip("-").partition("=")[0]
                if not known_only:
                    raise self._no_flag(name)
                rest.append(word)
        self.mark_as_parsed()
        for check in self._checks:
            self._assert(check)
        return rest

    def _take(self, word: str, more: Iterator[str]) -> bool:
        """Reads one flag; False where there is none of its name."""
        name, equals, text = word.lstrip("-").partition("=")
        if name in OF_LOGS and name not in self:
            if not OF_LOGS[name] and not equals:
                next(more, None)
            return True
        flag = self._flags().get(name) or self._flags().get(name.replace("-", "_"))
        if flag is None and name.startswith("no") and not equals:
            flag = self._flags().get(name[2:])
            if flag is not None and flag.boolean:
                flag.parse("false")
                return True
            return False
        if flag is None:
            return False
        if not equals:
            following = "true" if flag.boolean else next(more, None)
            if following is None:
                raise Error(f"the flag --{name} needs a value")
            text = following
        flag.parse(text)
        return True

    def _assert(self, check: Check) -> None:
        values = {name: self[name].value for name in check.names}
        try:
            held = check.holds(values)
        except ValidationError as error:
            raise IllegalFlagValueError(error.message) from None
        if not held:
            given = ", ".join(f"--{name}={value}" for name, value in values.items())
            raise IllegalFlagValueError(f"the flags {given} are refused: {check.message}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if not self._parsed:
            self(sys.argv, known_only=True)
        flag = self._flags().get(name)
        if flag is None:
            raise AttributeError(f"there is no flag {name!r}")
        return flag.value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self:
            raise self._no_flag(name)
        flag = self[name]
        if value is not None and not flag.many and not flag.kind.holds(value):
            raise IllegalFlagValueError(f"the flag --{name} cannot be {value!r}: it is not {flag.kind.words}")
        before = flag.value
        flag.value = value
        try:
            for check in self._checks:
                if name in check.names:
                    self._assert(check)
        except Error:
            flag.value = before
            raise
        flag.using_default_value = False

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(f"there is no flag {name!r}")
        gone = self[name]
        for key in [key for key, flag in self._flags().items() if flag is gone]:
            del self._flags()[key]
        self.__dict__["_checks"] = [check for check in self._checks if name not in check.names]

    def flag_values_dict(self) -> dict[str, Any]:
        return {name: flag.value for name, flag in self._flags().items()}

    def get_key_flags_for_module(self, module: Any) -> list[Flag]:
        """The flags of a module, which are all of them here."""
        return list({flag.name: flag for flag in self._flags().values()}.values())

    def get_flag_value(self, name: str, default: Any) -> Any:
        """The value of a flag, ``default`` where it is None."""
        value = getattr(self, name)
        return default if value is None else value

    def set_default(self, name: str, value: Any) -> None:
        """Another default. Raises UnrecognizedFlagError if there is no such flag."""
        if name not in self:
            raise self._no_flag(name)
        self[name].set_default(value)

    def flags_into_string(self) -> str:
        """A line for each flag that has a value, as it stands on a command line."""
        return "".join(f"{flag.serialize()}\n" for name, flag in sorted(self._flags().items())
                       if name == flag.name and flag.value is not None)

    def is_parsed(self) -> bool:
        return bool(self._parsed)

    def mark_as_parsed(self) -> None:
        self.__dict__["_parsed"] = True

    def unparse_flags(self) -> None:
        """Flags are to be read anew before they are asked for."""
        self.__dict__["_parsed"] = False

    def _parse_flags(self, args: Sequence[str] | None = None) -> None:
        """Reads the command line, as programs did before TensorFlow 1.5."""
        self([sys.argv[0], *args] if args is not None else sys.argv, known_only=True)


FLAGS = Flags()

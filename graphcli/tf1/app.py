"""Programs with flags on their command line (tf.app.run)."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from .flag_values import FLAGS, Flag

EXPORTS = """
app: run
"""

HELP = ("help", "helpshort", "helpfull")


def help_of(flag: Flag) -> Iterator[str]:
    """The lines about one flag."""
    name = f"--{'[no]' if flag.boolean else ''}{flag.name}"
    short = f"-{flag.short_name}," if flag.short_name else ""
    yield f"  {short}{name}:{flag.kind.front} {flag.help or '(no help available)'}{';' if flag.many else ''}"
    if flag.many:
        yield "    repeat this option to specify a list of values"
    if flag.default is not None:
        yield f"    (default: {str(flag.default if flag.many else flag.kind.write(flag.default))!r})"
    if flag.kind.words:
        yield f"    ({flag.kind.words})"


def usage(program: str) -> str:
    """What ``--help`` prints: what the program says of itself, and its flags by name."""
    doc = sys.modules["__main__"].__doc__ or f"\n       USAGE: {program} [flags]\n"
    flags = sorted({flag.name: flag for flag in FLAGS._flags().values()}.items())
    return "\n".join([doc, "flags:", "", f"{program}:", *(line for _, flag in flags for line in help_of(flag)), "",
                      "Try --helpfull to get a list of all flags."])


def asked_for_help(argv: Sequence[str]) -> bool:
    before = [*argv, "--"].index("--")
    return any(word.lstrip("-") in HELP and word.startswith("-") and word.lstrip("-") not in FLAGS
               for word in argv[1:before])


def run(main: Any = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Reads the flags, calls ``main(argv)`` and ends the program with what it returns (tf.app.run).

    argv has, after the program's name, what is no flag, flags that are not known included. ``--help`` tells of the
    flags, and ends the program with 1.
    """
    start(main, argv, lambda words: FLAGS(words, known_only=True))


def start(main: Any, argv: Sequence[str] | None, read: Callable[[Sequence[str]], list[str]]) -> NoReturn:
    """Ends the program with what ``main`` makes of what ``read`` leaves of the command line."""
    given = sys.argv if argv is None else argv
    if asked_for_help(given):
        print(usage(given[0]))
        sys.exit(1)
    rest = read(given)
    sys.exit((main or sys.modules["__main__"].main)(rest))

"""Programs that ``absl.app`` runs: a flag that is not known, or not right, ends them."""
from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from .app import start, usage
from .flag_values import FLAGS, Error


class UsageError(Exception):
    """What ``main`` raises where the command line is not right."""

    def __init__(self, message: str, exitcode: int = 1) -> None:
        super().__init__(message)
        self.exitcode = exitcode


def parse_flags_with_usage(args: Sequence[str]) -> list[str]:
    """Reads the flags; the program ends with 1 where one is not right."""
    try:
        return FLAGS(args)
    except Error as error:
        sys.stderr.write(f"FATAL Flags parsing error: {error}\n"
                         "Pass --helpshort or --helpfull to see help on flags.\n")
        sys.exit(1)


def run(main: Callable[[list[str]], Any], argv: Sequence[str] | None = None,
        flags_parser: Callable[[Sequence[str]], Any] = parse_flags_with_usage) -> NoReturn:
    """Reads the flags, calls ``main`` with what is none, and ends the program with what it returns."""
    def called(rest: list[str]) -> Any:
        try:
            return main(rest)
        except UsageError as error:
            sys.stderr.write(f"{usage(sys.argv[0])}\n{error}\n")
            sys.exit(error.exitcode)

    start(called, argv, flags_parser)

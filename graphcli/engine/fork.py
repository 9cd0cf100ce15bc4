"""Fork: branches of a plan on the threads of a session, each branch on one of them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any


def forked(each: Callable[[int, Callable[[int], None]], None]) -> Callable[..., list[Any]]:
    """A function of (function, arguments...) of each branch that gives what each returns.

    Where branches fail, the failure of the first of them in the plan is raised, when all have ended.
    """
    def fork(*branches: Any) -> list[Any]:
        results: list[Any] = [None] * len(branches)
        failed: list[BaseException | None] = [None] * len(branches)

        def run(i: int) -> None:
            function, *arguments = branches[i]
            try:
                results[i] = function(*arguments)
            except BaseException as error:
                failed[i] = error

        each(len(branches), run)
        try:
            for error in failed:
                if error is not None:
                    raise error
            return results
        finally:
            # the error holds this frame
            failed.clear()
            error = None

    return fork

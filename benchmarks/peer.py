"""The other side of a row in an interpreter of its own: reads requests as lines of JSON, answers with times."""
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from measure import Step, Work, load, timed, warm

ANSWERS = os.dup(1)
"""Where answers go; whatever else a library prints goes to stderr."""
os.dup2(2, 1)


def serve(version: str, prepare: Callable[[Work], Step | None]) -> None:
    """Answers until the requests end. prepare: the step of a row, None where the library cannot say the same."""
    answers = os.fdopen(ANSWERS, "w")
    step: Step | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        told: dict[str, Any]
        try:
            if asked["do"] == "version":
                told = {"version": version}
            elif asked["do"] == "prepare":
                step = prepare(next(w for w in load(asked["family"]).ROWS if w.name == asked["name"]))
                if step is not None:
                    step()
                    warm(step)
                told = {"ready": step is not None}
            else:
                assert step is not None
                told = {"seconds": timed(step, asked["calls"])}
        except Exception as error:
            told = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(told) + "\n")
        answers.flush()

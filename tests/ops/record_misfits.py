"""Writes misfits.txt and misfits_run.txt: what TensorFlow refuses of the table's rows with inputs that do not fit.

    python tests/ops/record_misfits.py [run [OP ...]]        # in an environment with TensorFlow

A line per row: its key, and after a colon each misfit (the input, how it differs) that is refused, when it is built or
with ``run`` when it is run with shapes that nobody told before. Those that end the process stand after ``|``: they are
left open. So are rows that it does not run without shapes. With types of ops only their lines are written anew, and
what it says of each is printed.
"""
from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.ops import cases, misfits, record_answers  # noqa: E402


def main() -> None:
    side = record_answers.theirs()
    if sys.argv[1:2] != ["run"]:
        lines, file = [], HERE / "misfits.txt"
        kept = {line.partition(":")[0]: line for line in file.read_text().splitlines()}
        for row in misfits.rows():
            if row.op in cases.CONTRIB:
                lines.append(kept.get(row.key, f"{row.key}:"))
                continue
            told = [m.key for m in misfits.misfits(row) if m.of_shape and misfits.refused(side.tf, side.raw, m)]
            lines.append(f"{row.key}: {', '.join(told)}".rstrip())
        file.write_text("\n".join(lines) + "\n")
        return
    write_run(side, sys.argv[2:])


def write_run(side: Any, only: list[str]) -> None:
    """Writes misfits_run.txt, anew only for these op types where there are any."""
    file = HERE / "misfits_run.txt"
    written = dict(line.split(":", 1) for line in file.read_text().splitlines())
    for row in misfits.rows():
        if row.op in only or not only and row.op not in cases.CONTRIB:
            said, ended = _asked(side, row)
            told = f": {', '.join(k for k, v in said.items() if v)} | {', '.join(ended)}".rstrip(" |")
            written[row.key] = told[1:]
            if only:
                print(row.key, *(f"  {k}: {_law(v) or '-'}" for k, v in said.items()), sep="\n")
                print("  ends:", ended)
    file.write_text("".join(f"{row.key}:{written.get(row.key, '')}\n" for row in misfits.rows()))


def _law(said: str) -> str:
    """What a kernel says, without where its node was made."""
    return said.split("\nNode: ")[-1].partition("\n")[2].partition("\n")[0] if "\nNode: " in said else said


def _asked(side: Any, row: cases.Row) -> tuple[dict[str, str], list[str]]:
    """What is said to each misfit, and which end the process or keep it for long: each begins a process anew."""
    fit = misfits.fit(row).key
    keys = [fit, *(m.key for m in misfits.misfits(row))]
    said: dict[str, str] = {}
    ended: list[str] = []
    while len(said) + len(ended) < len(keys) and not said.get(fit) and fit not in ended:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        child = multiprocessing.get_context("fork").Process(target=_ask, args=(side, row, {*said, *ended}, theirs))
        child.start()
        theirs.close()
        try:
            while len(said) + len(ended) < len(keys) and not said.get(fit):
                if not ours.poll(20):
                    raise EOFError
                key, text = ours.recv()
                said[key] = text
        except EOFError:
            ended.append(next(k for k in keys if k not in said and k not in ended))
        child.kill()
        child.join()
    return ({}, []) if said.pop(fit, "refused") else (said, ended)


def _ask(side: Any, row: cases.Row, done: set[str], theirs: Any) -> None:
    for m in (misfits.fit(row), *misfits.misfits(row)):
        if m.key not in done:
            theirs.send((m.key, misfits.refusal(side.tf, side.raw, m, run=True)))


if __name__ == "__main__":
    main()

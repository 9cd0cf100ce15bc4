"""Measures the engine against its peers, row by row, in one run.

    python benchmarks/run.py                                # every family; Markdown to stdout
    python benchmarks/run.py elementwise mlp -o results     # some, and results.md, results.json
    python benchmarks/run.py --tensorflow PATH/TO/python --pytensor PATH/TO/python   # interpreters that have them

Peers: numpy as one writes it by hand, TensorFlow (Session.make_callable) and PyTensor, each in an interpreter of its
own, and numexpr and ONNX Runtime where they are installed (`pip install graphcli[bench]`). Sides are measured in turn,
with two threads each, when both cores give what they can; a figure is a median, a ratio is the peer's time over ours.
Settings that slow numpy's products down (OPENBLAS_CORETYPE) are for the caller to unset.
"""
from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FAMILIES = sorted(p.stem for p in (HERE / "families").glob("*.py") if p.stem != "__init__")
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "2")
sys.path[:0] = [str(HERE.parent), str(HERE)]

import measure  # noqa: E402

PEERS = ("numexpr", "onnxruntime")
PROCESSES = {"tensorflow": "TensorFlow", "pytensor": "PyTensor"}


def engine_rows(family: str, times: int, processes: list[Any], peers: list[str], calm: Any) -> list[dict[str, Any]]:
    out = []
    for work in measure.load(family).ROWS:
        found = measure.measure(family, work, times, processes, peers, calm)
        ours = found.pop("graphcli")
        ratios = {name: side.median / ours.median for name, side in found.items()}
        told = {"family": family, "row": work.name, "ms": {"graphcli": ours.median * 1e3},
                "spread": {"graphcli": round(ours.spread, 3)}, "ratio": {}, "bar": work.bars, "missed": []}
        for name, side in found.items():
            told["ms"][name] = side.median * 1e3
            told["spread"][name] = round(side.spread, 3)
            told["ratio"][name] = round(ratios[name], 3)
            if name in work.bars and ratios[name] < work.bars[name]:
                told["missed"].append(name)
        out.append(told)
        print(f"{work.name}: {told['ms']['graphcli']:.3f} ms; "
              + ", ".join(f"{n} {r:.2f}" for n, r in ratios.items()), file=sys.stderr, flush=True)
    return out


def cell(row: dict[str, Any], peer: str) -> str:
    if peer not in row["ratio"]:
        return "" if peer not in row["bar"] else "not here"
    bar = row["bar"].get(peer)
    mark = "" if bar is None else f" (>= {bar:g})"
    text = f"{row['ratio'][peer]:.2f}{mark}"
    return f"**{text}**" if peer in row["missed"] else text


def markdown(machine: dict[str, Any], rows: list[dict[str, Any]], limits: list[dict[str, Any]]) -> str:
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items())
    lines = [f"{machine['processor']}, {machine['cores']} cores, two threads each; {versions}."]
    if machine["missing"]:
        lines.append(f"Not installed, so not measured: {', '.join(machine['missing'])}.")
    if rows:
        peers = list(dict.fromkeys(["numpy", "tensorflow", *(p for r in rows for p in r["ratio"])]))
        lines += ["", "The peer's time over ours; bold where it is below its bar.", "",
                  f"| work | ms | spread | {' | '.join(peers)} |", f"|---|--:|--:|{'--:|' * len(peers)}"]
        for r in rows:
            name = r["row"].replace("|", "\\|")
            cells = " | ".join(cell(r, p) for p in peers)
            lines.append(f"| `{name}` | {r['ms']['graphcli']:.3f} | {r['spread']['graphcli']:.0%} | {cells} |")
    if limits:
        lines += limits_table(limits)
    return "\n".join(lines) + "\n"


def limits_table(limits: list[dict[str, Any]]) -> list[str]:
    """Lines of Markdown for figures with a bound."""
    lines = ["", "| what | measured | | against | bound | |", "|---|--:|---|--:|--:|---|"]
    for r in limits:
        bound = "" if r["bound"] is None else f"{'at least' if r['least'] else 'at most'} {r['bound']:g}"
        mark = {None: "", True: "ok", False: "**missed**"}[r["ok"]]
        lines.append(f"| {r['what']} | {r['value']:g} | {r['unit']} | {r['against']} | {bound} | {mark} |")
    return lines


def about(processes: list[Any], peers: list[str]) -> dict[str, Any]:
    import numpy

    import graphcli

    versions = {"graphcli": graphcli.__version__, "Python": platform.python_version(), "numpy": numpy.__version__}
    versions.update((PROCESSES[p.name], p.version) for p in processes)
    for name in peers:
        versions[name] = importlib.import_module(name).__version__
    there = {p.name for p in processes}
    missing = [p for p in PEERS if p not in peers]
    missing += [f"{title} (--{name} PYTHON)" for name, title in PROCESSES.items() if name not in there]
    processor = platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        processor = next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"processor": processor, "cores": os.cpu_count(), "versions": versions, "missing": missing}


def _times(text: str) -> int:
    times = int(text)
    if times < 1:
        raise argparse.ArgumentTypeError(f"{times} is no number of repetitions")
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"of {', '.join(FAMILIES)}; all by default")
    parser.add_argument("-o", "--out", help="writes OUT.md and OUT.json")
    parser.add_argument("--times", type=_times, default=11, help="repetitions of each measure")
    for name, title in PROCESSES.items():
        parser.add_argument(f"--{name}", metavar="PYTHON", help=f"an interpreter that has {title}")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.families) - set(FAMILIES))
    if unknown:
        parser.error(f"no family {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    if arguments.out and (not Path(arguments.out).name or not os.access(Path(arguments.out).parent, os.W_OK)):
        parser.error(f"-o {arguments.out}: nothing can be written there")
    for name in PROCESSES:
        python = getattr(arguments, name)
        found = python and shutil.which(python)
        if python and not found:
            parser.error(f"--{name} {python}: there is no such program")
        setattr(arguments, name, found and os.path.abspath(found))
    peers = [p for p in PEERS if importlib.util.find_spec(p) is not None]
    processes = [measure.Peer(name, getattr(arguments, name)) for name in PROCESSES if getattr(arguments, name)]
    calm = measure.Calm()
    rows: list[dict[str, Any]] = []
    limits: list[dict[str, Any]] = []
    folder = Path(tempfile.mkdtemp())
    try:
        for family in arguments.families or FAMILIES:
            module = measure.load(family)
            if hasattr(module, "ROWS"):
                rows += engine_rows(family, arguments.times, processes, peers, calm)
            else:
                limits += module.rows(arguments.times, folder, arguments.tensorflow)
    finally:
        shutil.rmtree(folder)
        for process in processes:
            process.close()
    machine = {**about(processes, peers), "waited": round(calm.waited, 1)}
    text = markdown(machine, rows, limits)
    print(text, end="")
    if arguments.out:
        Path(arguments.out + ".md").write_text(text, encoding="utf-8")
        told = json.dumps({"machine": machine, "rows": rows, "limits": limits}, indent=1)
        Path(arguments.out + ".json").write_text(told + "\n", encoding="utf-8")
    return int(any(r["missed"] for r in rows) or any(r["ok"] is False for r in limits))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped; nothing is written")

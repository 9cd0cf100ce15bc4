"""``invoke``: one command line in this process, as a shell would run it. No generated example is timed."""
from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

# a busy machine is no failure
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Where tests fill the cores, BLAS's threads wait for each other, and take ten times as long as one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# a job in a shell's background ignores Ctrl-C, and one of nohup's a closed terminal; so would the programs of tests
for name, handler in ("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL):
    if signal.getsignal(number := getattr(signal, name, signal.SIGINT)) is signal.SIG_IGN:
        signal.signal(number, handler)


def pytest_collection_finish() -> None:
    """Forty thousand tests, and what their tables hold, are no garbage: each collection would look through them."""
    gc.collect()
    gc.freeze()


ENVIRONMENT = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}


@dataclass
class Result:
    code: int
    out: str
    err: str


Invoke = Callable[..., Result]


def run(*args: str, stdin: bytes = b"", cwd: Path | None = None) -> Result:
    from graphcli.cli.main import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    old = os.getcwd()
    if cwd is not None:
        os.chdir(cwd)
    try:
        with mock.patch.multiple(sys, stdout=out, stderr=err, stdin=io.TextIOWrapper(io.BytesIO(stdin))), \
                mock.patch.dict(os.environ, ENVIRONMENT):
            code = main(list(args))
    finally:
        os.chdir(old)
    text = [f.buffer.getvalue().decode("utf-8") for f in (out, err)]
    return Result(code, *text)


@pytest.fixture(scope="session")
def invoke() -> Invoke:
    return run


@pytest.fixture(scope="session")
def tensorflow_python() -> str:
    """A Python that has TensorFlow: the one that GRAPHCLI_TENSORFLOW names, or this one; skips where neither has."""
    import subprocess

    look = "import importlib.util as u, sys; sys.exit(u.find_spec('tensorflow') is None)"
    for python in (os.environ.get("GRAPHCLI_TENSORFLOW"), sys.executable):
        if python and not subprocess.run([python, "-c", look], check=False).returncode:
            return python
    pytest.skip("TensorFlow is not here; GRAPHCLI_TENSORFLOW may name a Python that has it")

"""DOT to SVG or PNG: by ``dot`` if it is on the PATH, else by the graphviz-pure wheel's own program."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig

from ...errors import GraphError

FORMATS = ("svg", "png")
TIMEOUT = 300


def program() -> str:
    """The layout program. Raises GraphError where there is none."""
    found = shutil.which("dot")
    if found:
        return found
    name = "graphviz-pure" + (".exe" if os.name == "nt" else "")
    # a wheel's programs stand beside the interpreter, which need not be on the PATH
    for folder in (os.path.dirname(sys.executable), sysconfig.get_path("scripts"),
                   sysconfig.get_path("scripts", f"{os.name}_user")):
        path = os.path.join(folder or "", name)
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if found:
        return found
    raise GraphError("nothing here lays out a graph: neither dot nor graphviz-pure was found",
                     hint="pip install graphviz-pure, or write .dot")


def render(dot: str, form: str) -> bytes:
    """The image of a DOT text. Raises GraphError if the program fails."""
    command = [program(), f"-T{form}"]
    try:
        done = subprocess.run(command, input=dot.encode("utf-8"), capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise GraphError(f"the layout took more than {TIMEOUT} seconds",
                         hint="draw less: --scope, --depth, or write .dot") from None
    except OSError as error:
        raise GraphError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode != 0 or not done.stdout:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GraphError(f"{os.path.basename(command[0])} failed: {why[0] if why else f'status {done.returncode}'}")
    return done.stdout

"""The clock, and the end of the process."""
from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np

from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op, undefined_gradient

CPU_ONLY = True


@op
class Timestamp:
    """Seconds since 1970, when the node runs (tf.timestamp)."""

    signature = " -> ts: float64"
    stateful = True
    infer, gradient = scalar_shape, no_gradient

    def kernel(n: Any) -> Any:
        return lambda: np.asarray(time.time_ns() // 1000 / 1e6)


@op
class Abort:
    """Ends the process: with a message and SIGABRT, or quietly and well."""

    signature = " -> "
    attrs = "error_msg: string = ''; exit_without_error: bool = False"
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        return []

    def kernel(n: Any) -> Any:
        def end() -> None:
            sys.stdout.flush()
            if n.attrs["exit_without_error"]:
                os._exit(0)
            print(f"Abort_op intentional failure; {n.attrs['error_msg']}", file=sys.stderr, flush=True)
            os.abort()

        return end

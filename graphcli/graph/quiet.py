"""How numpy is set while kernels run: it reports no overflow or division by zero, and its buffers are short.

What a ufunc broadcasts along rows that are shorter than the buffer is first copied into it, row by row: that
doubles the time of ``x - mean`` over rows of 1024. Where numpy sums through a buffer, its length is a part of the
order of the sum; so it is the same wherever kernels run.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

BUFFER = 512
"""Elements: few enough that rows of some length are not copied, enough for a cast by blocks."""


@contextmanager
def quietly() -> Iterator[None]:
    """Within, numpy is set so on this thread."""
    import numpy as np

    with np.errstate(all="ignore"):
        before = np.setbufsize(BUFFER)
        try:
            yield
        finally:
            np.setbufsize(before)

"""The heap keeps what a step frees, for the next step.

glibc takes arrays above a threshold (at first 128 kB) from the system and gives them back when they are freed, so that
every step pays for the same pages again: up to a third of its time. The threshold follows the largest such
array that was freed, up to 32 MB; so one that nobody touches is made and freed, which costs no memory.
"""
from __future__ import annotations

from functools import cache

import numpy as np

LARGEST = 30 << 20


@cache
def keep() -> None:
    """Once in a process; another allocator is not the worse for it."""
    np.empty(LARGEST, np.uint8)

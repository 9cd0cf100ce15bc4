"""Contracted: steps that multiply as operands and results lie (``passes/contract.py``)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.in_rows import rows
from ..graph.kernel import KernelContext
from ..passes.contract import Contracted
from . import backends


def contracted(found: Contracted, backend: backends.Backend) -> Callable[..., Any]:
    """The function of the operands of a product."""
    from ..ops._products import divided, product_of_two

    n = KernelContext(found.product, np, each=backend.each, shared=backend.shared)
    (first, second, out), shape, how, dtype = found.shapes, found.shape, found.how, n.dtype()
    matmul, each = divided(n, product_of_two), backend.each

    def run(a: Any, b: Any) -> Any:
        x, y = rows(a.reshape(first)), rows(b.reshape(second))
        if how.plain:
            return how.whole(x, y, matmul).reshape(shape)
        made = np.empty(out, dtype)
        how.run(x, y, made, each)
        return made.reshape(shape)

    return run

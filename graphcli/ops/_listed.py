"""Ops that a family lists in rows, for they differ in little but their kernels."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op, undefined_gradient


def unknown(n: Any, *shapes: Any) -> None:
    """Inference of outputs of which no shape is known, and of ops without any."""


def listed_op(module: str, name: str, doc: str, signature: str, kernel: Any, attrs: str = "", infer: Any = unknown,
              **space: Any) -> None:
    """An op without a gradient. module: its family; space: what else a class of an op would say."""
    op(type(name, (), {"__doc__": doc, "__module__": module, "signature": signature, "attrs": attrs, "infer": infer,
                       "kernel": kernel, "gradient": undefined_gradient, **space}))

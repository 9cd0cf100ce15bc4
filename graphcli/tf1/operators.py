"""The operators of tensors and variables: ``x + 1`` is ``tf.add`` with TF1's own name scopes.

Each names its scope after the operator (``add``, ``truediv``, …), converts the other side to the
tensor's dtype under the name ``y`` (``x`` when reflected) and hands on to the function of ``math``.
"""
from __future__ import annotations

from typing import Any

from ..graph.graph import Tensor

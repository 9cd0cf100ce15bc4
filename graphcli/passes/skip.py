"""Skip: an op without effects that others only wait for is not computed; they wait for what it waited for.

tf.gradients groups the gradients of one op by control edges, so that the gradient for a fed placeholder, often the
largest product of a step, would be computed for nobody. TensorFlow's own graph optimizer does the same.
"""
from __future__ import annotations

from collections.abc import Set

from ..graph.graph import Node
from .facts import silent
from .rewrite import Rewrite


def skippable(run: Rewrite) -> Set[Node]:
    """The nodes that have no effect but their values."""
    return {n for n in run.nodes if silent(n) and n.outputs and n not in run.flowing}

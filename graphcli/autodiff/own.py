"""Gradients that a program gives itself: for one node (tf.custom_gradient), or by a name that nodes bear in
``_gradient_op_type`` or as their op type (tf.RegisterGradient). They come before those of the ops."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ..errors import NameTaken, NotFound
from ..graph.graph import Node
from ..graph.opdef import find_op, undefined_gradient

ATTR = "_gradient_op_type"

_by_name: dict[str, Callable[..., Any] | None] = {}
_by_node: WeakKeyDictionary[Node, Callable[..., Any]] = WeakKeyDictionary()


def register(name: str, function: Callable[..., Any] | None) -> None:
    """``function(op, *grads)`` for nodes of this name, None where nothing goes through.

    Raises NameTaken for a name that has its function.
    """
    from ..ops._index import INDEX

    if name in _by_name or name in INDEX:
        raise NameTaken(f"there is a gradient of {name!r}", hint="gradient_override_map takes a name of your own")
    _by_name[name] = function


def give(node: Node, function: Callable[..., Any]) -> None:
    """``function(op, *grads)`` for one node."""
    _by_node[node] = function


def formula(node: Node) -> Callable[..., Any] | None:
    """The gradient as ops have theirs, called with ``tf``; None if nobody gave one. Raises NotFound for a name that
    nobody registered."""
    function = _by_node.get(node)
    if function is None:
        name = node.attrs.get(ATTR)
        if name is None:
            name = node.type
            if name not in _by_name:
                return None
        elif name not in _by_name:
            if node.opdef is not None and str(name).startswith("CustomGradient"):
                return None
            # an op type is the name of its gradient too: {"Sign": "Identity"}
            named = find_op(str(name))
            if named is None or named.gradient in (None, undefined_gradient):
                raise NotFound(f"{node.name} ({node.type}) asks for the gradient {name!r}, and none is registered",
                               node.span, hint="tf.RegisterGradient registers one")
            return named.gradient
        function = _by_name[name]
        if function is None:
            return lambda tf, op, *grads: [None] * len(op.inputs)
    own = function
    return lambda tf, op, *grads: own(op, *grads)

"""Losses of regularizers, whose nodes are made where they are used (tf.get_variable's regularizer)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, said
from ..graph.collections import GraphKeys
from ..graph.graph import Node, Tensor
from ..graph.types import DType
from .framework import colocate_with, name_scope
from .operators import install_on
from .variables import Variable


class LazyTensor:
    """A regularization loss: made anew, below ``NAME/Regularizer/``, each time it is used, as in TF1."""

    __array_priority__ = 100

    def __init__(self, make: Callable[[], Tensor]) -> None:
        self._make = make
        self._first = make()

    def _as_tensor(self, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        return self._make()

    def _as_graph_element(self) -> Tensor:
        return self._first

    @property
    def name(self) -> str:
        return self._first.name

    @property
    def op(self) -> Node:
        return self._first.op

    @property
    def dtype(self) -> DType:
        return self._first.dtype

    @property
    def graph(self) -> Any:
        return self._first.graph

    @property
    def device(self) -> str:
        return self._first.device

    @property
    def shape(self) -> Any:
        return self._first.shape

    @property
    def static(self) -> Any:
        return self._first.static

    def get_shape(self) -> Any:
        return self._first.shape

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(self._first)


install_on(LazyTensor)


def regularize(graph: Any, name: str, variable: Variable, regularizer: Any) -> None:
    """Collects the loss that ``regularizer`` gives for a variable.

    Raises InvalidType where it is no function, and where it gives what is neither a tensor nor a number (a number is
    refused where it is used).
    """
    if not callable(regularizer):
        raise InvalidType(f"the regularizer of {name} is a function of the variable, not {said(regularizer)}",
                          hint="l2_regularizer(SCALE) is one")

    def make() -> Tensor:
        with colocate_with(variable.op), name_scope(name + "/Regularizer/"):
            return regularizer(variable)  # type: ignore[no-any-return]

    # TF1 calls the regularizer once only to see whether it gives something; its nodes stay in the graph
    loss = regularizer(variable)
    if loss is not None and not isinstance(loss, (int, float)) and not hasattr(loss, "dtype"):
        raise InvalidType(f"the regularizer of {name} gives {said(loss)}, not a loss",
                          hint="l2_regularizer alone makes a regularizer of a scale: l2_regularizer(0.01)"
                          if callable(loss) else None)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, LazyTensor(make))

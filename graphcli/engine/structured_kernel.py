"""Structured: a region of loops and branches as one Python function."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..passes.flow import Region
from ..passes.structured import Structured
from .failures import dead, failed
from .flow import FlowKernel
from .structured_calls import StructuredCalls
from .structured_names import StructuredNames
from .structured_text import StructuredText
from .text import function_of


class StructuredKernel:
    """A region as a function: values from outside in, the values that others use out; see ``FlowKernel``.

    refs: the variables among the tensors from outside.
    """

    def __init__(self, structured: Structured, region: Region, exports: Sequence[Tensor], refs: Mapping[Tensor, Node],
                 kernel: Callable[[Node], Callable[..., Any]], slot: Callable[[Node], Slot]) -> None:
        names = StructuredNames(structured, region.outside, refs, slot)
        names.space["gone"] = gone
        text = StructuredText(structured, names, StructuredCalls(structured, names, kernel), exports)
        self.where = text.where
        self.space = names.space
        self.slots = names.slots
        self._function, self._codes = function_of(text.lines, "<region>", self.space, "region")
        self._flow = partial(FlowKernel, region, exports, kernel, slot)

    def __call__(self, *values: Any) -> Any:
        for slot in self.slots:
            if slot.value is None:
                # whether it is read in this step, only the step tells
                return self._flow()(*values)
        try:
            return self._function(*values)
        except Exception as error:
            told = self._told(error)
            if told is None:
                raise
            raise told from error

    def _told(self, error: Exception) -> Exception | None:
        """The failure of a kernel in the user's terms; None where that has been said."""
        trace, at = error.__traceback__, None
        while trace is not None:
            if trace.tb_frame.f_code in self._codes:
                at = trace
            trace = trace.tb_next
        where = None if at is None else self.where[at.tb_lineno - 1]
        if at is None or where is None:
            return None
        node, operands = where
        local = at.tb_frame.f_locals
        return failed(node, error, [local[o] if o in local else self.space.get(o) for o in operands])


def gone(tensor: Tensor) -> Any:
    """Raises the error of a value that is dead."""
    raise dead(tensor)

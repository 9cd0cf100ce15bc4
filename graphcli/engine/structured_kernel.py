"""Structured: a region of loops and branches as one Python function."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..passes.flow import Region
from ..passes.structured import Structured
from ..passes.taken import Taken
from .failures import dead, failed, raise_as
from .flow import FlowKernel
from .structured_calls import StructuredCalls
from .structured_names import StructuredNames
from .structured_text import StructuredText
from .text import function_of

if TYPE_CHECKING:
    from .program import Program


class StructuredKernel:
    """A region as a function: values from outside in, the values that others use out; see ``FlowKernel``.

    program, summing: see ``StructuredCalls``. failing: its node that failed, by what the trace has from the call on.
    plain: see ``StructuredCalls``.
    """

    def __init__(self, structured: Structured, region: Region, exports: Sequence[Tensor],
                 kernel: Callable[[Node], Callable[..., Any]],
                 program: Callable[[Program | Taken], Callable[..., Any]],
                 summing: Callable[[Taken], Callable[..., Any]],
                 failing: Callable[[Program, Any], Node], slot: Callable[[Node], Slot], plain: bool) -> None:
        names = StructuredNames(structured, region.outside, slot)
        names.space["gone"] = gone
        calls = StructuredCalls(structured, names, kernel, program, summing, plain)
        text = StructuredText(structured, names, calls, exports)
        self.where = text.where
        self.space = names.space
        self.slots = list(names.slot_of.values())
        self.failing = failing
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
            raise_as(self._told(error), error)

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
        what, operands = where
        if not isinstance(what, Node):
            node = what.node if isinstance(what, Taken) else self.failing(what, at)
            return failed(node, error, what.met(node))
        local = at.tb_frame.f_locals
        return failed(what, error, [local[o] if o in local else self.space.get(o) for o in operands])


def gone(tensor: Tensor) -> Any:
    """Raises the error of a value that is dead."""
    raise dead(tensor)

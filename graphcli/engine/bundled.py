"""Bundled: ops of a region that run in a row (``passes/bundle.py``) as one unit of it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from .failures import failed
from .flow_units import ALIAS, BUNDLE, CONST, DEAD, Iteration, Unit
from .handed import is_array

if TYPE_CHECKING:
    from .flow_run import FlowRun


class Bundle(Unit):
    """Units that run in a row when all has come that any of them takes from elsewhere.

    Values lie in places: first what comes, then what is made. A place that stands for a control input holds None, or
    DEAD. calls: (unit, places of its inputs, its first place, places that nobody needs after it) of those that have
    something to compute.
    """

    __slots__ = ("members", "taken", "room", "calls", "sends", "control", "bundled", "made", "same")

    def __init__(self, units: Sequence[Unit], known: Mapping[Node, Unit]) -> None:
        super().__init__(units[0].node, units[0].place)
        self.kind = BUNDLE
        self.kernel = self.run
        self.members = units
        inside = {u.node for u in units}
        came: dict[Tensor | Node, int] = {}
        for unit in units:
            for tensor in unit.node.inputs:
                if tensor.op not in inside:
                    came.setdefault(tensor, len(came))
        for unit in units:
            for other in unit.node.control_inputs:
                if other in known and other not in inside:
                    came.setdefault(other, len(came))
        self.taken = came
        self.arity, self.controls, self.outputs = len(came), 0, 0
        place: dict[Tensor | Node, int] = dict(came)
        for unit in units:
            for output in unit.node.outputs:
                place[output] = len(place)
            place[unit.node] = len(place)
        self.room: list[Any] = [None] * (len(place) - len(came))
        self.same = same = dict[int, int]()
        self.calls: list[tuple[Unit, tuple[int, ...], int, tuple[int, ...]]] = []
        for unit in units:
            inputs = tuple(same.get(place[t], place[t]) for t in unit.node.inputs)
            first = place[unit.node.outputs[0]]
            if unit.kind == CONST:
                self.room[first - len(came)] = unit.node.attrs["value"]
            elif unit.kind == ALIAS:
                same[first] = inputs[0]
            else:
                self.calls.append((unit, inputs, first, ()))
        self.made = place
        self.sends: list[tuple[int, int, Tensor, list[tuple[Unit, int]]]] = []
        self.control: list[tuple[int, Unit]] = []
        self.bundled: list[tuple[int, Unit, int]] = []

    def wire(self, wanted: Mapping[Tensor, int]) -> None:
        """Finds who waits for it, when all units are in their places."""
        place, same, units = self.made, self.same, self.members
        self.sends = [(place[t], same.get(place[t], place[t]), t, targets) for u in units
                      for t, targets in zip(u.node.outputs, u.targets) if targets or t in wanted]
        self.control = [(place[u.node], other) for u in units for other in u.waiters]
        self.bundled = [(place[u.node], other, index) for u in units for other, index in u.bundles]
        needed = {at for _, at, _, _ in self.sends}
        for i in reversed(range(len(self.calls))):
            unit, inputs, first, _ = self.calls[i]
            free = {*inputs, *range(first, first + unit.outputs)} - needed
            needed |= free
            self.calls[i] = unit, inputs, first, tuple(sorted(free))

    def run(self, flow: FlowRun, inputs: list[Any], iteration: Iteration, is_dead: bool) -> None:
        """Computes what is not dead, and hands it on."""
        variables = [x.value for x in inputs if type(x) is Slot]
        whole = not is_dead and not any(v is None for v in variables)
        places = inputs + self.room
        # who calls holds them too
        inputs.clear()
        if whole:
            for i, x in enumerate(places[:self.arity] if variables else ()):
                if type(x) is Slot:
                    places[i] = x.value
            self._straight(places)
        else:
            self._one_by_one(flow, places)
        root = iteration is flow.root
        for own, same, tensor, targets in self.sends:
            value = places[same if whole else own]
            if variables and is_array(value) and (value.base is not None or any(value is v for v in variables)):
                # it may be the memory of a variable
                value = value.copy()
            for other, index in targets:
                flow.deliver(other, index, value, iteration, False)
            if root and (at := flow.flow.wanted.get(tensor)) is not None:
                flow.results[at] = value
        for at, other in self.control:
            flow.control(other, iteration, places[at] is DEAD)
        for at, other, index in self.bundled:
            flow.deliver(other, index, places[at], iteration, False)

    def _straight(self, places: list[Any]) -> None:
        """All of them, where nothing is dead."""
        unit, args = self.members[0], []
        try:
            for unit, inputs, first, free in self.calls:
                args = [places[i] for i in inputs]
                result = unit.kernel(*(args if unit.group is None else unit.group(args)))
                if unit.single:
                    places[first] = result[0] if type(result) in (list, tuple) else result
                else:
                    places[first:first + unit.outputs] = result
                for i in free:
                    places[i] = None
        except Exception as error:
            raise failed(unit.node, error, args) from error

    def _one_by_one(self, flow: FlowRun, places: list[Any]) -> None:
        """Each by itself: dead where anything that it takes is."""
        place = self.made
        for unit in self.members:
            node = unit.node
            inputs = [places[place[t]] for t in node.inputs]
            waited = [places[place[o]] for o in node.control_inputs if o in place]
            first = place[node.outputs[0]]
            if any(x is DEAD for x in (*inputs, *waited)):
                places[first:first + unit.outputs] = [DEAD] * unit.outputs
                places[place[node]] = DEAD
            elif unit.kind == ALIAS:
                places[first] = inputs[0]
            elif unit.kind != CONST:
                places[first:first + unit.outputs] = flow.compute(unit, inputs)

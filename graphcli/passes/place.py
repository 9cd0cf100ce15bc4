"""Place: which device runs each node, and why (the Placer of TensorFlow)."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import GraphError, GraphErrors, InvalidValue, did_you_mean
from ..graph import devices
from ..graph.devices import DeviceSpec
from ..graph.graph import Node, Tensor
from ..record import Record, field
from .effects import Effects

BACKENDS = ("numpy", "cupy", "dask")
DEFAULT = "/device:CPU:0"
NOT_ON_A_GPU = frozenset({"string", "bfloat16"})
"""The dtypes that cupy has not."""
LOCAL = DeviceSpec("localhost", 0, 0)


class Device(Record):
    """A logical device of a spec: what runs it, and where its nodes go if that is not there."""

    name: str
    backend: str
    fallback: str | None = None
    options: Mapping[str, Any] = field(factory=dict)


class NoDevice(InvalidValue):
    """Nothing runs what is placed on a device.

    node: the one that is named. asked: the device. reason: why it is none. others: how many nodes more ask for it.
    """

    def __init__(self, node: Node, asked: str, reason: str, others: int = 0) -> None:
        super().__init__(f"{node.name} ({node.type}) {f'and {others} more ask' if others else 'asks'} for {asked}: "
                         f"{reason}", node.span,
                         hint="give it an entry in `devices:`, or place softly (--soft-placement)"
                         if reason == NO_DEVICE else
                         "give its entry in `devices:` a fallback: /cpu:0, or place softly (--soft-placement)")
        self.node, self.asked, self.reason = node, asked, reason


class Placed(Record):
    """Where a node runs. ``assigned`` is None where it cannot run, ``error`` says why."""

    node: Node
    requested: str
    assigned: str | None
    reason: str
    error: NoDevice | None = None


class Transfer(Record):
    """A tensor that one device makes and another uses."""

    tensor: Tensor
    source: str
    target: str
    users: tuple[Node, ...]


class Placement:
    """placed: node -> Placed, in graph order. devices: the devices by canonical name."""

    def __init__(self, placed: dict[Node, Placed], table: dict[str, Device]) -> None:
        self.placed = placed
        self.devices = table
        self._plain: dict[str, Device] = {}
        """Devices that no entry tells of."""

    def device(self, node: Node) -> str:
        """The device that runs the node. Raises InvalidValue where none can."""
        placed = self.placed[node]
        if placed.error is not None:
            raise placed.error
        assert placed.assigned is not None
        return placed.assigned

    def refusal(self, nodes: Iterable[Node]) -> GraphError | None:
        """What keeps these nodes from running: an error for each device that is not there. None: nothing does."""
        apart: dict[tuple[str, str], list[NoDevice]] = {}
        for node in nodes:
            error = self.placed[node].error
            if error is not None:
                apart.setdefault((error.asked, error.reason), []).append(error)
        told: list[GraphError] = []
        for (asked, reason), errors in apart.items():
            first = next((e for e in errors if e.node.type != "Const"), errors[0])
            told.append(NoDevice(first.node, asked, reason, len(errors) - 1).at(first.span))
        return GraphErrors(told) if len(told) > 1 else told[0] if told else None

    def backend(self, name: str) -> Device:
        found = self.devices.get(name) or self._plain.get(name)
        if found is None:
            found = self._plain[name] = Device(name, "numpy")
        return found

    def transfers(self) -> list[Transfer]:
        """What moves between devices, in graph order."""
        out = []
        for node, placed in self.placed.items():
            for tensor in node.outputs:
                users: dict[str, list[Node]] = {}
                for user in tensor.consumers():
                    there = self.placed.get(user)
                    if there and there.assigned and placed.assigned and there.assigned != placed.assigned:
                        users.setdefault(there.assigned, []).append(user)
                for target, nodes in users.items():
                    out.append(Transfer(tensor, str(placed.assigned), target, tuple(nodes)))
        return out


def read_devices(table: Mapping[str, Any] | None) -> dict[str, Device]:
    """The ``devices:`` of a spec as Devices by canonical name.

    Raises InvalidValue for a backend that is not known, a fallback that is no device, an address that is none.
    """
    out: dict[str, Device] = {}
    for name, entry in (table or {}).items():
        if isinstance(entry, Device):
            out[entry.name] = entry
            continue
        if isinstance(entry, Mapping):
            options = dict(entry)
        elif isinstance(entry, str):
            options = {"backend": entry}
        else:
            options = {"backend": entry.backend, **entry.options}
        backend = options.pop("backend", "numpy")
        if backend not in BACKENDS:
            raise InvalidValue(f"unknown backend {backend!r} of device {name}; there are {', '.join(BACKENDS)}",
                               hint=did_you_mean(backend, BACKENDS))
        if "address" in options:
            check_address(options["address"])
        fallback = options.pop("fallback", None)
        full = devices.canonical(name)
        out[full] = Device(full, backend, devices.canonical(fallback) if fallback else None, options)
    return out


ADDRESS = re.compile(r"(\w+://)?(\[[^\]\s]+\]|[^\[\]:/\s]+):\d+|inproc://\S+")


def check_address(address: Any) -> None:
    """Raises InvalidValue for what is no address of dask's scheduler."""
    if not isinstance(address, str) or not ADDRESS.fullmatch(address):
        raise InvalidValue(f"{address!r} is no address of a scheduler", hint="address: 'tcp://HOST:PORT'")


def place(nodes: Iterable[Node], table: Mapping[str, Any] | None = None, soft: bool = False,
          missing: Mapping[str, str] | None = None) -> Placement:
    """Places nodes on devices.

    table: the ``devices:`` of the spec. soft: what has no device goes to the default one.
    missing: backends that are not there, with the reason. What cannot be placed has an ``error``.
    """
    placer = Placer(table, soft, missing)
    placer.add(list(nodes))
    return placer.placement


class Placer:
    """Places nodes as a graph grows; see ``place``."""

    def __init__(self, table: Mapping[str, Any] | None = None, soft: bool = False,
                 missing: Mapping[str, str] | None = None) -> None:
        self.placement = Placement({}, read_devices(table))
        self.soft = soft
        self.missing = missing or {}
        self._effects = Effects((), frozenset())
        self._by_name: dict[str, Node] = {}
        self._by_request: dict[str, tuple[str | None, str]] = {}

    def add(self, nodes: Sequence[Node]) -> None:
        """Places further nodes, whose inputs are placed or come before them."""
        self._by_name.update((n.name, n) for n in nodes)
        for node in nodes:
            self._effects.add(node)
            self.placement.placed[node] = self._placed(node)

    def _placed(self, node: Node) -> Placed:
        request, placed = node.device, self.placement.placed
        leader, why = _leader(node, self._effects, self._by_name)
        if leader is not None and leader in placed and (not request or request == leader.device):
            there = placed[leader]
            return Placed(node, request, there.assigned, f"{why} {leader.name}", _again(there, node))
        found = self._by_request.get(request)
        if found is None:
            found = self._by_request[request] = _choose(request, self.placement.devices, self.soft, self.missing)
        assigned, reason = found
        error = NoDevice(node, request, reason) if assigned is None else None
        if assigned is not None and self.placement.backend(assigned).backend == "cupy":
            lacks = lacking(node)
            if lacks:
                reason = f"{reason.partition(';')[0]}; cupy has no {lacks}, so numpy computes it"
        return Placed(node, request, assigned, reason, error)


def lacking(node: Node) -> str | None:
    """What cupy lacks to compute a node on a GPU: the kernel of its op, or a dtype. None: nothing."""
    if node.opdef is not None and node.opdef.cpu_only:
        return f"kernel of {node.type}"
    return next((t.dtype.base_dtype.name for t in (*node.inputs, *node.outputs)
                 if t.dtype.base_dtype.name in NOT_ON_A_GPU), None)


NO_DEVICE = "there is no such device"


def _again(there: Placed, node: Node) -> NoDevice | None:
    if there.error is None:
        return None
    again = NoDevice(there.error.node, there.error.asked, there.error.reason)
    again.at(node.span)
    return again


def _leader(node: Node, effects: Effects, by_name: dict[str, Node]) -> tuple[Node | None, str]:
    """The node beside which this one stands, and in which words."""
    for group in node.attrs.get("_class") or ():
        # what is no text names no node
        text = group.decode(errors="replace") if isinstance(group, bytes) else group
        leader = by_name.get(text.removeprefix("loc:@"))
        if leader is not None and leader is not node:
            return leader, "colocated with"
    written = effects.writes.get(node)
    if written:
        return written[0], "updates"
    return None, ""


def _choose(request: str, known: dict[str, Device], soft: bool, missing: Mapping[str, str]
            ) -> tuple[str | None, str]:
    """(device or None, reason) for one requested device string."""
    if not request:
        return DEFAULT, "the default device"
    spec = devices.parse(request)
    name = next((k for k in known if _matches(spec, devices.parse(k))), None)
    if name is None and spec.type in (None, "CPU") and _matches(spec, DeviceSpec(None, None, None, "CPU", spec.index)):
        return f"/device:CPU:{spec.index or 0}", "asked for; a CPU runs on numpy"
    if name is None:
        reason = NO_DEVICE
    else:
        device = known[name]
        if device.backend not in missing:
            return name, f"asked for; runs on {device.backend}"
        reason = missing[device.backend]
        if device.fallback:
            target, _ = _choose(device.fallback, {k: v for k, v in known.items() if k != name}, soft, missing)
            if target is not None:
                return target, f"fallback of {name}: {reason}"
    if soft:
        return DEFAULT, f"soft placement: {reason}"
    return None, reason


def _matches(request: DeviceSpec, device: DeviceSpec) -> bool:
    """Whether a device has every part that the request names."""
    full = LOCAL.merged(device)
    return all(want is None or want == have for want, have in (
        (request.job, full.job), (request.replica, full.replica), (request.task, full.task),
        (request.type, full.type), (request.index, full.index)))

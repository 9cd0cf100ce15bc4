"""``devices:``, what stands behind each device of a spec."""
from __future__ import annotations

from ..errors import GraphError, InvalidValue, did_you_mean
from . import params, schema
from .build import Builder
from .env import PoisonUsed
from .given import tell_given
from .result import Device
from .tree import Item, Map, Scalar


def read_devices(b: Builder, part: Map, into: dict[str, Device]) -> None:
    """Puts the devices of a part of a spec by their canonical names; what is wrong with them goes to the errors."""
    item = part.get("devices")
    if item is None or isinstance(item, Scalar) and item.value is None:
        return
    if not isinstance(item, Map):
        b.errors.add(item.error("devices is a mapping: device: backend"))
        return
    from ..graph.devices import canonical

    for key, value in item:
        b.given = {}
        try:
            into[canonical(str(params.fill(b, key, b.params)))] = _device(b, key, value)
        except GraphError as e:
            b.errors.add(tell_given(e.at(key.span), b.given))
        except PoisonUsed:
            pass


def _device(b: Builder, key: Scalar, value: Item) -> Device:
    from ..passes.place import BACKENDS, check_address

    given = params.literal(b, value, b.params)
    options = dict(given) if isinstance(given, dict) else {"backend": given}
    if isinstance(value, Map):
        for error in schema.unknown_keys(value, schema.DEVICE_KEYS):
            b.errors.add(error)
    said = options.get("backend") is not None
    backend = options.pop("backend", None)
    if backend not in BACKENDS:
        raise InvalidValue(
            f"unknown backend {backend!r}" if said else "a device without its backend",
            _at(value, "backend").span,
            hint=did_you_mean(backend, BACKENDS) or f"there are {', '.join(BACKENDS)}",
        )
    if "address" in options:
        try:
            check_address(options["address"])
        except InvalidValue as e:
            raise e.at(_at(value, "address").span) from None
    return Device(backend, options, key.span)


def _at(value: Item, name: str) -> Item:
    """Where a device says one thing, or all."""
    return (value.get(name) if isinstance(value, Map) else None) or value

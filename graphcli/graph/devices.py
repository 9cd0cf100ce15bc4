"""Device strings: parse, merge, canonical form (tf.DeviceSpec; device_name_utils of TensorFlow)."""
from __future__ import annotations

from functools import lru_cache

from ..errors import InvalidValue
from ..record import Record


class DeviceSpec(Record):
    """The parts of a device string; None is a part left open."""

    job: str | None = None
    replica: int | None = None
    task: int | None = None
    type: str | None = None
    index: int | None = None

    def merged(self, inner: DeviceSpec) -> DeviceSpec:
        """This one with every part that the inner one names taken from it."""
        named = {k: v for k, v in vars(inner).items() if v is not None}
        return DeviceSpec(**{**vars(self), **named})

    def __str__(self) -> str:
        out = ""
        for key in ("job", "replica", "task"):
            value = getattr(self, key)
            if value is not None:
                out += f"/{key}:{value}"
        if self.type is not None:
            out += f"/device:{self.type}:{'*' if self.index is None else self.index}"
        return out


SHORT = ("CPU", "GPU", "TPU", "CUSTOM")
"""Types that stand without ``device:``."""

_HINT = "a device looks like /gpu:0, /device:CPU:1 or /job:worker/task:0/gpu:0"


@lru_cache(maxsize=4096)
def parse(text: str) -> DeviceSpec:
    """The parts of a device string. Raises InvalidValue for what TensorFlow refuses."""
    spec = DeviceSpec()
    for part in text.split("/"):
        if not part:
            continue
        fields = part.split(":")
        key = fields[0]
        if len(fields) == 2 and key == "job":
            spec = spec.replace(job=fields[1])
        elif len(fields) == 2 and key in ("replica", "task"):
            number = _number(fields[1], text)
            spec = spec.replace(replica=number) if key == "replica" else spec.replace(task=number)
        elif len(fields) in (1, 2) and key.upper() in SHORT:
            _once(spec, text)
            index = _index(fields[1], text) if len(fields) == 2 else None
            spec = spec.replace(type=key.upper(), index=index)
        elif len(fields) == 3 and key == "device":
            _once(spec, text)
            spec = spec.replace(type=fields[1].upper() if fields[1].upper() in ("CPU", "GPU") else fields[1],
                           index=_index(fields[2], text))
        else:
            raise InvalidValue(f"unknown part {part!r} in the device {text!r}", hint=_HINT)
    return spec


def _once(spec: DeviceSpec, text: str) -> None:
    if spec.type is not None:
        raise InvalidValue(f"the device {text!r} names a device type twice", hint=_HINT)


def _number(text: str, whole: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidValue(f"{text!r} in the device {whole!r} is not a number", hint=_HINT) from None


def _index(text: str, whole: str) -> int | None:
    return None if text == "*" else _number(text, whole)


@lru_cache(maxsize=4096)
def merge(outer: str, inner: str) -> str:
    """The canonical string of ``device(inner)`` inside ``device(outer)``."""
    return str(parse(outer).merged(parse(inner)))


def canonical(text: str) -> str:
    """The form in which a device stands in a graph: ``/gpu:0`` is ``/device:GPU:0``."""
    return str(parse(text))

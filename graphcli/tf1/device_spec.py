"""Devices by their parts (tf.DeviceSpec), and what this machine has for tests (tf.test)."""
from __future__ import annotations

from typing import Any

from ..graph import devices

EXPORTS = """
tf: DeviceSpec
test: is_gpu_available gpu_device_name is_built_with_cuda is_built_with_gpu_support is_built_with_rocm
"""

_FIELDS = ("job", "replica", "task", "device_type", "device_index")


class DeviceSpec:
    """The parts of a device string, None where they are open (tf.DeviceSpec). tf.device() takes it too."""

    def __init__(self, job: str | None = None, replica: int | None = None, task: int | None = None,
                 device_type: str | None = None, device_index: int | None = None) -> None:
        self.job, self.replica, self.task = job, replica, task
        self.device_type = None if device_type is None else str(device_type).upper()
        self.device_index = device_index

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """Raises InvalidValue for what is no device."""
        return cls().parse_from_string(spec)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """Takes all parts from a string. Raises InvalidValue for what is no device."""
        found = devices.parse(spec)
        self.job, self.replica, self.task = found.job, found.replica, found.task
        self.device_type, self.device_index = found.type, found.index
        return self

    def to_string(self) -> str:
        return str(devices.DeviceSpec(job=self.job, replica=self.replica, task=self.task, type=self.device_type,
                                      index=self.device_index))

    def merge_from(self, dev: Any) -> None:
        """Takes the parts that another one names."""
        for field in _FIELDS:
            if getattr(dev, field) is not None:
                setattr(self, field, getattr(dev, field))

    def make_merged_spec(self, dev: Any) -> DeviceSpec:
        """A new one, with the parts that another one names."""
        made = self.replace()
        made.merge_from(dev)
        return made

    def replace(self, **fields: Any) -> DeviceSpec:
        """A new one with other parts."""
        return DeviceSpec(**{**{f: getattr(self, f) for f in _FIELDS}, **fields})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether TensorFlow's graph finds a GPU (tf.test.is_gpu_available): there are none here."""
    return False


def gpu_device_name() -> str:
    """The name of the first GPU (tf.test.gpu_device_name): '', for there are none here."""
    return ""


def is_built_with_cuda() -> bool:
    """Whether ops are built for CUDA (tf.test.is_built_with_cuda): they are not."""
    return False


is_built_with_gpu_support = is_built_with_rocm = is_built_with_cuda

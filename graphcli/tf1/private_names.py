"""What programs import of TensorFlow's own files and TF1 has under no name of its own."""
from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..graph.collections import GraphKeys
from ..graph.default import get_default_graph
from .conversion import is_tensor
from .modules import modules

EXPORTS = """
python.client.device_lib: list_local_devices
contrib.framework python.framework.ops: get_name_scope strip_name_scope prepend_name_scope
python.framework.ops: uid register_dense_tensor_like_type is_dense_tensor_like
python.util.tf_export: kwarg_only=as_it_is
python.util.dispatch: add_dispatch_list=as_it_is add_dispatch_support=as_it_is
python.ops.resources: register_resource shared_resources local_resources initialize_resources
"""

tf = modules["tf"]
_numbers = itertools.count()


class LocalDevice(NamedTuple):
    """A device of this machine."""

    name: str
    device_type: str
    memory_limit: int
    incarnation: int = 1
    physical_device_desc: str = ""


def list_local_devices(session_config: Any = None) -> list[LocalDevice]:
    """The devices of this machine: its CPU, with the memory that it has (device_lib.list_local_devices)."""
    return [LocalDevice("/device:CPU:0", "CPU", os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]


def get_name_scope() -> str:
    """The name scope in which ops are made, without a slash at its end (ops.get_name_scope)."""
    return get_default_graph().get_name_scope()


def strip_name_scope(name: str, export_scope: str | None) -> str:
    """A name without the scope that it begins with, behind ``^`` and ``loc:@`` too (ops.strip_name_scope)."""
    if not export_scope:
        return name
    return re.sub(rf"([\^]|loc:@|^){export_scope.removesuffix('/')}[\/]+(.*)", r"\1\2", name, count=1)


def prepend_name_scope(name: str, import_scope: str | None) -> str:
    """A name within a scope, behind ``^`` and ``loc:@`` too (ops.prepend_name_scope)."""
    if not import_scope:
        return name
    return re.sub(r"([\^]|loc:@|^)(.*)", rf"\1{import_scope.removesuffix('/')}/\2", name, count=1)


def uid() -> int:
    """A number that no call before gave (ops.uid)."""
    return next(_numbers)


def register_dense_tensor_like_type(tensor_type: type) -> None:
    """Nothing: what has ``name`` and ``dtype`` counts as a tensor (ops.register_dense_tensor_like_type)."""


def is_dense_tensor_like(t: Any) -> bool:
    """Whether this is a tensor or a variable (ops.is_dense_tensor_like)."""
    return is_tensor(t) and not hasattr(t, "indices")


def as_it_is(f: Any) -> Any:
    """A decorator that changes nothing."""
    return f


class Resource(NamedTuple):
    """What a session keeps beside variables: a handle, what makes it, and whether it was made."""

    handle: Any
    create: Any
    is_initialized: Any


def register_resource(handle: Any, create_op: Any, is_initialized_op: Any, is_shared: bool = True) -> None:
    """Adds a resource to those that are shared, or to a worker's own (resources.register_resource)."""
    key = GraphKeys.RESOURCES if is_shared else GraphKeys.LOCAL_RESOURCES
    get_default_graph().add_to_collection(key, Resource(handle, create_op, is_initialized_op))


def shared_resources() -> list[Any]:
    """The resources that are shared (resources.shared_resources)."""
    return get_default_graph().get_collection(GraphKeys.RESOURCES)


def local_resources() -> list[Any]:
    """The resources of a worker's own (resources.local_resources)."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_RESOURCES)


def initialize_resources(resource_list: Sequence[Any], name: str = "init") -> Any:
    """One op that makes all of them (resources.initialize_resources)."""
    return tf.group(*[r.create for r in resource_list], name=name) if resource_list else tf.no_op(name=name)

"""TensorArray: a list of tensors that a loop reads and writes (tf.TensorArray)."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.graph import Tensor
from ..graph.shapes import Static, TensorShape, as_shape, compatible, merge, show
from ..graph.types import as_dtype, int32, int64
from .conversion import convert_to_tensor
from .framework import apply_op, colocate_with, control_dependencies, device, name_scope

EXPORTS = """
tf: TensorArray
"""


class TensorArray:
    """An array of tensors of one dtype, written and read in a graph.

    size: how many; dynamic_size: writes may add more. clear_after_read: each element is read once.
    infer_shape: all elements have one shape. handle, flow: of an array that is there already.

    Raises InvalidValue and InvalidType for arguments that do not go together.
    """

    def __init__(self, dtype: Any, size: Any = None, dynamic_size: bool | None = None,
                 clear_after_read: bool | None = None, tensor_array_name: str | None = None,
                 handle: Tensor | None = None, flow: Tensor | None = None, infer_shape: bool = True,
                 element_shape: Any = None, colocate_with_first_write_call: bool = True,
                 name: str | None = None) -> None:
        if handle is not None and tensor_array_name:
            raise InvalidValue("a TensorArray is given handle= or tensor_array_name=, not both")
        if handle is None and size is None:
            raise InvalidValue("a TensorArray needs a size")
        if handle is not None and (size is not None or element_shape is not None or dynamic_size is not None
                                   or clear_after_read is not None):
            raise InvalidValue("a TensorArray made of a handle has its size and shape from it")
        self.dtype = as_dtype(dtype).base_dtype
        self.dynamic_size = bool(dynamic_size)
        self.infer_shape = infer_shape
        self._beside: list[Any] | None = [] if colocate_with_first_write_call else None
        # a list, for all arrays of one handle share what is known of their elements
        self._element: list[Static] = [as_shape(element_shape)]
        self._size = size
        with name_scope(name, "TensorArray", [handle, size, flow]) as scope:
            if handle is not None:
                if flow is None:
                    raise InvalidValue("a TensorArray made of a handle needs its flow")
                self.handle, self.flow = handle, flow
                return
            attrs = {"dtype": self.dtype, "element_shape": as_shape(element_shape),
                     "identical_element_shapes": infer_shape, "dynamic_size": self.dynamic_size,
                     "clear_after_read": True if clear_after_read is None else clear_after_read,
                     "tensor_array_name": tensor_array_name or ""}
            if colocate_with_first_write_call:
                with device(None), colocate_with(None, ignore_existing=True):
                    self.handle, self.flow = apply_op("TensorArrayV3", scope, [size], attrs)
            else:
                self.handle, self.flow = apply_op("TensorArrayV3", scope, [size], attrs)

    @classmethod
    def of_gradient(cls, handle: Tensor, dtype: Any, flow: Tensor, source: str | None = None) -> TensorArray:
        """The gradients of the array with this handle. ``source``: a name in the scope of the gradients."""
        array = cls(dtype, handle=handle, flow=flow, colocate_with_first_write_call=False)
        return array.grad(grad_source(flow.name if source is None else source), flow)

    @property
    def element_shape(self) -> TensorShape:
        return TensorShape(self._element[0])

    def __repr__(self) -> str:
        return f"<TensorArray {self.handle.op.name!r} of {self.dtype.name}>"

    def with_flow(self, flow: Tensor) -> TensorArray:
        """The same array after what ``flow`` waits for."""
        other = TensorArray(self.dtype, handle=self.handle, flow=flow, infer_shape=self.infer_shape,
                            colocate_with_first_write_call=self._beside is not None)
        other._beside, other._element = self._beside, self._element
        other._size, other.dynamic_size = self._size, self.dynamic_size
        return other

    def identity(self) -> TensorArray:
        return self.with_flow(apply_op("Identity", None, [self.flow]))

    def grad(self, source: str, flow: Tensor | None = None, name: str | None = None) -> TensorArray:
        """The array that collects the gradients of this one's elements."""
        flow = self.flow if flow is None else flow
        with name_scope(name, "TensorArrayGrad"), colocate_with(self.handle):
            handle, _ = apply_op("TensorArrayGradV3", name, [self.handle, flow], {"source": source})
            with control_dependencies([handle]):
                flow = apply_op("Identity", "gradient_flow", [flow])
            made = TensorArray(self.dtype, handle=handle, flow=flow, infer_shape=self.infer_shape,
                               colocate_with_first_write_call=False)
            made._element = self._element
            return made

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """Element ``index``."""
        value: Tensor = apply_op("TensorArrayReadV3", name, [self.handle, index, self.flow], {"dtype": self.dtype})
        value.set_shape(self._element[0])
        return value

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array after ``value`` was written at ``index``."""
        with name_scope(name, "TensorArrayWrite"):
            value = self._value(value)
            self._check(value.static)
            with self._colocated(value):
                flow = apply_op("TensorArrayWriteV3", name, [self.handle, index, value, self.flow])
            return self.with_flow(flow)

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor."""
        from . import range as tf_range

        with colocate_with(self.handle), name_scope(name, "TensorArrayStack"):
            value = self.gather(tf_range(0, self.size()), name=name)
            if self._element[0] is not None and not self.dynamic_size and self._size is not None:
                value.set_shape((self._static_size(), *self._element[0]))
            return value

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements at ``indices`` as one tensor."""
        value: Tensor = apply_op("TensorArrayGatherV3", name, [self.handle, indices, self.flow],
                                 {"dtype": self.dtype, "element_shape": self._element[0]})
        if self._element[0] is not None:
            value.set_shape((None, *self._element[0]))
        return value

    def concat(self, name: str | None = None) -> Tensor:
        """All elements one after the other along their first axis."""
        element = self._element[0]
        value: Tensor
        value, _ = apply_op("TensorArrayConcatV3", name, [self.handle, self.flow],
                            {"dtype": self.dtype, "element_shape_except0": None if element is None else element[1:]})
        if element is not None:
            size = static_value(self.size()) if self.infer_shape else None
            if size is not None and not element:
                raise InvalidValue("concat: the elements are scalars")
            first = None if size is None or element[0] is None else size * element[0]
            value.set_shape((first, *element[1:]))
        return value

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array after the rows of ``value`` were written to it."""
        from . import range as tf_range
        from . import shape

        with name_scope(name, "TensorArrayUnstack"):
            return self.scatter(tf_range(0, shape(value)[0]), value, name=name)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array after the rows of ``value`` were written at ``indices``."""
        with name_scope(name, "TensorArrayScatter"):
            value = self._value(value)
            self._check(None if value.static is None else value.static[1:])
            with self._colocated(value):
                flow = apply_op("TensorArrayScatterV3", name, [self.handle, indices, value, self.flow])
            return self.with_flow(flow)

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array after stretches of ``value`` of these lengths were written to it."""
        from . import cast

        with name_scope(name, "TensorArraySplit"):
            value = convert_to_tensor(value, dtype=self.dtype, name="value")
            with self._colocated(value):
                wide = cast(lengths, int64)
                known = static_value(wide)
                if value.static is not None and known is not None and known.ndim and known.size:
                    if known.max() == known.min():
                        self._check((int(known[0]), *value.static[1:]))
                flow = apply_op("TensorArraySplitV3", name, [self.handle, value, wide, self.flow])
            return self.with_flow(flow)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are."""
        if not self.dynamic_size and self._size is not None:
            return convert_to_tensor(self._size, dtype=int32)
        return apply_op("TensorArraySizeV3", name, [self.handle, self.flow])  # type: ignore[no-any-return]

    def close(self, name: str | None = None) -> Any:
        return apply_op("TensorArrayCloseV3", name, [self.handle])

    # -- inside

    def _static_size(self) -> int | None:
        if self._size is None or self.dynamic_size:
            return None
        known = static_value(self._size) if isinstance(self._size, Tensor) else self._size
        return None if known is None else int(known)

    def _value(self, value: Any) -> Tensor:
        # another dtype is refused when the graph runs
        return convert_to_tensor(value, preferred_dtype=self.dtype, name="value")

    def _check(self, shape: Static) -> None:
        known = self._element[0]
        if not compatible(shape, known):
            raise InvalidValue(f"an element of shape {show(shape)} is written to a TensorArray of elements "
                               f"of shape {show(known)}")
        if self.infer_shape:
            self._element[0] = merge(known, shape)

    @contextmanager
    def _colocated(self, value: Tensor) -> Iterator[None]:
        if self._beside is None:
            yield
            return
        if not self._beside:
            self._beside.append(value)
        with colocate_with(self._beside[0]):
            yield


def to_flow(value: Any) -> Any:
    """A TensorArray's flow, anything else as it is."""
    return value.flow if isinstance(value, TensorArray) else value


def from_flow(like: Any, tensor: Tensor) -> Any:
    """A TensorArray like ``like`` with this flow; the tensor itself where ``like`` is none."""
    return like.with_flow(tensor) if isinstance(like, TensorArray) else tensor


def grad_source(name: str) -> str:
    """Which call of ``gradients`` a node is of, from its name. Raises InvalidValue if of none."""
    words = name.split("/")
    places = [i for i, w in enumerate(words) if w.startswith("gradients")]
    if not places:
        raise InvalidValue(f"the gradients of a loop must be made in a scope 'gradients', and {name} is not in one",
                           hint="give gradients() no other name")
    return "/".join(words[:places[-1] + 1])



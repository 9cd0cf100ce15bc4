"""What shape and dtype the elements of lists of tensors have, as far as what made a list says it."""
from __future__ import annotations

from typing import Any

from ..graph.flow import ENTER, EXIT, SWITCH
from ..graph.graph import Tensor
from ..graph.shapes import Static
from ..graph.types import DType

SHAPED = "element_dtype: type; shape_type: {int32, int64}"
_MADE = {"EmptyTensorList": 0, "TensorListReserve": 0, "TensorListFromTensor": 1, "TensorListSplit": 1,
         "TensorListScatter": 2, "TensorListScatterV2": 2}
"""What makes a list, and which input says the shape of its elements."""
_HANDED_ON = frozenset({"TensorListPushBack", "TensorListPopBack", "TensorListSetItem", "TensorListResize",
                        "TensorListScatterIntoExistingList", "TensorListConcatLists", "Identity", "ZerosLike", *ENTER,
                        *EXIT, *SWITCH})


def element_of(handle: Tensor) -> tuple[DType | None, Static]:
    """Dtype and shape of the elements of a list, as far as what made it is known."""
    node = handle.op
    while node.type in _HANDED_ON and node.inputs:
        node = node.inputs[0].op
    if node.type not in _MADE:
        return None, None
    return node.attrs["element_dtype"], shape_said(node.inputs[_MADE[node.type]])


def shape_said(given: Tensor) -> Static:
    """The shape that a tensor element_shape says, as far as it is known; a scalar says nothing."""
    from ..graph.constant import constant_shape

    if given.static == ():
        return None
    return constant_shape(given)


def said(n: Any, index: int) -> Static:
    """What the input element_shape says of a node that is being made."""
    value = n.value(index)
    if value is not None and value.ndim == 0 and int(value) != -1:
        n.fail(f"a shape is a vector, or -1 for any, not {int(value)}")
    if n.node.inputs[index].static not in (None, ()):
        n.with_rank(n.node.inputs[index].static, 1, "element_shape")
    shape: Static = None if n.node.inputs[index].static == () else n.shape_value(index)
    return shape


def element_within(n: Any) -> Static:
    """The shape of the elements of the list that comes first, which are of the node's dtype."""
    dtype, shape = element_of(n.node.inputs[0])
    if dtype is not None and dtype is not n.attrs["element_dtype"]:
        n.fail(f"it is a list of {dtype.name}, not of {n.attrs['element_dtype'].name}")
    return shape


def fitting(n: Any, shape: Static) -> Static:
    """The shape of an element, merged with that of the list that comes first."""
    both: Static = n.merge(element_within(n), shape, "shapes of the elements")
    return both


def inner_sizes(tf: Any, tensor: Any) -> Any:
    return tf.slice(tf.shape(tensor), [1], [-1])


def shape_of_elements(tf: Any, given: Any) -> Any:
    return tf.apply_op("TensorListElementShape", None, [given], {"shape_type": "int32"})

"""What elements of datasets are: tensors, sparse and ragged ones, datasets; and the tensors that ops have for these."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.graph import Tensor
from ..graph.shapes import Static, TensorShape
from ..graph.types import DType, int64, variant
from . import data_nest as nest
from .conversion import constant, convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .ragged_value import is_ragged
from .sparse_tensor import SparseTensor

tf = modules["tf"]


class Nested:
    """The dtype, and the shape, of elements that are datasets: those of their own elements (tf.data.DatasetSpec)."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements

    def __repr__(self) -> str:
        return f"<a dataset of {self.elements.output_types}>"


class Elements:
    """What has elements of some dtypes, shapes and classes, each in their nesting."""

    def __init__(self, output_types: Any, output_shapes: Any, output_classes: Any = None) -> None:
        self._types, self._shapes = output_types, output_shapes
        self._classes = nest.mapped(lambda t: tf.data.Dataset if isinstance(t, Nested) else Tensor, output_types) \
            if output_classes is None else output_classes

    @property
    def output_types(self) -> Any:
        return self._types

    @property
    def output_shapes(self) -> Any:
        return self._shapes

    @property
    def output_classes(self) -> Any:
        return self._classes

    def _leaves(self) -> list[tuple[Any, Any, Any]]:
        return list(zip(*(nest.flatten(x) for x in (self._types, self._shapes, self._classes))))

    def _attrs(self) -> dict[str, Any]:
        """The attrs of ops that have these elements."""
        leaves = self._leaves()
        return {"output_types": [t if c is Tensor else variant for t, _, c in leaves],
                "output_shapes": [None if c is SparseTensor or is_ragged_form(c) else
                                  () if isinstance(t, Nested) else s.tuple for t, s, c in leaves]}

    def _of(self, flat: Sequence[Tensor]) -> Any:
        """An element, of the tensors that ops have for it."""
        values = [t if c is Tensor else tf.data.Dataset(t, kind.elements._types, kind.elements._shapes,
                                                        kind.elements._classes) if isinstance(kind, Nested)
                  else c.of_variant(t) if is_ragged_form(c) else _deserialized(t, kind, shape)
                  for t, (kind, shape, c) in zip(flat, self._leaves())]
        return nest.pack(self._types, values)


class Given:
    """An element that is given: its leaves as the tensors that ops take for them."""

    def __init__(self, value: Any, named: bool = True, rows: bool = False) -> None:
        """named: whether tensors are made in the scope that TensorFlow has for that; rows: whether the elements are the
        rows of it. Raises InvalidType for a leaf that is neither, as an
        IndexedSlices."""
        self.flat: list[Tensor] = []
        self.types: list[Any] = []
        self.shapes: list[Any] = []
        self.classes: list[Any] = []
        self.value = value
        leaves = nest.flatten(value)
        if named:
            with name_scope("normalize_element"):
                leaves = [_leaf(leaf, f"component_{i}") for i, leaf in enumerate(leaves)]
        for leaf in leaves:
            self._add(leaf, rows)

    def _add(self, leaf: Any, rows: bool) -> None:
        cls: Any
        if is_ragged(leaf):
            from .ragged_spec import RaggedTensorSpec

            self.flat.append(leaf.to_variant(batched_input=rows))
            kind, shape, cls = leaf.dtype.base_dtype, leaf.shape, RaggedTensorSpec.from_value(leaf)
            cls = cls.unbatched() if rows else cls
        elif hasattr(leaf, "components"):
            op_type = "SerializeManySparse" if rows else "SerializeSparse"
            self.flat.append(apply_op(op_type, None, list(leaf.components), {"out_type": variant}))
            kind, shape = leaf.dtype.base_dtype, leaf.shape
            cls = SparseTensor
        elif isinstance(leaf, Elements) and hasattr(leaf, "_variant_tensor"):
            self.flat.append(leaf._variant_tensor)
            kind = shape = Nested(leaf)
            cls = tf.data.Dataset
        else:
            tensor = convert_to_tensor(leaf)
            self.flat.append(tensor)
            kind, shape, cls = tensor.dtype.base_dtype, TensorShape(tensor.static), Tensor
        if rows and cls is not tf.data.Dataset:
            shape = TensorShape(None if shape.tuple is None else shape.tuple[1:])
        self.types.append(kind)
        self.shapes.append(shape)
        self.classes.append(cls)

    @property
    def elements(self) -> Elements:
        return Elements(*(nest.pack(self.value, x) for x in (self.types, self.shapes, self.classes)))


def is_ragged_form(cls: Any) -> bool:
    """Whether the class of elements is the form of ragged tensors."""
    return hasattr(cls, "of_variant")


def _leaf(value: Any, name: str) -> Any:
    if is_ragged(value):
        from .ragged_tensor import convert_to_tensor_or_ragged_tensor

        return convert_to_tensor_or_ragged_tensor(value, name=name)
    if hasattr(value, "dense_shape"):
        return SparseTensor.from_value(value)
    return value if hasattr(value, "_variant_tensor") else convert_to_tensor(value, name=name)


def _deserialized(tensor: Tensor, kind: DType, shape: TensorShape) -> SparseTensor:
    """A sparse tensor of what ops have for it, with what is known of its shape."""
    indices, values, sizes = apply_op("DeserializeSparse", None, [tensor], {"dtype": kind})
    known: Static = shape.tuple
    if known is not None:
        indices.set_shape([None, len(known)])
        if None not in known:
            sizes = constant(list(known), int64, name="shape")
        elif any(size is not None for size in known):
            parts = tf.unstack(sizes, num=len(known))
            sizes = tf.stack([part if size is None else constant(size, int64) for part, size in zip(parts, known)])
        else:
            sizes.set_shape([len(known)])
    return SparseTensor(indices, values, sizes)

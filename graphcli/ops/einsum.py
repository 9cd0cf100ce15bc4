"""Products of tensors by Einstein's convention."""
from __future__ import annotations

from string import ascii_letters
from typing import Any

import numpy

from ..errors import NotSupported, RunError
from ..graph.opdef import op
from ..graph.shapes import broadcast, show
from ._contraction import Contraction, contraction
from ._products import divided, product_of_two

BLAS = True


def _terms(n: Any) -> tuple[list[str], str]:
    left, _, right = n.attrs["equation"].partition("->")
    return left.split(","), right


def _einsum_shape(n: Any, inputs: Any) -> Any:
    terms, output = _terms(n)
    if len(terms) != len(inputs):
        n.fail(f"the equation {n.attrs['equation']!r} is for {len(terms)} inputs")
    sizes: dict[str, Any] = {}
    lead: Any = ()
    for term, shape in zip(terms, inputs):
        if shape is None:
            if "..." in term:
                lead = None
            continue
        labels = term.replace("...", "")
        extra = len(shape) - len(labels)
        if extra < 0 or extra and "..." not in term:
            n.fail(f"{term!r} of {n.attrs['equation']!r} meets rank {len(shape)}")
        at = term.find("...") if "..." in term else len(shape)
        middle, named = shape[at:at + extra], shape[:at] + shape[at + extra:]
        if middle and lead is not None:
            lead = n.broadcast(lead, middle)
        for label, size in zip(labels, named):
            known = sizes.get(label)
            if known is not None and size is not None and known != size:
                n.fail(f"the axes {label!r} of {n.attrs['equation']!r} have the sizes {known} and {size}")
            sizes[label] = size if known is None else known
    if "..." in output and lead is None:
        return None
    at = output.find("...")
    labels = output.replace("...", "")
    shape = tuple(sizes.get(x) for x in labels)
    return shape if at < 0 else shape[:at] + lead + shape[at:]


def _spelled(terms: list[str], output: str, shapes: Any) -> tuple[list[str], str]:
    """Terms and output with a label for each axis. Raises RunError where the shapes do not fit them."""
    sizes: dict[str, int] = {}
    lead: Any = ()
    found = []
    free = [x for x in ascii_letters if x not in "".join(terms)]
    for term, shape in zip(terms, shapes):
        labels = term.replace("...", "")
        extra = len(shape) - len(labels)
        if extra < 0 or extra and "..." not in term:
            raise RunError(f"Expected {term!r} to have rank {len(term)}, not {len(shape)}")
        at = term.find("...") if extra else 0
        for label, size in zip(labels, shape[:at] + shape[at + extra:]):
            if sizes.setdefault(label, size) != size:
                raise RunError(f"Expected dimension {sizes[label]} at axis {labels.index(label)} of the "
                               f"input shape {show(shape)} but got dimension {size}")
        if extra:
            lead = broadcast(lead, shape[at:at + extra])
        # the axes of an ellipsis count from the last one
        found.append(term.replace("...", "".join(free[extra - 1::-1]) if extra else ""))
    return found, output.replace("...", "".join(free[:len(lead)][::-1]))


class _Sum:
    """An equation of operands of known shapes. how: the contraction, of two that are not empty."""

    def __init__(self, terms: list[str], output: str, shapes: Any, kind: Any) -> None:
        self.equation = ",".join(terms) + "->" + output
        sizes: dict[str, int] = {}
        for term, shape in zip(terms, shapes):
            for label, length in zip(term, shape):
                sizes[label] = max(sizes.get(label, length), length) if length else 0
        self.shape = tuple([sizes[x] for x in output])
        self.terms = terms
        self.distinct = ["".join(dict.fromkeys(t)) for t in terms]
        self.how: Contraction | None = None
        if len(terms) == 2 and 0 not in sizes.values():
            half = kind.itemsize == 2
            lay = [*[half or t != d for t, d in zip(terms, self.distinct)], half]
            of = [*[[shape[t.index(x)] for x in d] for t, d, shape in zip(terms, self.distinct, shapes)], self.shape]
            self.how, self.of = contraction([*self.distinct, output], of, lay, (False, False),
                                            numpy.dtype(numpy.float32) if half else kind, [kind.itemsize] * 3)

    def product(self, inputs: Any, dtype: Any, matmul: Any, each: Any) -> Any:
        """The sum of products. matmul: for one product of matrices as they lie."""
        assert self.how is not None
        x, y = [(a if t == d else numpy.einsum(f"{t}->{d}", a)).reshape(shape)
                for a, t, d, shape in zip(inputs, self.terms, self.distinct, self.of)]
        if self.how.plain:
            return self.how.whole(x, y, matmul).reshape(self.shape)
        out = numpy.empty(self.of[2], dtype)
        self.how.run(x, y, out, each)
        return out.reshape(self.shape)


@op
class Einsum:
    """Sum of products by Einstein's convention (tf.einsum)."""

    signature = "inputs: N*T -> output: T"
    one_piece = True
    attrs = "equation: string; N: int >= 1; T: type"
    no_kernel = "T: int8, int16, uint8, uint16, uint32, uint64, bool, string"
    infer = _einsum_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        terms, output = _terms(n)
        half = n.out().size == 2
        matmul = divided(n, product_of_two) if xp is numpy and not n.out().is_integer else xp.matmul
        known: dict[Any, Any] = {}

        def contract(inputs: Any) -> Any:
            shapes = tuple([x.shape for x in inputs])
            if shapes not in known:
                if len(known) > 64:
                    known.clear()
                known[shapes] = _Sum(*_spelled(terms, output, shapes), shapes, numpy.dtype(n.dtype()))
            found = known[shapes]
            if xp is numpy and found.how is not None:
                return found.product(inputs, dtype, matmul, n.each)
            inputs = [x.astype(xp.float32) for x in inputs] if half else inputs
            return xp.asarray(xp.einsum(found.equation, *inputs, optimize=len(inputs) > 2), dtype)

        return contract

    def scratch(n: Any) -> Any:
        kind = numpy.dtype(n.node.outputs[0].dtype.as_numpy_dtype)
        try:
            how = _Sum(*_spelled(*_terms(n), n.shapes), n.shapes, kind).how
        except RunError:
            return 0
        return 0 if how is None else how.scratch(n.threads, n.node.inputs[0] is n.node.inputs[1])

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        left, _, output = op.attrs["equation"].partition("->")
        terms = left.split(",")
        inputs = op.inputs
        if len(inputs) == 1:
            return [_term_gradient(tf, inputs[0], terms[0], [(output, grad)])]
        x, y = inputs
        return [_term_gradient(tf, x, terms[0], [(output, grad), (terms[1], tf.conj(y))]),
                _term_gradient(tf, y, terms[1], [(output, grad), (terms[0], tf.conj(x))])]


def _term_gradient(tf: Any, x: Any, term: str, factors: list[tuple[str, Any]]) -> Any:
    """The gradient of one input: the others contracted, its own labels spread, repeated ones on a diagonal."""
    labels = term.replace("...", "")
    distinct = "".join(dict.fromkeys(labels))
    known = set("".join(f for f, _ in factors))
    present = "".join(x for x in distinct if x in known)
    absent = [x for x in distinct if x not in known]
    ellipsis = "..." in term
    lead = "..." if any("..." in f for f, _ in factors) else ""
    equation = f"{','.join(f for f, _ in factors)}->{lead}{present}"
    out = tf.apply_op("Einsum", None, [[t for _, t in factors]], {"equation": equation})
    shape = tf.shape(x)
    rank = None if x.static is None else len(x.static)
    at = term.find("...") if ellipsis else len(term)
    if ellipsis and rank is None:
        raise NotSupported("the gradient of einsum with '...' needs inputs of known rank")
    extra = rank - len(labels) if ellipsis and rank is not None else 0

    def axis(label: str) -> int:
        i = labels.index(label)
        return i if i < at else i + extra

    axes = {label: axis(label) for label in distinct}
    if lead and out.static is not None:
        surplus = len(out.static) - len(present) - extra
        if surplus > 0:
            out = tf.reduce_sum(out, list(range(surplus)))
    first = list(range(at, at + extra)) if lead else []
    # axes of x in the order in which ``out`` has them
    order = first + [axes[label] for label in present]
    missing = [axes[label] for label in absent] + ([] if lead else list(range(at, at + extra)))
    for _ in missing:
        out = tf.expand_dims(out, -1)
    order += missing
    wanted = sorted(order)
    perm = [order.index(i) for i in wanted]
    if perm != list(range(len(perm))):
        out = tf.transpose(out, perm)
    if wanted == list(range(len(labels) + extra)):
        if lead and any(out.static is None or x.static is None or out.static[i] != x.static[i] for i in first):
            sums, _ = tf.apply_op("BroadcastGradientArgs", None, [shape, tf.shape(out)])
            if not missing:
                return tf.reshape(tf.reduce_sum(out, sums), shape)
        return tf.broadcast_to(out, shape) if missing else out
    sizes = tf.gather(shape, wanted)
    return _on_diagonal(tf, tf.broadcast_to(out, sizes), labels, distinct, at, extra, shape)


def _on_diagonal(tf: Any, out: Any, labels: str, distinct: str, at: int, extra: int, shape: Any) -> Any:
    """Puts a tensor with each label once where a label that stands twice has equal indices."""
    if extra:
        raise NotSupported("the gradient of einsum with '...' and a label twice in one input")
    kept = [labels.index(x) for x in distinct]
    mask = None
    full = list(range(len(labels)))
    for i, label in enumerate(labels):
        j = labels.index(label)
        if j == i:
            continue
        size = shape[i]
        eye = tf.eye(size, dtype=out.dtype.base_dtype)
        eye = tf.reshape(eye, tf.stack([shape[k] if k in (i, j) else 1 for k in full]))
        mask = eye if mask is None else mask * eye
    spread = tf.reshape(out, tf.stack([shape[k] if k in kept else 1 for k in full]))
    return spread * mask

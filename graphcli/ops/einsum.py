"""Products of tensors by Einstein's convention."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import NotSupported, RunError
from ..graph.blas import address
from ..graph.opdef import op
from ..graph.shapes import broadcast, show

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


def _of_their_own(inputs: Any) -> list[Any]:
    """Arrays of which no two are one: see ``matmul.apart``."""
    met: set[int] = set()
    out = []
    for x in inputs:
        if isinstance(x, numpy.ndarray) and len(inputs) > 1:
            x = x.copy(order="K") if address(x) in met else x
            met.add(address(x))
        out.append(x)
    return out


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

        def contract(inputs: Any) -> Any:
            lead: Any = ()
            sizes: dict[str, int] = {}
            for term, x in zip(terms, inputs):
                extra = x.ndim - len(term.replace("...", ""))
                if extra < 0 or extra and "..." not in term:
                    raise RunError(f"Expected {term!r} to have rank {len(term)}, not {x.ndim}")
                labels, shape = term.replace("...", ""), x.shape
                if extra:
                    at = term.find("...")
                    shape = shape[:at] + shape[at + extra:]
                for label, size in zip(labels, shape):
                    if sizes.setdefault(label, size) != size:
                        raise RunError(f"Expected dimension {sizes[label]} at axis {labels.index(label)} of the "
                                       f"input shape {show(x.shape)} but got dimension {size}")
                if extra:
                    lead = broadcast(lead, x.shape[term.find("..."):term.find("...") + extra])
            # numpy refuses an output that drops the ellipsis' axes; TensorFlow sums them
            target = output if "..." in output or not lead else "..." + output
            inputs = [x.astype(xp.float32) for x in inputs] if half else _of_their_own(inputs)
            try:
                out = xp.einsum(",".join(terms) + "->" + target, *inputs, optimize=len(inputs) > 1)
            except ValueError as error:
                shapes = ", ".join(show(x.shape) for x in inputs)
                raise RunError(f"{n.attrs['equation']!r} does not fit {shapes}: {error}") from None
            if target is not output:
                out = out.sum(axis=tuple(range(len(lead))))
            return xp.asarray(out, dtype)

        return contract

    def scratch(n: Any) -> Any:
        terms, output = _terms(n)
        if len(terms) < 2:
            return 0
        again = sum(n.bytes(i) for i, t in enumerate(n.node.inputs) if t in n.node.inputs[:i])
        # numpy sums into a result of its own where there are labels that all have; else it lays out two matrices
        if any(label in terms[1] and label in output for label in terms[0]):
            return again + n.out_bytes()
        return again + sum(n.bytes(i) for i in range(2))

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

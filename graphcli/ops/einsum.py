"""Products of tensors by Einstein's convention."""
from __future__ import annotations

from string import ascii_letters
from typing import Any

import numpy

from ..errors import RunError
from ..graph.opdef import op
from ..graph.shapes import broadcast, count, show
from ._contraction import Contraction, contraction
from ._products import divided, product_of_two
from ._reduced_gradients import kept_of

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
        self.spread, output = output, "".join(dict.fromkeys(output))
        self.output = output
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

        def spread(inputs: Any) -> Any:
            out = contract(inputs)
            found = known[tuple([x.shape for x in inputs])]
            if found.spread == found.output:
                return out
            # a label that stands twice in the output: what is made is its diagonal
            of = dict(zip(found.output, out.shape))
            wide = xp.zeros([of[x] for x in found.spread], dtype)
            xp.einsum(f"{found.spread}->{found.output}", wide)[...] = out
            return wide

        return contract if len(set(output)) == len(output) or "..." in output else spread

    def scratch(n: Any) -> Any:
        kind = numpy.dtype(n.node.outputs[0].dtype.as_numpy_dtype)
        try:
            how = _Sum(*_spelled(*_terms(n), n.shapes), n.shapes, kind).how
        except RunError:
            return 0
        return 0 if how is None else how.scratch(n.threads, n.node.inputs[0] is n.node.inputs[1])

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        terms, output = op.attrs["equation"].split("->")[0].split(","), op.attrs["equation"].split("->")[1]
        if len(terms) == 1:
            return [_spread(tf, grad, output, terms[0], op.inputs[0], tf.shape(op.inputs[0]))]
        if "..." in output:
            # an operand without leading axes may meet one that has some
            terms = [t if "..." in t else t + "..." for t in terms]
        x, y = [tf.conj(i) for i in op.inputs] if grad.dtype.is_complex else op.inputs
        shapes = [tf.shape(x), tf.shape(y)]
        grads = [_of_operand(tf, grad, output, (terms[0], x, shapes[0]), (terms[1], y)),
                 _of_operand(tf, grad, output, (terms[1], y, shapes[1]), (terms[0], x))]
        if "..." not in output:
            return grads
        ends = [_leading(t) for t in terms]
        known = [None if count(i.static) is None else i.static[slice(*e)] for i, e in zip((x, y), ends)]
        if known[0] is not None and known[0] == known[1]:
            return grads
        sums = tf.apply_op("BroadcastGradientArgs", None, [shape[slice(*e)] for shape, e in zip(shapes, ends)])
        return [tf.reshape(tf.reduce_sum(g, e[0] + axes), shape)
                for g, axes, e, shape in zip(grads, sums, ends, shapes)]


def _leading(term: str) -> tuple[int, int | None]:
    """The axes that an ellipsis stands for: (first, end)."""
    at = term.find("...")
    return at, at + 3 - len(term) or None


def _of_operand(tf: Any, grad: Any, output: str, own: tuple[str, Any, Any], other: tuple[str, Any]) -> Any:
    """The gradient of one operand: that of the output, contracted with the other operand."""
    term, x, shape = own
    kept = "".join(label for label in term if label in output + other[0] + ".")
    out = tf.apply_op("Einsum", None, [[grad, other[1]]], {"equation": f"{output},{other[0]}->{kept}"})
    return out if kept == term else _spread(tf, out, kept, term, x, shape)


def _spread(tf: Any, grad: Any, output: str, term: str, x: Any, shape: Any) -> Any:
    """The gradient of the only operand: axes that were summed over are as long as they were, and all the same."""
    summed = "".join(dict.fromkeys(label for label in term if label not in output + "."))
    if not summed:
        return tf.apply_op("Einsum", None, [[grad]], {"equation": f"{output}->{term}"})
    before, _, _ = term.partition("...")
    axes = [before.index(label) if label in before else term.index(label) - len(term) for label in summed]
    if "..." not in term:
        axes = [term.index(label) for label in summed]
    sizes = tf.stack([shape[i] for i in axes])
    # the dots of an ellipsis count as labels that stand twice, as in TensorFlow
    repeated = len(set(term)) + len(set(output)) < len(term) + len(output)
    if not repeated and "".join(label for label in term if label not in summed) == output:
        small = kept_of(tf, x.static, tf.convert_to_tensor(axes), shape)
        return tf.broadcast_to(tf.reshape(grad, small), shape)
    whole = tf.concat([sizes, tf.shape(grad)], 0)
    ones = tf.concat([tf.ones(len(summed), "int32"), tf.shape(grad)], 0)
    wide = tf.broadcast_to(tf.reshape(grad, ones), whole)
    return tf.apply_op("Einsum", None, [[wide]], {"equation": f"{summed}{output}->{term}"})

"""The exponential of matrices, by Padé approximation (tf.linalg.expm)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import TensorShape
from .conversion import constant, convert_to_tensor
from .framework import apply_op, name_scope
from .linalg import matrix_solve
from .modules import modules

EXPORTS = """
linalg: expm
"""

tf = modules["tf"]


_PADE = {
    3: [120.0, 60.0, 12.0],
    5: [30240.0, 15120.0, 3360.0, 420.0, 30.0],
    7: [17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0],
    9: [17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0, 2162160.0, 110880.0, 3960.0, 90.0],
    13: [64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
         10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0],
}
"""Coefficients of the Padé approximants of exp, lowest power first, the highest (1) left out."""


def _pade(matrix: Any, order: int) -> tuple[Any, Any]:
    """Odd and even part of the approximant of exp(matrix)."""
    b = [constant(x, matrix.dtype.base_dtype) for x in _PADE[order]]
    ident = tf.eye(tf.shape(matrix)[-2], batch_shape=tf.shape(matrix)[:-2], dtype=matrix.dtype.base_dtype)
    powers = {2: tf.matmul(matrix, matrix)}
    for i in range(4, 7 if order == 13 else order, 2):
        powers[i] = tf.matmul(powers[i - 2], powers[2])
    if order == 13:
        odd = tf.matmul(powers[6], powers[6] + b[11] * powers[4] + b[9] * powers[2])
        odd = odd + b[7] * powers[6] + b[5] * powers[4] + b[3] * powers[2] + b[1] * ident
        u = tf.matmul(matrix, odd)
        even = b[12] * powers[6] + b[10] * powers[4] + b[8] * powers[2]
        v = tf.matmul(powers[6], even) + b[6] * powers[6] + b[4] * powers[4] + b[2] * powers[2] + b[0] * ident
        return u, v
    odd = powers[order - 1]
    for i in range(order - 3, 0, -2):
        odd = odd + b[i + 1] * powers[i]
    u = tf.matmul(matrix, odd + b[1] * ident)
    even = b[order - 1] * powers[order - 1]
    for i in range(order - 3, 0, -2):
        even = even + b[i] * powers[i]
    return u, even + b[0] * ident


def expm(input: Any, name: str | None = None) -> Any:
    """exp of matrices [..., n, n], by scaling, Padé approximants and squaring (tf.linalg.expm)."""
    with name_scope(name, "matrix_exponential"):
        matrix = convert_to_tensor(input, name="input")
        static = matrix.static
        if static is not None and static[-2:] == (0, 0):
            return matrix
        batch: Any = None if static is None else static[:-2]
        if batch is None or None in batch:
            batch = tf.shape(matrix)[:-2]
        matrix = tf.reshape(matrix, tf.concat(([-1], tf.shape(matrix)[-2:]), axis=0))
        columns = tf.reduce_sum(tf.abs(matrix), axis=tf.size(tf.shape(matrix)) - 2)
        norm = tf.reduce_max(columns, axis=-1)[..., None, None]

        def const(x: float) -> Any:
            return constant(x, norm.dtype)

        def nest(limits: Any, parts: Any) -> Any:
            below = tf.less(norm, const(limits[0]))
            rest = parts[1] if len(limits) == 1 else nest(limits[1:], parts[1:])
            return apply_op("SelectV2", None, [below, parts[0], rest])

        kind = matrix.dtype.base_dtype.name
        if kind in ("float16", "float32", "complex64"):
            largest = 3.925724783138660
            orders: tuple[int, ...] = (3, 5, 7)
            limits: tuple[float, ...] = (4.258730016922831e-001, 1.880152677804762e+000)
        elif kind in ("float64", "complex128"):
            largest, orders = 5.371920351148152, (3, 5, 7, 9, 13)
            limits = (1.495585217958292e-002, 2.539398330063230e-001,
                      9.504178996162932e-001, 2.097847961257068e+000)
        else:
            raise InvalidValue(f"expm is of real or complex matrices, not {kind}")
        top = const(largest)
        squarings = tf.maximum(tf.floor(tf.log(norm / top) / tf.log(const(2.0))), 0)
        parts = [_pade(matrix, order) for order in orders[:-1]]
        parts.append(_pade(matrix / tf.cast(tf.pow(const(2.0), squarings), matrix.dtype.base_dtype), orders[-1]))
        u, v = nest(limits, [p[0] for p in parts]), nest(limits, [p[1] for p in parts])
        finite = tf.is_finite(tf.reduce_max(norm))
        nan = constant(float("nan"), matrix.dtype.base_dtype)
        result = tf.cond(finite, lambda: matrix_solve(-u + v, u + v), lambda: tf.fill(tf.shape(matrix), nan))
        most = tf.reduce_max(squarings)

        def going(i: Any, _: Any) -> Any:
            return tf.cond(finite, lambda: tf.less(i, most), lambda: constant(False))

        def square(i: Any, r: Any) -> Any:
            return i + 1, apply_op("SelectV2", None, [tf.less(i, squarings), tf.matmul(r, r), r])

        _, result = tf.while_loop(going, square, [const(0.0), result])
        if matrix.static is None or None in matrix.static:
            sizes = tf.concat((batch, tf.shape(result)[-2:]), axis=0)
            return tf.reshape(result, sizes)
        return tf.reshape(result, TensorShape((*batch, *result.static[-2:])))

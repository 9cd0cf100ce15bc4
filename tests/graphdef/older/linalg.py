"""Linear algebra under the names of older graphs."""
from __future__ import annotations

from typing import Any


def many(tf: Any) -> Any:
    r, graph = tf.raw_ops, tf.Graph()
    names = ["Cholesky", "MatrixInverse", "MatrixDeterminant", "MatrixSolve", "MatrixSolveLs", "MatrixTriangularSolve",
             "MatrixDiag", "MatrixDiagPart", "MatrixBandPart", "MatrixSetDiag", "CholeskyGrad"]
    with graph.as_default():
        a = tf.constant([[[4., 1., 0.], [1., 3., -1.], [0., -1., 2.]], [[2., 0., 1.], [0., 5., 1.], [1., 1., 3.]]])
        b = tf.constant([[[1., 2.], [3., 4.], [5., 6.]], [[1., 0.], [0., 1.], [2., -1.]]])
        small = tf.constant(0.1, tf.float64)
        some = tf.constant(1, tf.int64)
        out = [r.Cholesky(input=a), r.MatrixInverse(input=a), r.MatrixDeterminant(input=a), r.MatrixSolve(
            matrix=a, rhs=b), r.MatrixSolveLs(matrix=tf.transpose(b, [0, 2, 1]), rhs=b[:, :2], l2_regularizer=small),
            r.MatrixTriangularSolve(matrix=a, rhs=b, adjoint=True), r.MatrixDiag(diagonal=a[0]),
            r.MatrixDiagPart(input=a), r.MatrixBandPart(input=a, num_lower=some, num_upper=some - 1),
            r.MatrixSetDiag(input=a, diagonal=b[:, :, 0]), r.CholeskyGrad(l=r.Cholesky(input=a), grad=a)]
        e, v = r.SelfAdjointEigV2(input=a)
        s, u, w = r.Svd(input=b)
        out += [e, s, tf.abs(v), tf.abs(u), tf.abs(w)]
    proto = graph.as_graph_def()
    proto.versions.producer = 12  # later ones may not have these
    for node in proto.node:
        if node.op in [*names, "SelfAdjointEigV2", "Svd"]:
            node.op = "Batch" + node.op
            node.attr.pop("Tindex", None)
    tf.import_graph_def(proto, name="")
    here = tf.get_default_graph()
    return [[here.as_graph_element(o.name) for o in out]]


def eigenvalues_over_vectors(tf: Any) -> Any:
    graph = tf.Graph()
    with graph.as_default():
        a = tf.constant([[4., 1., 0.], [1., 3., -1.], [0., -1., 2.]])
        one, two = (tf.raw_ops.Cholesky(input=m) for m in (a, tf.stack([a, a + 1.])))
        out = [tf.abs(one), tf.abs(two)]
    proto = graph.as_graph_def()
    proto.versions.producer = 10
    for node, name in zip([n for n in proto.node if n.op == "Cholesky"], ("SelfAdjointEig", "BatchSelfAdjointEig")):
        node.op = name
    tf.import_graph_def(proto, name="")
    return [[tf.get_default_graph().as_graph_element(o.name) for o in out]]


def gradients_of_factors(tf: Any) -> Any:
    factor = tf.constant([[2., 0., 0.], [0.5, 1.5, 0.], [-1., 0.25, 1.]], tf.float64)
    grad = tf.constant([[1., 7., 8.], [2., 3., 9.], [4., 5., 6.]], tf.float64)
    return [[tf.raw_ops.CholeskyGrad(l=factor, grad=grad)]]

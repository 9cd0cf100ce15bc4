"""Ensembles of decision trees."""
from __future__ import annotations

from ..cases import a, f, p, program, row, v

NODES = a([0, 2, 0, 1])
row("BoostedTreesBucketize", [v([0.5, -3.0, 2.0, 9.0], "float32"), v([1.0, 0.0, 4.0, -1.0], "float32")],
    [a([0.0, 1.0, 2.0], "float32"), a([0.0], "float32")], grad=False)
row("BoostedTreesMakeStatsSummary", NODES, f(4, 1, kind="float32"), p(4, 1, kind="float32"),
    [a([0, 1, 1, 2]), a([2, 0, 2, 1])], grad=False, max_splits=3, num_buckets=4)
for number in (0.0, 0.4):
    row("BoostedTreesCalculateBestGainsPerFeature", a([0, 2]), [p(3, 4, 2, kind="float32"), f(3, 4, 2, kind="float32")],
        a(number, "float32"), a(0.5, "float32"), a(0.1, "float32"), a(0.2, "float32"), grad=False, max_splits=3)

GROWN = """
handle = raw("BoostedTreesEnsembleResourceHandleOp", shared_name="trees")
made = raw("BoostedTreesCreateEnsemble", handle, tf.constant(7, tf.int64), tf.constant(b""))
one, other = tf.constant([0, 1, 2, 3, 0, 3]), tf.constant([1, 1, 0, 0, 2, 2])
wanted = tf.constant([[1.0], [0.5], [-1.0], [3.0], [2.5], [-0.5]])
def number(x):
    return tf.constant(np.float32(x))
with tf.control_dependencies([made]):
    center = [raw("BoostedTreesCenterBias", handle, number([[-0.7]]), number([[1.0]]), number(0.0), number(0.1))]
nodes, trees, so_far = tf.fill([6], -1), tf.zeros([6], tf.int32), tf.zeros([6, 1])
y, after = list(center), center
for step in range(5):
    with tf.control_dependencies(after):
        states = raw("BoostedTreesGetEnsembleStates", handle)
        more, trees, nodes = raw("BoostedTreesTrainingPredict", handle, trees, nodes, [one, other], logits_dimension=1)
        so_far = so_far + more
        rest = so_far - wanted
        sums = raw("BoostedTreesMakeStatsSummary", nodes, rest, tf.ones_like(rest), [one, other], max_splits=8,
                   num_buckets=4)
        best = raw("BoostedTreesCalculateBestGainsPerFeature", states[4], tf.unstack(sums, num=2), number(L1),
                   number(0.1), number(COMPLEXITY), number(0.5), max_splits=8)
        after = [raw("BoostedTreesUpdateEnsemble", handle, tf.constant([0, 1]), *best, tf.constant(2), number(0.3),
                     pruning_mode=PRUNING)]
        y += [*states, so_far, trees, nodes]
with tf.control_dependencies(after):
    y += [raw("BoostedTreesPredict", handle, [one, other], logits_dimension=1),
          raw("IsBoostedTreesEnsembleInitialized", handle)]
"""
for pruning, l1, complexity in ((0, 0.0, 0.1), (1, 0.2, 0.6), (2, 0.0, 0.9)):
    program("BoostedTreesEnsembleResourceHandleOp BoostedTreesCreateEnsemble BoostedTreesCenterBias "
            "BoostedTreesGetEnsembleStates BoostedTreesTrainingPredict BoostedTreesMakeStatsSummary "
            "BoostedTreesCalculateBestGainsPerFeature BoostedTreesUpdateEnsemble BoostedTreesPredict "
            "IsBoostedTreesEnsembleInitialized",
            GROWN.replace("PRUNING", str(pruning)).replace("L1", str(l1)).replace("COMPLEXITY", str(complexity)),
            grad=False)

program("BoostedTreesDeserializeEnsemble BoostedTreesSerializeEnsemble BoostedTreesExampleDebugOutputs", """
handle = raw("BoostedTreesEnsembleResourceHandleOp", shared_name="trees")
made = raw("BoostedTreesCreateEnsemble", handle, tf.constant(7, tf.int64), tf.constant(b""))
with tf.control_dependencies([made]):
    center = raw("BoostedTreesCenterBias", handle, tf.constant([[-0.7]]), tf.constant([[1.0]]), tf.constant(0.0),
                 tf.constant(0.1))
with tf.control_dependencies([center]):
    grown = raw("BoostedTreesUpdateEnsemble", handle, tf.constant([1]), [tf.constant([0])], [tf.constant([2.0])],
                [tf.constant([1])], [tf.constant([[0.5]])], [tf.constant([[-0.25]])], tf.constant(1), tf.constant(0.3),
                pruning_mode=0)
with tf.control_dependencies([grown]):
    stamp, saved = raw("BoostedTreesSerializeEnsemble", handle)
    features = [tf.constant([0, 0]), tf.constant([0, 2])]
    told = raw("BoostedTreesExampleDebugOutputs", handle, features, logits_dimension=1)
with tf.control_dependencies([told]):
    again = raw("BoostedTreesDeserializeEnsemble", handle, stamp + 5, saved)
with tf.control_dependencies([again]):
    y = [stamp, saved, told, *raw("BoostedTreesSerializeEnsemble", handle),
         raw("BoostedTreesPredict", handle, features, logits_dimension=1)]""", grad=False)

program("BoostedTreesQuantileStreamResourceHandleOp BoostedTreesCreateQuantileStreamResource "
        "IsBoostedTreesQuantileStreamResourceInitialized BoostedTreesQuantileStreamResourceDeserialize "
        "BoostedTreesQuantileStreamResourceGetBucketBoundaries", """
handle = raw("BoostedTreesQuantileStreamResourceHandleOp", shared_name="ends")
before = raw("IsBoostedTreesQuantileStreamResourceInitialized", handle)
with tf.control_dependencies([before]):
    made = raw("BoostedTreesCreateQuantileStreamResource", handle, tf.constant(0.01), tf.constant(2, tf.int64))
with tf.control_dependencies([made]):
    first = raw("BoostedTreesQuantileStreamResourceGetBucketBoundaries", handle, num_features=2)
given = [tf.placeholder_with_default(np.float32(x), None) for x in ([0.5, 1.5], [3.0])]
with tf.control_dependencies(first):
    read = raw("BoostedTreesQuantileStreamResourceDeserialize", handle, given)
with tf.control_dependencies([read]):
    y = [before, *first, *raw("BoostedTreesQuantileStreamResourceGetBucketBoundaries", handle, num_features=2),
         raw("IsBoostedTreesQuantileStreamResourceInitialized", handle)]""", grad=False)

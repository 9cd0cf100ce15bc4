"""Ensembles of decision trees, and what they say of rows of buckets (tf.estimator.BoostedTreesClassifier)."""
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.inference import scalar_shape
from ..wire.messages import message
from ._listed import listed_op
from ._shared import shared
from ._trees import LEAF, Ensemble

CPU_ONLY = True
_NAMED = "container: string = ''; shared_name: string = ''"
_ROWS = "bucketized_features: num_bucketized_features*int32"
_MANY = "num_bucketized_features: int >= 1; logits_dimension: int"


_op = partial(listed_op, __name__, stateful=True)


def _handle(n: Any) -> Any:
    held = shared(n, "BoostedTreesEnsembleResource", lambda: Ensemble(n.attrs["shared_name"] or n.node.name))
    return lambda: held


def _create(n: Any) -> Any:
    def create(trees: Ensemble, stamp: Any, data: Any) -> None:
        if trees.proto is None:
            trees.read(stamp, np.asarray(data, object).item())

    return create


def _deserialize(n: Any) -> Any:
    def read(trees: Ensemble, stamp: Any, data: Any) -> None:
        trees.there()
        trees.read(stamp, np.asarray(data, object).item())

    return read


def _serialize(n: Any) -> Any:
    def write(trees: Ensemble) -> Any:
        data = trees.there().SerializeToString(deterministic=True)
        return np.asarray(trees.stamp, np.int64), np.asarray(data, object)

    return write


def _states(n: Any) -> Any:
    def states(trees: Ensemble) -> Any:
        proto = trees.there()
        many, grown = len(proto.trees), proto.growing_metadata
        done = many if not many or proto.tree_metadata[many - 1].is_finalized else many - 1
        return (np.asarray(trees.stamp, np.int64), *(np.asarray(x, np.int32) for x in (
            many, done, grown.num_layers_attempted, [grown.last_layer_node_start, max(1, grown.last_layer_node_end)])))

    return states


def _rows(features: Any) -> Any:
    """The buckets of each row, side by side. Raises InvalidArgument for features that differ in length."""
    if len({len(f) for f in features}) > 1 or any(f.ndim != 1 for f in features):
        raise InvalidArgument(f"features are vectors of one length, not of {[list(f.shape) for f in features]}")
    return np.stack(features, 1)


def _batch(n: Any, features: Any, *others: Any) -> Any:
    """How many rows there are."""
    size: Any = (None,)
    for shape in (*features, *others):
        size = n.merge(size, n.with_rank(shape, 1, "a feature"), "numbers of rows")
    return size[0]


def _predict(n: Any) -> Any:
    width = n.attrs["logits_dimension"]
    return lambda trees, features: trees.logits(_rows(features), width)


def _rest(n: Any) -> Any:
    width = n.attrs["logits_dimension"]

    def rest(trees: Ensemble, tree_ids: Any, node_ids: Any, features: Any) -> Any:
        logits, tree, node = trees.rest(_rows(features), tree_ids, node_ids, width)
        return logits, tree.astype(np.int32), node.astype(np.int32)

    return rest


def _debug(n: Any) -> Any:
    width = n.attrs["logits_dimension"]

    def debug(trees: Ensemble, features: Any) -> Any:
        rows = _rows(features)
        out = np.empty(len(rows), object)
        for i in range(len(rows)):
            out[i] = _path(trees, rows[i:i + 1], width)
        return out

    return debug


def _path(trees: Ensemble, row: Any, width: int) -> bytes:
    """The features that a row is asked for, and the logits on the way."""
    made, past = message("TreesDebugOutput")(), np.float32(0)
    weights = trees.there().tree_weights
    if weights:
        # the first logit is that of the first tree's root
        made.logits_path.append(float(np.float32(weights[0]) * trees.walk(0, width).values[0, 0]))
    for i, weight in enumerate(weights):
        walk, at = trees.walk(i, width), np.zeros(1, np.int64)
        while walk.kind[at[0]] != LEAF:
            made.feature_ids.append(int(walk.feature[at[0]]))
            at = walk.onward(at, row)
            made.logits_path.append(float(past + np.float32(weight) * walk.values[at[0], 0]))
        past += np.float32(weight) * walk.values[at[0], 0]
    data: bytes = made.SerializeToString(deterministic=True)
    return data


def _initialized(of: Callable[[Any], Any]) -> Any:
    return lambda n: lambda held: np.asarray(of(held) is not None)


_op("BoostedTreesEnsembleResourceHandleOp", "An ensemble of trees.", " -> resource: resource", _handle, _NAMED,
    infer=scalar_shape)
_op("BoostedTreesCreateEnsemble", "Makes an ensemble of what was serialized, if there is none yet.",
    "tree_ensemble_handle: resource, stamp_token: int64, tree_ensemble_serialized: string -> ", _create,
    takes="tree_ensemble_handle: []; stamp_token: []; tree_ensemble_serialized: []")
_op("BoostedTreesDeserializeEnsemble", "Makes another ensemble of what was serialized.",
    "tree_ensemble_handle: resource, stamp_token: int64, tree_ensemble_serialized: string -> ", _deserialize,
    takes="tree_ensemble_handle: []; stamp_token: []; tree_ensemble_serialized: []")
_op("BoostedTreesSerializeEnsemble", "An ensemble as bytes, and its stamp.",
    "tree_ensemble_handle: resource -> stamp_token: int64, tree_ensemble_serialized: string", _serialize,
    takes="tree_ensemble_handle: []", infer=lambda n, handle: [(), ()])
_op("IsBoostedTreesEnsembleInitialized", "Whether an ensemble is created.",
    "tree_ensemble_handle: resource -> is_initialized: bool", _initialized(lambda trees: trees.proto),
    takes="tree_ensemble_handle: []", infer=scalar_shape)
_op("BoostedTreesGetEnsembleStates", "How far an ensemble has grown.",
    "tree_ensemble_handle: resource -> stamp_token: int64, num_trees: int32, num_finalized_trees: int32, "
    "num_attempted_layers: int32, last_layer_nodes_range: int32", _states, takes="tree_ensemble_handle: []",
    infer=lambda n, handle: [(), (), (), (), (2,)])
_op("BoostedTreesPredict", "The logits of rows.",
    f"tree_ensemble_handle: resource, {_ROWS} -> logits: float32", _predict, _MANY,
    infer=lambda n, handle, features: (_batch(n, features), n.attrs["logits_dimension"]))
_op("BoostedTreesTrainingPredict", "What is to be added to the logits that rows had when they came to some nodes.",
    f"tree_ensemble_handle: resource, cached_tree_ids: int32, cached_node_ids: int32, {_ROWS} -> "
    "partial_logits: float32, tree_ids: int32, node_ids: int32", _rest, _MANY,
    infer=lambda n, handle, trees, nodes, features: [
        (_batch(n, features, trees, nodes), n.attrs["logits_dimension"]), *[(_batch(n, features, trees, nodes),)] * 2])
_op("BoostedTreesExampleDebugOutputs", "Of each row the features that it is asked for, and the logits on the way.",
    f"tree_ensemble_handle: resource, {_ROWS} -> examples_debug_outputs_serialized: string", _debug, _MANY,
    infer=lambda n, handle, features: (_batch(n, features),))

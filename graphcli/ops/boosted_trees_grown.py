"""How ensembles of decision trees grow: sums of gradients in buckets, the best splits, the trees that these make."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._trees import Ensemble, values_of

CPU_ONLY = True
_LEAST = np.float32(1e-15)
_LITTLE = 0.01
"""What a bias changes by, as a share, where it is not settled."""
BEFORE, AFTER = 1, 2
"""Pruning before a node is split, and after a tree is whole."""
_SUMS = "l1: float32, l2: float32"


def weights_and_gains(g: Any, h: Any, l1: Any, l2: Any) -> tuple[Any, Any]:
    """Of sums of gradients and of second derivatives the weights of leaves, and what these gain."""
    if l1 > 0:
        g = np.where(g > l1, g - l1, np.where(g < -l1, g + l1, np.float32(0)))
    room = h + l2
    some = room > _LEAST
    weight = np.where(some if l1 <= 0 else some & (g != 0), -g / np.where(some, room, np.float32(1)), np.float32(0))
    return weight, -g * weight


@op
class BoostedTreesMakeStatsSummary:
    """The sums of gradients and of second derivatives of the rows of each node, of each bucket of each feature."""

    signature = ("node_ids: int32, gradients: float32, hessians: float32, bucketized_features_list: num_features*int32 "
                 "-> stats_summary: float32")
    attrs = "max_splits: int >= 1; num_buckets: int >= 1; num_features: int >= 1"
    gradient = undefined_gradient

    def infer(n: Any, nodes: Any, gradients: Any, hessians: Any, features: Any) -> Any:
        size = n.with_rank(nodes, 1, "node_ids")
        for what, shape in (("gradients", gradients), ("hessians", hessians)):
            size = n.merge(size, n.merge((None, 1), n.with_rank(shape, 2, what), f"shapes of {what}")[:1], "rows")
        for shape in features:
            size = n.merge(size, n.with_rank(shape, 1, "a feature"), "numbers of rows")
        return (len(features), n.attrs["max_splits"], n.attrs["num_buckets"], 2)

    def kernel(n: Any) -> Any:
        def summarize(nodes: Any, gradients: Any, hessians: Any, features: Any) -> Any:
            out = np.zeros((len(features), n.attrs["max_splits"], n.attrs["num_buckets"], 2), np.float32)
            both = np.concatenate([gradients, hessians], 1)
            for i, feature in enumerate(features):
                if len(nodes) and (min(nodes.min(), feature.min()) < 0 or nodes.max() >= out.shape[1]
                                   or feature.max() >= out.shape[2]):
                    raise InvalidArgument(f"nodes are below {out.shape[1]} and buckets below {out.shape[2]}, not "
                                          f"{nodes.max()} and {feature.max()}")
                np.add.at(out[i], (nodes, feature), both)
            return out

        return summarize


@op
class BoostedTreesCalculateBestGainsPerFeature:
    """Of each feature the best split of each node, where it has some."""

    signature = (f"node_id_range: int32, stats_summary_list: num_features*float32, {_SUMS}, tree_complexity: float32, "
                 "min_node_weight: float32 -> node_ids_list: num_features*int32, gains_list: num_features*float32, "
                 "thresholds_list: num_features*int32, left_node_contribs_list: num_features*float32, "
                 "right_node_contribs_list: num_features*float32")
    takes = "node_id_range: [2]; l1: []; l2: []; tree_complexity: []; min_node_weight: []"
    attrs = "max_splits: int >= 1; num_features: int >= 1"
    gradient = undefined_gradient

    def infer(n: Any, nodes: Any, summaries: Any, *numbers: Any) -> Any:
        same: Any = (n.attrs["max_splits"], None, 2)
        for shape in summaries:
            same = n.merge(same, n.with_rank(shape, 3, "a summary"), "shapes of summaries")
        many = len(summaries)
        return [*[(None,)] * 3 * many, *[(None, 1)] * 2 * many]

    def kernel(n: Any) -> Any:
        def best(nodes: Any, summaries: Any, l1: Any, l2: Any, complexity: Any, least: Any) -> Any:
            first, last = (int(i) for i in nodes)
            if not 0 <= first <= last <= n.attrs["max_splits"]:
                raise InvalidArgument(f"nodes from {first} to {last} are not among {n.attrs['max_splits']}")
            found = [_best(s[first:last], first, l1, l2, complexity, least) for s in summaries]
            return [part[i] for i in range(5) for part in found]

        return best


def _best(summary: Any, first: int, l1: Any, l2: Any, complexity: Any, least: Any) -> tuple[Any, ...]:
    sums = np.cumsum(summary, 1, dtype=np.float32)
    whole = sums[:, -1:]
    some = np.flatnonzero(whole[:, 0, 1] >= least)
    sums, whole = sums[some], whole[some]
    left, gain_left = weights_and_gains(sums[..., 0], sums[..., 1], l1, l2)
    right, gain_right = weights_and_gains(whole[..., 0] - sums[..., 0], whole[..., 1] - sums[..., 1], l1, l2)
    before = weights_and_gains(whole[..., 0], whole[..., 1], l1, l2)[1]
    gains = gain_left + gain_right
    at = np.argmax(gains, 1) if len(some) else np.zeros(0, np.int64)
    at = np.array([_first(row) for row in gains], np.int64) if len(some) else at
    rows = np.arange(len(some))
    return ((some + first).astype(np.int32), gains[rows, at] - before[:, 0] - complexity, at.astype(np.int32),
            left[rows, at][:, None], right[rows, at][:, None])


def _first(gains: Any) -> int:
    """The first of the largest: a later one is larger by more than rounding."""
    best = 0
    for i in range(1, len(gains)):
        if gains[i] - gains[best] >= _LEAST:
            best = i
    return best


@op
class BoostedTreesCenterBias:
    """Adds what gradients say to the only leaf of the first tree; whether it changed much."""

    signature = (f"tree_ensemble_handle: resource, mean_gradients: float32, mean_hessians: float32, {_SUMS} -> "
                 "continue_centering: bool")
    takes = "tree_ensemble_handle: []; l1: []; l2: []"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, handle: Any, gradients: Any, hessians: Any, *numbers: Any) -> Any:
        n.merge(n.with_rank(gradients, 2, "mean_gradients"), n.with_rank(hessians, 2, "mean_hessians"))
        return ()

    def kernel(n: Any) -> Any:
        def center(trees: Ensemble, gradients: Any, hessians: Any, l1: Any, l2: Any) -> Any:
            proto = trees.there()
            logits = np.float32(weights_and_gains(gradients.reshape(-1)[:1], hessians.reshape(-1)[:1], l1, l2)[0][0])
            go_on = True
            if not len(proto.trees):
                trees.tree(float(logits))
            else:
                node = proto.trees[0].nodes[0]
                leaf = node.leaf if node.WhichOneof("node") == "leaf" else node.metadata.original_leaf
                bias = values_of(leaf, 1)[0]
                with np.errstate(divide="ignore", invalid="ignore"):
                    go_on = bool(abs(logits / bias) > _LITTLE)
                leaf.scalar = float(bias + logits)
            trees.stamp += 1
            trees.changed()
            return np.asarray(go_on)

        return center


@op
class BoostedTreesUpdateEnsemble:
    """Splits the nodes of the last tree where that gains most; begins another tree when it is as deep as it may be."""

    signature = ("tree_ensemble_handle: resource, feature_ids: int32, node_ids: num_features*int32, "
                 "gains: num_features*float32, thresholds: num_features*int32, "
                 "left_node_contribs: num_features*float32, right_node_contribs: num_features*float32, "
                 "max_depth: int32, learning_rate: float32 -> ")
    attrs = "pruning_mode: int >= 0; num_features: int >= 0"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, handle: Any, ids: Any, *lists: Any) -> Any:
        many = n.attrs["num_features"]
        n.merge((many,), n.with_rank(ids, 1, "feature_ids"), "numbers of features")
        for of_one in zip(*lists[:5]):
            size: Any = (None,)
            for shape in of_one[:3]:
                size = n.merge(size, n.with_rank(shape, 1, "candidates"), "numbers of candidates")
            for shape in of_one[3:]:
                n.merge((*size, 1), n.with_rank(shape, 2, "contributions"), "numbers of candidates")

    def kernel(n: Any) -> Any:
        def update(trees: Ensemble, ids: Any, nodes: Any, gains: Any, bounds: Any, left: Any, right: Any, depth: Any,
                   rate: Any) -> None:
            best: dict[int, tuple[Any, ...]] = {}
            for i, feature in enumerate(ids.tolist()):
                for j, node in enumerate(nodes[i].tolist()):
                    gain = gains[i][j]
                    if node not in best or gain - best[node][0] >= _LEAST:
                        best[node] = gain, feature, bounds[i][j], rate * left[i][j, 0], rate * right[i][j, 0]
            _grow(trees, best, int(depth), n.attrs["pruning_mode"])
            trees.stamp += 1
            trees.changed()

        return update


def _grow(trees: Ensemble, best: dict[int, tuple[Any, ...]], depth: int, pruning: int) -> None:
    proto = trees.there()
    proto.growing_metadata.num_layers_attempted += 1
    many = len(proto.trees)
    if many < 2 or proto.tree_metadata[many - 2].is_finalized:
        # it is the first layer of another tree
        proto.growing_metadata.num_trees_attempted += not many or len(proto.trees[-1].nodes) == 1
    if not len(proto.trees):
        trees.tree()
    tree, about = proto.trees[-1], proto.tree_metadata[-1]
    start = len(tree.nodes)
    for at in sorted(best):
        gain, feature, bound, left, right = best[at]
        if gain < 0 and pruning == BEFORE:
            continue
        if not 0 <= at < start:
            raise InvalidArgument(f"node {at} is to be split, and the tree has {start} nodes")
        _split(tree, at, float(gain), feature, int(bound), left, right)
    if len(tree.nodes) == start:
        return
    about.num_layers_grown += 1
    end = len(tree.nodes)
    if about.num_layers_grown >= depth:
        start, end = 0, 1
        about.is_finalized = True
        if pruning == AFTER:
            _prune(tree, about)
        trees.tree()
    proto.growing_metadata.last_layer_node_start, proto.growing_metadata.last_layer_node_end = start, end


def _split(tree: Any, at: int, gain: float, feature: int, bound: int, left: Any, right: Any) -> None:
    node, many = tree.nodes[at], len(tree.nodes)
    before = values_of(node.leaf, 1)[0]
    node.metadata.gain = gain
    if at or before:
        # of a first leaf that says nothing none is kept
        node.metadata.original_leaf.CopyFrom(node.leaf)
    split = node.bucketized_split
    split.feature_id, split.threshold, split.left_id, split.right_id = feature, bound, many, many + 1
    for more in (left, right):
        tree.nodes.add().leaf.scalar = float(np.float32(before + more))


def _prune(tree: Any, about: Any) -> None:
    """Makes leaves of the nodes that gain nothing by being split; tells where each node went and by how much the
    logits of its rows change."""
    gone: dict[int, tuple[int, Any]] = {}

    def value(i: int) -> Any:
        node = tree.nodes[i]
        return values_of(node.leaf if node.WhichOneof("node") == "leaf" else node.metadata.original_leaf, 1)[0]

    for at in range(len(tree.nodes) - 1, -1, -1):
        node = tree.nodes[at]
        if node.WhichOneof("node") == "leaf":
            continue
        below = node.bucketized_split.left_id, node.bucketized_split.right_id
        if node.metadata.gain > 0 or any(tree.nodes[i].WhichOneof("node") != "leaf" for i in below):
            continue
        for i in below:
            gone[i] = at, value(at) - value(i)
        node.leaf.CopyFrom(node.metadata.original_leaf)
        node.ClearField("metadata")
    if not gone:
        return
    kept = [i for i in range(len(tree.nodes)) if i not in gone]
    places = {i: new for new, i in enumerate(kept)}
    for i in range(len(tree.nodes)):
        moved, change, there = about.post_pruned_nodes_meta.add(), np.float32(0), i
        while there in gone:
            change += gone[there][1]
            there = gone[there][0]
        moved.new_node_id = places[there]
        moved.logit_change.append(float(change))
    nodes = [tree.nodes[i] for i in kept]
    for node in nodes:
        if node.WhichOneof("node") == "bucketized_split":
            split = node.bucketized_split
            split.left_id, split.right_id = places[split.left_id], places[split.right_id]
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del tree.nodes[:]
    tree.nodes.extend(copies)

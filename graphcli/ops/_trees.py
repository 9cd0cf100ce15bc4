"""Ensembles of decision trees as a session holds them (tf.estimator.BoostedTreesClassifier): what they say of rows, and
how they grow."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, NotFound
from ..wire.messages import message

LEAF, BUCKETS, CATEGORY = 0, 1, 2


class Walk:
    """The nodes of a tree as arrays. values: of each node what it adds to the logits, also of those that are split."""

    def __init__(self, tree: Any, width: int) -> None:
        many = len(tree.nodes)
        self.kind, self.feature, self.bound, self.left, self.right = np.zeros((5, many), np.int64)
        self.values = np.zeros((many, width), np.float32)
        for i, node in enumerate(tree.nodes):
            which = node.WhichOneof("node")
            leaf = node.leaf if which == "leaf" else node.metadata.original_leaf
            self.values[i] = values_of(leaf, width)
            if which == "leaf":
                continue
            split = getattr(node, which)
            if which == "dense_split":
                raise InvalidArgument("trees are split by buckets, not by numbers")
            self.kind[i] = BUCKETS if which == "bucketized_split" else CATEGORY
            self.bound[i] = split.threshold if which == "bucketized_split" else split.value
            self.feature[i], self.left[i], self.right[i] = split.feature_id, split.left_id, split.right_id
            if not (i < split.left_id < many and i < split.right_id < many and split.feature_id >= 0):
                # or a walk would not end
                raise InvalidArgument(f"node {i} of {many} is split into {split.left_id} and {split.right_id}")

    def onward(self, at: Any, rows: Any) -> Any:
        """The nodes below ``at``, one of each row: of those that are leaves the same."""
        if self.feature.size and self.feature.max() >= rows.shape[1]:
            raise InvalidArgument(f"a tree asks for feature {self.feature.max()}, and there are {rows.shape[1]}")
        some = rows[np.arange(len(at)), self.feature[at]]
        left = np.where(self.kind[at] == BUCKETS, some <= self.bound[at], some == self.bound[at])
        return np.where(self.kind[at] == LEAF, at, np.where(left, self.left[at], self.right[at]))

    def leaves(self, at: Any, rows: Any) -> Any:
        """The leaves that rows come to from these nodes."""
        while (self.kind[at] != LEAF).any():
            at = self.onward(at, rows)
        return at


def values_of(leaf: Any, width: int) -> Any:
    """The numbers of a leaf."""
    found = np.zeros(width, np.float32)
    some = leaf.vector.value if leaf.WhichOneof("leaf") == "vector" else [leaf.scalar]
    found[:len(some)] = some[:width]
    return found


def _inside(nodes: Any, many: int) -> Any:
    if nodes.min() < 0 or nodes.max() >= many:
        raise InvalidArgument(f"a row is in node {nodes.max()} of a tree of {many}")
    return nodes


class Ensemble:
    """What the handle of an ensemble stands for in a session; proto: None before it is created."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stamp = -1
        self.proto: Any = None
        self._walks: dict[tuple[int, int], Walk] = {}

    def read(self, stamp: Any, data: bytes) -> None:
        """Takes what was serialized. Raises InvalidArgument for what is no ensemble."""
        try:
            self.proto = message("TreeEnsemble").FromString(data)
        except Exception as error:
            raise InvalidArgument("Unable to parse tree ensemble proto.") from error
        self.stamp = int(stamp)
        self.changed()

    def there(self) -> Any:
        """The message. Raises NotFound before it is created."""
        if self.proto is None:
            raise NotFound(f"Resource localhost/{self.name}/BoostedTreesEnsembleResource does not exist.")
        return self.proto

    def changed(self) -> None:
        self._walks.clear()

    def walk(self, tree: int, width: int) -> Walk:
        """A tree as arrays, for logits of this width."""
        key = tree, width
        if key not in self._walks:
            self._walks[key] = Walk(self.there().trees[tree], width)
        return self._walks[key]

    def tree(self, leaf: float | None = None) -> Any:
        """Another tree, of one leaf."""
        proto = self.there()
        made = proto.trees.add()
        node = made.nodes.add()
        node.leaf.SetInParent()
        if leaf is not None:
            node.leaf.scalar = leaf
        proto.tree_weights.append(1.0)
        proto.tree_metadata.add()
        return made

    def logits(self, rows: Any, width: int) -> Any:
        """What all trees say of rows of buckets: float32 [rows, width]."""
        out = np.zeros((len(rows), width), np.float32)
        for i, weight in enumerate(self.there().tree_weights[:len(self.proto.trees)]):
            walk = self.walk(i, width)
            out += np.float32(weight) * walk.values[walk.leaves(np.zeros(len(rows), np.int64), rows)]
        return out

    def rest(self, rows: Any, trees: Any, nodes: Any, width: int) -> tuple[Any, Any, Any]:
        """What the trees say beyond what they said before: (logits, the last tree, the leaves there), of rows that came
        to these nodes of these trees; -1 for those that are new."""
        proto = self.there()
        trees, nodes = trees.astype(np.int64), nodes.astype(np.int64)
        if not len(proto.trees):
            return np.zeros((len(rows), width), np.float32), np.zeros_like(trees), np.zeros_like(nodes)
        if len(trees) and trees.max() >= len(proto.trees):
            raise InvalidArgument(f"there are {len(proto.trees)} trees, and a row is in tree {trees.max()}")
        out = np.zeros((len(rows), width), np.float32)
        for i, weight in enumerate(np.asarray(proto.tree_weights[:len(proto.trees)], np.float32)):
            walk, here = self.walk(i, width), np.flatnonzero(trees == i)
            at, cached = nodes[here], nodes[here] >= 0
            part = np.zeros((len(here), width), np.float32)
            if cached.any():
                moved = proto.tree_metadata[i].post_pruned_nodes_meta
                if len(moved):
                    known = np.array([m.new_node_id for m in moved])
                    change = np.array([[*m.logit_change, *[0] * width][:width] for m in moved], np.float32)
                    old = _inside(at[cached], len(known))
                    part[cached] += change[old]
                    at[cached] = known[old]
                part[cached] -= weight * walk.values[_inside(at[cached], len(walk.values))]
            at = walk.leaves(np.where(cached, at, 0), rows[here])
            part += weight * walk.values[at]
            out[here] += part
            nodes[here] = at
            if i + 1 < len(proto.trees):
                trees[here], nodes[here] = i + 1, -1
        return out, trees, nodes

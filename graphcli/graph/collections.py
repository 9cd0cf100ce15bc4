"""Graph collections: lists under a key, with TF1's own keys (tf.GraphKeys)."""
from __future__ import annotations

import re
from typing import Any


class GraphKeys:
    """Standard names of collections."""

    GLOBAL_VARIABLES = VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    METRIC_VARIABLES = "metric_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    CONCATENATED_VARIABLES = "concatenated_variables"
    SAVERS = "savers"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    UPDATE_OPS = "update_ops"
    LOSSES = "losses"
    SAVEABLE_OBJECTS = "saveable_objects"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    GLOBAL_STEP = "global_step"
    EVAL_STEP = "eval_step"
    TRAIN_OP = "train_op"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"


class Collections:
    """Values by key, in the order in which they were added."""

    def __init__(self) -> None:
        self._lists: dict[str, list[Any]] = {}

    def add(self, name: str, value: Any) -> None:
        self._lists.setdefault(name, []).append(value)

    def ref(self, name: str) -> list[Any]:
        """The list itself, made if absent."""
        return self._lists.setdefault(name, [])

    def get(self, name: str, scope: str | None = None) -> list[Any]:
        """A copy; with ``scope`` only what has a name that the regular expression matches at its start."""
        items = self._lists.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [i for i in items if hasattr(i, "name") and pattern.match(i.name)]

    def keys(self) -> list[str]:
        return list(self._lists)

    def clear(self, name: str) -> None:
        self._lists.pop(name, None)

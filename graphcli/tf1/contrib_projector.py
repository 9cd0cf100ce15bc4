"""What TensorBoard's projector is told of a model's embeddings (tf.contrib.tensorboard.plugins.projector)."""
from __future__ import annotations

import os
from typing import Any

from ..errors import InvalidValue
from ..wire.messages import message

EXPORTS = """
contrib.tensorboard.plugins.projector: ProjectorConfig EmbeddingInfo SpriteMetadata visualize_embeddings
"""

MESSAGES = ("ProjectorConfig", "EmbeddingInfo", "SpriteMetadata")


def __getattr__(name: str) -> Any:
    if name not in MESSAGES:
        raise AttributeError(name)
    return message(name)


def visualize_embeddings(summary_writer: Any, config: Any) -> None:
    """Writes a ProjectorConfig beside a writer's events, where TensorBoard looks for it.

    Raises InvalidValue for a writer without a folder.
    """
    from google.protobuf import text_format

    folder = summary_writer.get_logdir()
    if folder is None:
        raise InvalidValue("Summary writer must have a logdir")
    with open(os.path.join(folder, "projector_config.pbtxt"), "w", encoding="utf-8") as file:
        file.write(text_format.MessageToString(config))

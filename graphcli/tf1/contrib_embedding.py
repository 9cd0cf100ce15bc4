"""Vectors of the words of a sequence (tf.contrib.layers.embed_sequence)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, NotSupported
from .contrib_variables import model_variable
from .embedding import embedding_lookup
from .variable_scope import variable_scope

EXPORTS = """
contrib.layers contrib.slim: embed_sequence
"""


def embed_sequence(ids: Any, vocab_size: int | None = None, embed_dim: int | None = None, unique: bool = False,
                   initializer: Any = None, regularizer: Any = None, trainable: bool = True, scope: Any = None,
                   reuse: Any = None) -> Any:
    """[batch, length, embed_dim] for word numbers [batch, length]: rows of a variable ``embeddings``.

    vocab_size, embed_dim: its sizes, which are not needed where it is shared. Raises InvalidValue without them,
    NotSupported for unique.
    """
    if not reuse and (vocab_size is None or embed_dim is None):
        raise InvalidValue("embed_sequence asks for vocab_size and embed_dim")
    if unique:
        raise NotSupported("embed_sequence looks up each number", hint="leave unique out: the result is the same")
    with variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = None if vocab_size is None or embed_dim is None else [vocab_size, embed_dim]
        embeddings = model_variable("embeddings", shape=shape, initializer=initializer, regularizer=regularizer,
                                    trainable=trainable)
        return embedding_lookup(embeddings, ids)

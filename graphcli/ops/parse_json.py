"""Examples that are written as JSON."""
from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.inference import same_shape
from ..graph.opdef import op, undefined_gradient
from ..wire.encode import FIXED32, VARINT, blob, key
from ..wire.varint import put_varint

CPU_ONLY = True


def _serialized(example: Any, text: Any) -> bytes:
    """An Example as TensorFlow writes it: features in the order of the JSON, numbers not packed."""
    if not example.HasField("features"):
        return b""
    features = example.features.feature
    names = json.loads(text).get("features", {}).get("feature", {})
    return blob(1, b"".join(blob(1, blob(1, name.encode()) + blob(2, _feature(features[name]))) for name in names))


def _feature(feature: Any) -> bytes:
    kind = feature.WhichOneof("kind")
    if kind is None:
        return b""
    values = getattr(feature, kind).value
    if kind == "bytes_list":
        return blob(1, b"".join(blob(1, v) for v in values))
    if kind == "float_list":
        return blob(2, b"".join(key(1, FIXED32) + struct.pack("<f", v) for v in values))
    return blob(3, b"".join(key(1, VARINT) + put_varint(v & 0xFFFFFFFFFFFFFFFF) for v in values))


@op
class DecodeJSONExample:
    """Serialized Examples of Examples in JSON (tf.io.decode_json_example)."""

    signature = "json_examples: string -> binary_examples: string"
    infer, gradient = same_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        from google.protobuf import json_format

        from ..wire.messages import message

        def decode(texts: Any) -> Any:
            out = np.empty(texts.shape, object)
            for i, text in enumerate(texts.flat):
                try:
                    made = json_format.Parse(text, message("Example")())
                except (json_format.ParseError, UnicodeDecodeError) as error:
                    raise InvalidArgument(f"Error while parsing JSON: {error}") from None
                out.flat[i] = _serialized(made, text)
            return out

        return decode

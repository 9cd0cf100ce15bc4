"""Summaries of scalars, tensors and text, and their union: serialized Summary messages, byte for byte TensorFlow's."""
from __future__ import annotations

from io import BytesIO
from typing import Any

from ..errors import RunError
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show

CPU_ONLY = True
SOME = 1 << 12
"""Numbers that are Python's at a time."""


def tag_bytes(value: Any) -> bytes:
    """One string element as bytes."""
    item = value.item() if hasattr(value, "item") else value
    return item.encode() if isinstance(item, str) else bytes(item)


def as_tensor(data: bytes) -> Any:
    """A string tensor of rank 0."""
    import numpy as np

    out = np.empty((), object)
    out[()] = data
    return out


@op
class ScalarSummary:
    """A summary of one number, or of one for each tag (tf.summary.scalar)."""

    signature = "tags: string, values: T -> summary: string"
    attrs = "T: {realnumbertype}"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        import numpy as np

        from ..wire.summaries import scalar

        def summarize(tags: Any, values: Any) -> Any:
            names, numbers = np.asarray(tags), np.asarray(values)
            if names.shape != numbers.shape:
                single = f" (tag '{tag_bytes(names.reshape(-1)[0]).decode('utf-8', 'replace')}')" if (
                    names.size == 1) else ""
                raise RunError(f"tags and values are not the same shape: {show(names.shape)} != "
                               f"{show(numbers.shape)}{single}")
            names, numbers = names.reshape(-1), numbers.reshape(-1)
            if names.size == 1:
                return as_tensor(scalar(tag_bytes(names[0]), float(numbers.astype(np.float32)[0])))
            # what a BytesIO holds is given away as it is
            out = BytesIO()
            for i in range(0, names.size, SOME):
                pairs = zip(names[i:i + SOME], numbers[i:i + SOME].astype(np.float32).tolist())
                out.writelines(scalar(tag_bytes(tag), number) for tag, number in pairs)
            return as_tensor(out.getvalue())

        return summarize


@op
class TensorSummary:
    """A summary of a whole tensor, under the name of its node (tensor_summary of early TensorFlow)."""

    signature = "tensor: T -> summary: string"
    attrs = "T: type; description: string = ''; labels: list(string) = []; display_name: string = ''"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        import numpy as np

        from ..wire.encode import joined
        from ..wire.summaries import tensor, tensor_proto

        name, number = n.node.name.encode(), n.attrs["T"].enum
        return lambda x: as_tensor(joined(tensor(b"", tensor_proto(np.asarray(x), number), name)))

    def scratch(n: Any) -> Any:
        return n.bytes()


@op
class TensorSummaryV2:
    """A summary of a whole tensor with metadata that says which page shows it (tf.summary.tensor_summary, text)."""

    signature = "tag: string, tensor: T, serialized_summary_metadata: string -> summary: string"
    attrs = "T: type"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        import numpy as np

        from ..wire.encode import joined
        from ..wire.summaries import tensor, tensor_proto

        number = n.attrs["T"].enum

        def summarize(tag: Any, x: Any, metadata: Any) -> Any:
            for value, what in ((tag, "tag"), (metadata, "serialized_summary_metadata")):
                if np.ndim(value):
                    raise RunError(f"{what} must be scalar, not {show(np.shape(value))}")
            return as_tensor(joined(tensor(tag_bytes(tag), tensor_proto(np.asarray(x), number),
                                           metadata=tag_bytes(metadata))))

        return summarize

    def scratch(n: Any) -> Any:
        # the text grows into an eighth more
        return n.bytes(1) * 9 // 8


@op
class MergeSummary:
    """The union of summaries; two values of one tag are an error (tf.summary.merge)."""

    signature = "inputs: N*string -> summary: string"
    attrs = "N: int >= 1"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        import numpy as np

        from ..wire.messages import message

        summary = message("Summary")

        def merge(inputs: Any) -> Any:
            whole = [tag_bytes(item) for x in inputs for item in np.asarray(x).reshape(-1)]
            seen: set[str] = set()
            for data in whole:
                try:
                    values = summary.FromString(data).value
                except Exception as error:
                    raise RunError("one of the summaries to merge is no serialized Summary") from error
                for tag in (v.tag for v in values if v.tag):
                    if tag in seen:
                        raise RunError(f"Duplicate tag {tag} found in summary inputs")
                    seen.add(tag)
            return as_tensor(b"".join(whole))

        return merge

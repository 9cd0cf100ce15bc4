"""Labels of steps without saying which step has which (tf.nn.ctc_loss and its decoders)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.types import bfloat16, float16, float32
from .conversion import convert_to_tensor
from .framework import apply_op
from .modules import modules
from .old_names import renamed
from .sparse_tensor import SparseTensor

EXPORTS = """
nn: ctc_loss ctc_loss_v2 ctc_greedy_decoder ctc_beam_search_decoder ctc_beam_search_decoder_v2
"""

tf = modules["tf"]


def ctc_loss(labels: Any, inputs: Any = None, sequence_length: Any = None, preprocess_collapse_repeated: bool = False,
             ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False, time_major: bool = True,
             logits: Any = None) -> Any:
    """What labels cost that are said by some of the steps in their order, [batch] (tf.nn.ctc_loss).

    labels: a sparse tensor int32 [batch, labels]; inputs: logits [steps, batch, classes], or [batch, steps, classes]
    where not ``time_major``, of which the last class is no label; sequence_length: int32 [batch].
    preprocess_collapse_repeated: labels that come again at once count once; ctc_merge_repeated: a label that several
    steps say at once is one; ignore_longer_outputs_than_inputs: rows with more labels than steps cost nothing.
    Raises InvalidType.
    """
    if not isinstance(labels, SparseTensor):
        raise InvalidType(f"the labels of ctc_loss are a SparseTensor, not {said(labels)}",
                          hint="tf.sparse.from_dense makes one, and tf.sparse_placeholder is fed with one")
    inputs = convert_to_tensor(renamed("logits", logits, "inputs", inputs), name="logits")
    if not time_major:
        inputs = tf.transpose(inputs, [1, 0, 2])
    kind = inputs.dtype
    small = kind in (float16, bfloat16)
    if small:
        inputs = tf.cast(inputs, float32)
    loss = apply_op("CTCLoss", None, [inputs, labels.indices, labels.values, sequence_length],
                    {"preprocess_collapse_repeated": preprocess_collapse_repeated,
                     "ctc_merge_repeated": ctc_merge_repeated,
                     "ignore_longer_outputs_than_inputs": ignore_longer_outputs_than_inputs})[0]
    return tf.cast(loss, kind) if small else loss


def ctc_loss_v2(labels: Any, logits: Any, label_length: Any, logit_length: Any, logits_time_major: bool = True,
                unique: Any = None, blank_index: int | None = None, name: str | None = None) -> Any:
    """What labels cost whose blank is any class, [batch] (tf.nn.ctc_loss_v2).

    labels: a sparse tensor int32 [batch, labels]; logits: [steps, batch, classes]; logit_length: int32 [batch].
    blank_index: the class that is no label, from the end where it is below 0. Raises InvalidType for labels that are
    dense, InvalidValue without a blank_index.
    """
    if not isinstance(labels, SparseTensor):
        raise InvalidType(f"the labels of ctc_loss_v2 are a SparseTensor here, not {said(labels)}",
                          hint="tf.sparse.from_dense makes one, without what is 0")
    if blank_index is None:
        raise InvalidValue("blank_index must be given for labels that are sparse", hint="-1 is the last class")
    logits = convert_to_tensor(logits, name="logits")
    classes = logits.get_shape().as_list()[2]
    blank = blank_index + classes if blank_index < 0 else blank_index
    if blank != classes - 1:
        # CTCLoss takes the last class for it
        logits = tf.concat([logits[:, :, :blank], logits[:, :, blank + 1:], logits[:, :, blank:blank + 1]], axis=2)
        numbers = labels.values
        labels = SparseTensor(labels.indices, tf.where(numbers < blank, numbers, numbers - 1), labels.dense_shape)
    return ctc_loss(labels, logits, logit_length, time_major=logits_time_major)


def ctc_greedy_decoder(inputs: Any, sequence_length: Any, merge_repeated: bool = True,
                       blank_index: int | None = None) -> tuple[list[SparseTensor], Any]:
    """The likeliest labels of each step without blanks, and minus the sums of their logits (tf.nn.ctc_greedy_decoder).

    inputs: [steps, batch, classes]; sequence_length: int32 [batch]. blank_index: the last class by default.
    """
    decoded = apply_op("CTCGreedyDecoder", None, [inputs, sequence_length],
                       {"merge_repeated": merge_repeated, "blank_index": -1 if blank_index is None else blank_index})
    return [SparseTensor(*decoded[:3])], decoded[3]


def ctc_beam_search_decoder(inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1,
                            merge_repeated: bool = True) -> tuple[list[SparseTensor], Any]:
    """The likeliest labels over all steps that may have said them, the best first, and the logarithms of their chances,
    [batch, top_paths] (tf.nn.ctc_beam_search_decoder).

    inputs: logits [steps, batch, classes]; sequence_length: int32 [batch]. beam_width: how many beginnings are kept
    after each step. merge_repeated: of labels that are the same at once, one is given.
    """
    *decoded, chances = apply_op("CTCBeamSearchDecoder", None, [inputs, sequence_length],
                                 {"beam_width": beam_width, "top_paths": top_paths, "merge_repeated": merge_repeated})
    return [SparseTensor(*parts) for parts in zip(*decoded)], chances


def ctc_beam_search_decoder_v2(inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
                               ) -> tuple[list[SparseTensor], Any]:
    """The same, with labels that are the same at once (tf.nn.ctc_beam_search_decoder_v2)."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)

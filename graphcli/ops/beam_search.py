"""The sentences that beams have come to, from what each step chose and where it came from (tf.contrib.seq2seq)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient

CPU_ONLY = True


@op
class GatherTree:
    """The ids of each beam from its last step back to its first, by their parents (tf.contrib.seq2seq.gather_tree).

    step_ids, parent_ids: [steps, batch, beams]. max_sequence_lengths: [batch]. What comes after a length, or after
    the first end_token, is end_token.
    """

    signature = "step_ids: T, parent_ids: T, max_sequence_lengths: int32, end_token: T -> beams: T"
    attrs = "T: {int32}"
    takes = "end_token: []"
    gradient = undefined_gradient

    def infer(n: Any, step_ids: Any, parent_ids: Any, lengths: Any, end_token: Any) -> Any:
        given = [n.with_rank(x, 3, what) for x, what in ((step_ids, "step_ids"), (parent_ids, "parent_ids"))]
        steps, batch, beams = n.merge(*given, "step_ids and parent_ids")
        batch, = n.merge((batch,), n.with_rank(lengths, 1, "max_sequence_lengths"), "batch sizes")
        return steps, batch, beams

    def kernel(n: Any) -> Any:
        def gather(step_ids: Any, parent_ids: Any, lengths: Any, end_token: Any) -> Any:
            steps, batch, beams = step_ids.shape
            out = np.full(step_ids.shape, end_token, step_ids.dtype)
            last = np.minimum(lengths, steps)
            rows = np.arange(batch)[:, None]
            parent = np.tile(np.arange(beams, dtype=parent_ids.dtype), (batch, 1))
            for step in range(int(last.max(initial=0)) - 1, -1, -1):
                live = step < last
                wrong = live[:, None] & ((parent < 0) | (parent >= beams))
                if wrong.any():
                    row, beam = (int(i[0]) for i in np.nonzero(wrong))
                    raise RunError(f"invalid parent id {parent[row, beam]} at (batch, time, beam) == "
                                   f"({row}, {step}, {beam}): there are {beams} beams")
                taken = np.where(live[:, None], parent, 0)
                out[step][live] = step_ids[step, rows, taken][live]
                parent[live] = parent_ids[step, rows, taken][live]
            ended = np.zeros((batch, beams), bool)
            for line in out:
                ended |= line == end_token
                line[ended] = end_token
            return out

        return gather

"""tf.errors: TF1's names of what goes wrong in a run, so that code which catches them runs."""
from __future__ import annotations

from ..errors import GraphError, NotFound, NotSupported, RunError

EXPORTS = """
errors: OpError InvalidArgumentError FailedPreconditionError NotFoundError UnimplementedError OutOfRangeError
"""

OpError = GraphError
InvalidArgumentError = RunError
FailedPreconditionError = RunError
NotFoundError = NotFound
UnimplementedError = NotSupported


class OutOfRangeError(RunError):
    """The end of the input (tf.errors.OutOfRangeError); nothing here raises it."""

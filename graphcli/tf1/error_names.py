"""tf.errors: TF1's names of what goes wrong in a run, so that code which catches them runs."""
from __future__ import annotations

from ..errors import (
    Cancelled,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    GraphError,
    InvalidArgument,
    NotFound,
    OutOfRange,
    ResourceExhausted,
    RunError,
    Unimplemented,
    Unknown,
)

EXPORTS = """
tf: OpError
errors: OpError InvalidArgumentError FailedPreconditionError NotFoundError UnimplementedError OutOfRangeError
errors: DataLossError AbortedError AlreadyExistsError CancelledError DeadlineExceededError InternalError
errors: PermissionDeniedError ResourceExhaustedError UnauthenticatedError UnavailableError UnknownError
errors: OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED
errors: RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS
errors: UNAUTHENTICATED
"""

(OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED,
 RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS,
 UNAUTHENTICATED) = range(17)

OpError = GraphError
InvalidArgumentError = InvalidArgument
FailedPreconditionError = FailedPrecondition
NotFoundError = NotFound
OutOfRangeError = OutOfRange
UnimplementedError = Unimplemented
ResourceExhaustedError = ResourceExhausted
DataLossError = DataLoss
UnknownError = Unknown
CancelledError = Cancelled
DeadlineExceededError = DeadlineExceeded


def _never(name: str, code: int) -> type[RunError]:
    return type(name, (RunError,), {"__doc__": f"tf.errors.{name}; no step here raises it.", "__module__": __name__,
                                    "error_code": code})


AbortedError = _never("AbortedError", ABORTED)
AlreadyExistsError = _never("AlreadyExistsError", ALREADY_EXISTS)
InternalError = _never("InternalError", INTERNAL)
PermissionDeniedError = _never("PermissionDeniedError", PERMISSION_DENIED)
UnauthenticatedError = _never("UnauthenticatedError", UNAUTHENTICATED)
UnavailableError = _never("UnavailableError", UNAVAILABLE)

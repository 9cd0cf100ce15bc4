"""tf.errors: TF1's names of what goes wrong in a run, so that code which catches them runs."""
from __future__ import annotations

import warnings
from typing import Any

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
errors: UNAUTHENTICATED exception_type_from_error_code error_code_from_exception_type
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

_BY_CODE: dict[int, type[GraphError]] = {
    CANCELLED: CancelledError, UNKNOWN: UnknownError, INVALID_ARGUMENT: InvalidArgumentError,
    DEADLINE_EXCEEDED: DeadlineExceededError, NOT_FOUND: NotFoundError, ALREADY_EXISTS: AlreadyExistsError,
    PERMISSION_DENIED: PermissionDeniedError, RESOURCE_EXHAUSTED: ResourceExhaustedError,
    FAILED_PRECONDITION: FailedPreconditionError, ABORTED: AbortedError, OUT_OF_RANGE: OutOfRangeError,
    UNIMPLEMENTED: UnimplementedError, INTERNAL: InternalError, UNAVAILABLE: UnavailableError,
    DATA_LOSS: DataLossError, UNAUTHENTICATED: UnauthenticatedError}


def exception_type_from_error_code(error_code: int) -> type[GraphError]:
    """The class of an error by its number (tf.errors.exception_type_from_error_code). Raises KeyError for none."""
    return _BY_CODE[error_code]


def error_code_from_exception_type(cls: type[Exception]) -> Any:
    """The number of a class of errors; for another, with a warning, an UnknownError
    (tf.errors.error_code_from_exception_type)."""
    for code, kind in _BY_CODE.items():
        if kind is cls:
            return code
    warnings.warn("Unknown class exception", stacklevel=2)
    return UnknownError("Unknown class exception")

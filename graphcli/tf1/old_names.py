"""Arguments that TF1 renamed: either name may be given, not both."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue


def renamed(new: str, new_value: Any, old: str, old_value: Any) -> Any:
    """The value of the argument that was given. Raises InvalidValue if both were."""
    if old_value is not None:
        if new_value is not None:
            raise InvalidValue(f"{new!r} and {old!r} are one argument, of which {old!r} is the old name",
                               hint=f"give {new!r} only")
        return old_value
    return new_value

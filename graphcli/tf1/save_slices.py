"""Which part of a larger tensor a variable is, as a checkpoint has it (tf.Variable.SaveSliceInfo)."""
from __future__ import annotations

from collections.abc import Sequence


class SaveSliceInfo:
    """The part of shape var_shape at var_offset of the tensor full_name, of shape full_shape."""

    def __init__(self, full_name: str, full_shape: Sequence[int], var_offset: Sequence[int],
                 var_shape: Sequence[int]) -> None:
        self.full_name = full_name
        self.full_shape, self.var_offset, self.var_shape = list(full_shape), list(var_offset), list(var_shape)

    @property
    def spec(self) -> str:
        """As SaveV2 and RestoreV2 take it: ``5 3 0,2:0,3``."""
        parts = ":".join(f"{offset},{size}" for offset, size in zip(self.var_offset, self.var_shape))
        return " ".join([*map(str, self.full_shape), parts])

    def below(self, name: str, rank: int) -> SaveSliceInfo:
        """The part that a slot of so many axes is."""
        return SaveSliceInfo(f"{self.full_name}/{name}", self.full_shape[:rank], self.var_offset[:rank],
                             self.var_shape[:rank])

"""Older names of op types: the same inference, kernel and gradient under another signature or with other attrs."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import get_op, op


def older(module: str, name: str, of: str, doc: str = "", signature: str = "", without: str = "",
          more: str = "", **space: Any) -> None:
    """Registers the op type ``name`` of the family ``module``, which is the op type ``of`` under an older name.

    doc, signature: where they differ. without, more: attrs that it has not, and that it alone has. space: what else its
    class says.
    """
    there = dict(get_op(of).cls.__dict__)
    gone = without.split()
    parts = [p.strip() for p in there.get("attrs", "").split(";") if p.split(":")[0].strip() not in ("", *gone)]
    kept = [*parts, more] if more else parts
    whole = doc or there.get("__doc__") or ""
    op(type(name, (), {**there, "__doc__": whole, "__module__": module, "attrs": "; ".join(kept),
                       "signature": signature or there["signature"], **space}))


def by_reference(module: str, names: dict[str, str], without: str = "", **space: Any) -> None:
    """Op types of graphs whose handles are ref strings: older name -> the op type whose handles are resources."""
    for name, of in names.items():
        signature = get_op(of).cls.signature.replace("resource", "Ref(string)")  # type: ignore[attr-defined]
        older(module, name, of, signature=signature, without=without, **space)

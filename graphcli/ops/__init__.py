"""Op types, one family per file; each op is complete in one place.

``INDEX`` says which family has which op, so that a run imports the families that it needs and no
more; a test keeps it in step with the files.
"""
from __future__ import annotations

import importlib
import pkgutil


def families() -> list[str]:
    """The names of the family modules, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def names() -> list[str]:
    """The names of all op types, without their families."""
    from ._index import INDEX

    return list(INDEX)


def load(name: str) -> None:
    """Imports the family of the op type ``name``, if it is known."""
    from ._index import INDEX

    family = INDEX.get(name)
    if family is not None:
        importlib.import_module(f"{__name__}.{family}")
    else:
        load_all()


def load_all() -> None:
    """Imports every family."""
    for family in families():
        importlib.import_module(f"{__name__}.{family}")

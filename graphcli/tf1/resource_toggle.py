"""Whether variables are resource variables where nobody says (tf.enable_resource_variables)."""
from __future__ import annotations

import threading

EXPORTS = """
tf: enable_resource_variables disable_resource_variables resource_variables_enabled
"""


class _Toggle(threading.local):
    on = False


_toggle = _Toggle()


def enable_resource_variables() -> None:
    """From here on this thread makes resource variables where ``use_resource`` is not given."""
    _toggle.on = True


def disable_resource_variables() -> None:
    """From here on this thread makes reference variables where ``use_resource`` is not given, as at the start."""
    _toggle.on = False


def resource_variables_enabled() -> bool:
    """Whether enable_resource_variables was called."""
    return _toggle.on

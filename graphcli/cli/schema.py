"""``schema``: the JSON Schema of the language."""
from __future__ import annotations

from .options import verb


@verb("schema", "schema > graphcli.schema.json")
def command() -> int:
    """Print the JSON Schema of the spec language, so that an editor completes and checks specs.

    In an editor with the YAML language server: `# yaml-language-server: $schema=graphcli.schema.json`
    as the first line of a spec.
    """
    import json

    from ..spec.editors import json_schema
    from . import render

    render.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return 0

"""Nothing is without words: each verb, option, op type and key of the language is on a page, each page is linked."""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from graphcli.cli.main import cli
from graphcli.ops import _index
from graphcli.spec import schema

ROOT = Path(__file__).parents[2]
PAGES = {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8")
         for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
GENERATED = ("docs/commands.md", "docs/ops.md")
WRITTEN = "\n".join(text for page, text in PAGES.items() if page not in GENERATED)


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


def spec_keys() -> set[str]:
    keys = {*schema.TOP_KEYS, *schema.SECTIONS, *schema.FUNCTION_KEYS, *schema.DEVICE_KEYS, *schema.STATEMENTS}
    for fields in (schema.INPUT_FIELDS, schema.VARIABLE_FIELDS, schema.SCOPE_FIELDS, schema.OP_FIELDS,
                   *(s.fields for s in schema.STATEMENTS.values())):
        keys.update(f.name for f in fields)
    return keys


def missing(words: set[str], text: str) -> list[str]:
    return sorted(w for w in words if not re.search(rf"(?<![\w-]){re.escape(w)}(?![\w-])", text))


def test_every_key_of_the_language_is_in_its_page() -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", PAGES["docs/language.md"], re.S))
    assert missing(spec_keys(), code) == []


def test_every_verb_is_in_a_page_that_someone_wrote() -> None:
    verbs = {" ".join(path) for path, _ in commands(cli) if path}
    assert missing(verbs, WRITTEN) == []


def test_every_option_is_in_a_page() -> None:
    options = {o for _, c in commands(cli) for p in c.params if isinstance(p, click.Option) and not p.hidden
               for o in p.opts if o.startswith("--")}
    assert len(options) > 50 and missing(options, "\n".join(PAGES.values())) == []


def test_every_op_type_is_in_a_page() -> None:
    assert missing(set(_index.INDEX), PAGES["docs/ops.md"]) == []


@pytest.mark.parametrize("page", [p for p in PAGES if p != "README.md"])
def test_every_page_is_linked_from_another(page: str) -> None:
    name = Path(page).name
    assert any(f"]({page}" in text or f"]({name}" in text for other, text in PAGES.items() if other != page)

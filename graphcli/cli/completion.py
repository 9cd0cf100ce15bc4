"""``completion``: the script that makes a shell complete verbs, options and the names inside a spec."""
from __future__ import annotations

import click

from .options import verb

PLACES = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/completions/graphcli.fish"}


@verb("completion", "completion bash >> ~/.bashrc")
@click.argument("shell", type=click.Choice(list(PLACES)))
def command(shell: str) -> int:
    """Print the completion script for SHELL.

    After it is read by the shell, `graphcli run spec.yaml --fetch <TAB>` completes the names in the spec.
    """
    from click.shell_completion import get_completion_class

    from . import render
    from .main import cli

    found = get_completion_class(shell)
    assert found is not None
    completer = found(cli, {}, "graphcli", "_GRAPHCLI_COMPLETE")
    # source() of bash asks the bash that is installed for its version; the script is the same without it
    render.write(completer.source_template % completer.source_vars() + "\n")
    return 0

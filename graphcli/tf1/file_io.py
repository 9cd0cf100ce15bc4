"""Files and folders under the names of ``tensorflow.python.lib.io.file_io``, which programs import as they are."""
from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from . import gfile as _files

EXPORTS = """
python.lib.io.file_io: FileIO file_exists delete_file read_file_to_string write_string_to_file get_matching_files
python.lib.io.file_io: create_dir recursive_create_dir copy rename delete_recursively is_directory list_directory
python.lib.io.file_io: walk stat
"""

FileIO = _files.GFile
file_exists = os.path.exists
delete_file = _files.Remove
get_matching_files = _files.Glob
create_dir = _files.MkDir
recursive_create_dir = _files.MakeDirs
copy = _files.Copy
rename = _files.Rename
delete_recursively = _files.DeleteRecursively
is_directory = os.path.isdir
list_directory = _files.ListDirectory
stat = _files.Stat


def read_file_to_string(filename: Any, binary_mode: bool = False) -> Any:
    """All that a file holds. Raises NotFoundError if there is none."""
    with FileIO(filename, "rb" if binary_mode else "r") as file:
        return file.read()


def write_string_to_file(filename: Any, file_content: Any) -> None:
    with FileIO(filename, "wb" if isinstance(file_content, bytes) else "w") as file:
        file.write(file_content)


def walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each folder, the folders in it and its files."""
    return _files.Walk(top, in_order)

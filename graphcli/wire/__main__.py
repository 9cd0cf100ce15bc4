"""Compiles the .proto files: ``python -m graphcli.wire`` (needs protoc of grpcio-tools, in the extra ``dev``)."""
from __future__ import annotations

import sys

from .messages import COMPILED


def main() -> None:
    from grpc_tools import protoc

    folder = COMPILED.parent
    sources = sorted(p.name for p in folder.glob("*.proto"))
    sys.exit(protoc.main(["protoc", f"-I{folder}", f"--descriptor_set_out={COMPILED}", "--include_imports", *sources]))


if __name__ == "__main__":
    main()

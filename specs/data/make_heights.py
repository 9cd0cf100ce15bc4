"""Makes heights.csv: how tall parents and their grown children were, for specs/regression.yaml.

    pip install --no-deps faraway==0.0.6 && python specs/data/make_heights.py

The numbers are those of Francis Galton's notebook, from which he wrote "Regression Towards Mediocrity in Hereditary
Stature" (Journal of the Anthropological Institute 15, 1886; in the public domain), and gave regression its name: 934
children of 205 families, in inches. They are taken from the Python package faraway, which has them from R's HistData.
"""
from __future__ import annotations

import bz2
import csv
import io
from importlib.metadata import files
from pathlib import Path


def main() -> None:
    packed = next(f for f in files("faraway") or [] if f.name == "families.csv.bz2")
    rows = csv.DictReader(io.StringIO(bz2.decompress(packed.read_binary()).decode()))
    lines = [f"{r['father']},{r['mother']},{int(r['gender'] == 'male')},{r['childHeight']}\n" for r in rows]
    Path(__file__).with_name("heights.csv").write_text("father,mother,son,child\n" + "".join(lines))
    print(f"{len(lines)} children")


if __name__ == "__main__":
    main()

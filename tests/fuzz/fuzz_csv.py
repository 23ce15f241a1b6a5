"""Fuzz the entrance of CSV files with atheris: whatever the bytes, the table is refused in lines or kept to the letter.

`python -m tests.fuzz.fuzz_csv -max_total_time=600`, where atheris is installed (docs/security.md).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["scripts"]):
    from scripts.files import check_form
    from scripts.frames import LINE, read_table
    from scripts.package import Table, load_package
    from scripts.prove import is_clean

PACKAGE = load_package(Path(__file__).parent.parent / "mini" / "datapackage.yaml")
ROOT = Path(mkdtemp())


def one_input(data: bytes) -> None:
    name = ("people", "events", "publishers")[len(data) % 3]
    table = Table(name, PACKAGE.tables[name].descriptor, ROOT / f"{name}.csv")
    assert table.path
    table.path.write_bytes((",".join(table.columns) + "\n").encode() + data if data[:1] != b"#" else data[1:])
    form = check_form(table, ROOT)
    assert all(str(problem).isprintable() for problem in form.problems)
    if form.readable:
        frame = read_table(table)
        with table.path.open(encoding="utf-8", newline="") as stream:
            assert frame.drop(LINE).rows() == [tuple(cell or None for cell in row) for row in list(csv.reader(stream))[1:]]
        is_clean(table, frame)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()

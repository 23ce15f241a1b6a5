"""Draw cells of the source rows at random, to look each up again in its page.

    python draw.py SEED [NUMBER [DIRECTORY [LEAST]]] > sample.csv

A cell is one non-empty value of one source row. Left out are ids, sources and notes, and the columns
that only say which record of ours a row belongs to. Every table gets a share of the sample in proportion
to its cells, and at least LEAST of them (8 unless told). The same seed on the same files always draws the same cells.
"""

import csv
import random
import sys
from pathlib import Path

NO_OBSERVATIONS = {"sources", "publishers", "decisions", "retired_ids"}
BOOKKEEPING = {"id", "source", "note", "person", "case", "ruling", "appeal", "official", "part_of", "table", "record", "scheme"}
CLAIMS = {("appeal_people", "person"), ("defendants", "person")}  # here the person named is the claim


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(directory: Path) -> dict[str, list[tuple[str, str, str, str]]]:
    """The cells that can be drawn: (id, source, column, value) in the order of the files, by table."""
    found = {}
    for path in sorted(directory.glob("*.csv")):
        if path.stem not in NO_OBSERVATIONS:
            found[path.stem] = [
                (row["id"], row["source"], column, value)
                for row in read(path)
                for column, value in row.items()
                if value and (column not in BOOKKEEPING or (path.stem, column) in CLAIMS)
            ]
    return {table: rows for table, rows in found.items() if rows}


def shares(sizes: dict[str, int], number: int, least: int) -> dict[str, int]:
    """How many cells each table gives: in proportion to its size, `least` at the least, `number` in all."""
    small: set[str] = set()
    while True:
        rest = number - least * len(small)
        total = sum(size for table, size in sizes.items() if table not in small)
        exact = {table: rest * size / total for table, size in sizes.items() if table not in small}
        below = {table for table, share in exact.items() if share < least}
        if not below:
            break
        small |= below
    drawn = {table: int(share) for table, share in exact.items()}
    by_remainder = sorted(exact, key=lambda table: (drawn[table] - exact[table], table))
    for table in by_remainder[: rest - sum(drawn.values())]:
        drawn[table] += 1
    return {table: min(drawn.get(table, least), sizes[table]) for table in sizes}


def main(seed: int, number: int = 300, directory: str = "sources", least: int = 8) -> None:
    found = cells(Path(directory))
    address = {row["id"]: row["url"] for row in read(Path(directory) / "sources.csv")}
    draw = random.Random(seed)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["table", "id", "source", "column", "value", "url"])
    for table, count in shares({table: len(rows) for table, rows in found.items()}, number, least).items():
        for i in sorted(draw.sample(range(len(found[table])), count)):
            row_id, source, column, value = found[table][i]
            out.writerow([table, row_id, source, column, value, address[source]])


if __name__ == "__main__":
    main(int(sys.argv[1]), *(kind(word) for kind, word in zip((int, str, int), sys.argv[2:], strict=False)))

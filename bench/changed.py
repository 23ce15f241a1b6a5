"""One changed row: what `check` and `build` cost from scratch, after a change in one row, and when nothing has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

from bench.measure import ROOT, Cost, Job, Size, compare, cost_of
from bench.pipeline import SCRIPTS, source_rows, synthesized
from bench.report import Section
from scripts.files import canonical, read_rows
from scripts.package import Package, load_package

COMMANDS = {"check": "validate", "build": "build"}


def run(work: Path, size: Size) -> list[Section]:
    """Measure the real package (a copy) and a made-up one of `size.rows` rows."""
    packages = {"the real records": _copied(work / "real"), "made-up records": synthesized(work / "package", size.rows)}
    rows = []
    for name, package in packages.items():
        edit = changer(package)
        for command in COMMANDS:
            costs = compare(_jobs(package, command, edit), size.repeats)
            rows += [[f"{name}, {source_rows(package):,} rows", f"make {command}", what, *_cells(cost, costs["from scratch"])] for what, cost in costs.items()]
    lead = """A changed row is one cell of the table of people. Then only that table is proven and merged again; what is between tables is always
checked, and the database always written whole, so that it is the same bytes as one from scratch. Where nothing has changed, a build makes sure by
its checksum that the database is the one it made, and leaves it."""
    shown = "\n".join(f"python -m scripts {c} --package datapackage.yaml" for c in COMMANDS.values())
    columns = ["records", "command", "after", "seconds", "CPU seconds", "peak MB", "of from scratch", "runs"]
    return [Section("One changed row", lead, shown, columns, rows)]


def _cells(cost: Cost, scratch: Cost) -> list[object]:
    return [cost.seconds, cost.cpu, cost.peak // 10**6, cost.seconds / scratch.seconds, cost.runs]


def _copied(folder: Path) -> Package:
    """The real package where it may be changed."""
    folder.mkdir()
    for name in ("schema", "sources", "views"):
        shutil.copytree(ROOT / name, folder / name)
    return load_package(Path(shutil.copy(ROOT / "datapackage.yaml", folder)))


def _jobs(package: Package, command: str, edit: Callable[[], None]) -> dict[str, Job]:
    """The command from scratch, then twice more in what the runs before have left; these run in this order."""
    line = [*SCRIPTS, COMMANDS[command], "--package", str(package.root / "datapackage.yaml")]
    warm = Job([line])
    return {
        "from scratch": Job([line], lambda: shutil.rmtree(package.root / "dist", ignore_errors=True)),
        "one changed row": Job([line], edit),
        "nothing changed": Job([line], lambda: None if (package.root / "dist").exists() else cost_of(warm)),
    }


def changer(package: Package) -> Callable[[], None]:
    """What changes one cell of the subject table, another way each time, and nothing else."""
    table = package.subject or package.observed[0]
    assert table.path is not None
    path, (_, *rows) = table.path, read_rows(table.path)
    column = next(i for i, f in enumerate(table.fields) if f.may_contradict and f.is_published and not {"edtf", "url", "script"} & set(f.descriptor))
    turns = count()

    def change() -> None:
        rows[0][column] = f"Changed {next(turns)}"
        path.write_text(canonical(table, rows), encoding="utf-8", newline="")

    return change

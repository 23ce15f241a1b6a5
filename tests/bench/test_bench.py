"""The benchmarks measure work that was done: a tiny run of each part, without any judgement of times."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import changed, growth, pipeline, report
from bench.__main__ import main
from bench.measure import BenchError, Job, Size, compare, cost_of
from scripts.package import load_package

SIZE = Size(rows=300, repeats=1)


def test_everybody_does_the_same_work(tmp_path: Path) -> None:
    (section,) = pipeline.run(tmp_path, SIZE)
    names = [row[0] for row in section.rows]
    assert names[:4] == ["**build**", "**validate**", "frictionless validate", "sqlite-utils insert"]
    assert names[4] in ("sqlite3 .import", "sqlite3 executemany")
    assert section.rows[0][6] == 1.0 and all(len(row) == len(section.columns) for row in section.rows)
    package = load_package(tmp_path / "package/datapackage.yaml")
    databases = [tmp_path / f"{name}.db" for name in ("ours", "sqlite-utils", "floor")]
    assert {pipeline.loaded_rows(package, d) for d in databases} == {pipeline.source_rows(package)}


def test_the_floor_without_the_command_line_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = pipeline.synthesized(tmp_path / "package", 300)
    monkeypatch.setattr(pipeline.shutil, "which", lambda name: None)
    cost_of(Job(pipeline._floor(package, tmp_path / "floor.db")))
    assert pipeline.loaded_rows(package, tmp_path / "floor.db") == pipeline.source_rows(package)


def test_growth(tmp_path: Path) -> None:
    (section,) = growth.run(tmp_path, Size(rows=20_000, repeats=1))
    assert [round(row[0] / 20_000, 2) for row in section.rows] == [0.01, 0.1, 1.02]


def test_one_changed_row(tmp_path: Path) -> None:
    (section,) = changed.run(tmp_path, SIZE)
    assert [row[1:3] for row in section.rows] == [
        ["make check", "from scratch"], ["make check", "one changed row"], ["make check", "nothing changed"],
        ["make build", "from scratch"], ["make build", "one changed row"], ["make build", "nothing changed"],
    ] * 2  # fmt: skip


def test_a_change_is_one_cell(tmp_path: Path) -> None:
    package = pipeline.synthesized(tmp_path / "package", 300)
    assert package.subject and package.subject.path
    change, lines = changed.changer(package), []
    for _ in range(2):
        change()
        lines.append(package.subject.path.read_text().splitlines())
    assert [i for i, (a, b) in enumerate(zip(*lines, strict=True)) if a != b] == [1]


def test_costs() -> None:
    busy = "x = bytearray(60_000_000)\nfor i in range(1_000_000): pass"
    costs = compare({"idle": Job([[sys.executable, "-c", ""]]), "busy": Job([[sys.executable, "-c", busy]] * 2)}, 3)
    assert costs["busy"].peak > 60_000_000 > costs["idle"].peak and costs["busy"].runs == 3
    assert costs["busy"].cpu > costs["idle"].cpu > 0


def test_what_fails_is_told() -> None:
    with pytest.raises(BenchError, match=r"(?s)ended with 3:.*no luck"):
        cost_of(Job([[sys.executable, "-c", "print('no luck'); raise SystemExit(3)"]]))


def test_a_table_of_numbers() -> None:
    section = report.Section("Title", "Lead.", "do this", ["what", "seconds"], [["one", 0.1234], ["two", 12345.6]])
    assert report.markdown(section) == ("## Title\n\nLead.\n\n    do this\n\n| what | seconds |\n| --- | ---: |\n| one | 0.12 |\n| two | 12,346 |\n")


def test_a_part_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    sections = [report.Section("Title", "Lead.", "do this", ["what"], [["one"]])]
    report.write(page, {"growth": report.block("growth", "here", []), "changed": report.block("changed", "here", sections)})
    report.write(page, {"growth": report.block("growth", "there", sections)})
    assert re.findall(r"<!-- (.*?) -->|^\*(\w+)\.\*$", page.read_text(), re.M) == [
        ("growth", ""), ("", "there"), ("end of growth", ""), ("changed", ""), ("", "here"), ("end of changed", ""),
    ]  # fmt: skip


def test_the_command_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--only", "growth", "--rows", "20000", "--repeats", "1"])
    assert done.exit_code == 0 and "## Growth" in done.output
    assert os.uname().nodename not in done.output and str(Path.home()) not in done.output

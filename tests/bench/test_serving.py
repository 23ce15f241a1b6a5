"""The benches of serving and downloads, run small: every section has its rows, nothing failed. How fast anything is, is not asserted."""

from __future__ import annotations

from pathlib import Path

from bench import downloads, serving
from bench.load import find_wrk
from bench.measure import Size
from bench.report import Section

TINY = Size(rows=1000, repeats=1)


def column(section: Section, name: str) -> list[object]:
    return [row[section.columns.index(name)] for row in section.rows]


def test_serving(tmp_path: Path) -> None:
    """It raises where an answer is not 200, or plain Datasette gives other rows than this site."""
    find_wrk()
    data = serving._big(tmp_path / "big", TINY)
    pages, many, cached = serving.sections(data, "Few", tmp_path / "nginx", clients=(2,), seconds=0.1)
    assert [s.title for s in (pages, many, cached)] == ["Few: one page at a time", "Few: many readers at once", "Few: from nginx’s cache"]
    assert (len(pages.rows), len(many.rows), len(cached.rows)) == (9, 14, 8)
    assert set(column(many, "faulty")) == set(column(cached, "faulty")) == {0}
    assert all(isinstance(n, float) and n > 0 for n in [*column(many, "this site /s"), *column(cached, "answers /s")])
    assert all(len(row) == len(s.columns) for s in (pages, many, cached) for row in s.rows)


def test_downloads(tmp_path: Path) -> None:
    """It raises where the download or the stream lack a row of the table."""
    files, releases = downloads.run(tmp_path, TINY)
    assert [(row[0], row[2]) for row in files.rows] == [(r, w) for r in ("real records", "1,000 rows") for w in ("**/downloads/**", "Datasette `?_stream=on`")]
    assert column(files, "rows")[0] == column(files, "rows")[1] and column(files, "rows")[2] == column(files, "rows")[3]
    assert column(releases, "records") == ["real records", "1,000 rows"]
    assert all(len(row) == len(s.columns) for s in (files, releases) for row in s.rows)

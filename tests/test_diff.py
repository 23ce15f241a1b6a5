"""What changed between two releases: in which cell, from what to what, on whose word; and in four forms."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts.build import build
from scripts.diff import Cell, Change, Diff, compare, digest, unannounced
from scripts.diff_formats import as_atom, as_json, as_markdown, as_text
from scripts.package import Package, PackageError, load_package
from scripts.progress import Stages
from scripts.releases import previous_release, release_database
from scripts.snapshot import snapshot
from tests.conftest import MINI, ROOT


def make(folder: Path, name: str) -> Path:
    return build(load_package(folder / "datapackage.yaml"), folder / "dist" / f"{name}.db", Stages()).path


def replace(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / "sources" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def changed(mini: Path) -> Diff:
    """One record each added, changed, renamed and withdrawn; a source's title mended; a column and a table more."""
    old = make(mini, "old")
    replace(
        mini,
        "people",
        "babak-alipour,daily-1,Babak Alipour,,1991-05,law graduate; teacher",
        "babak-alipour,daily-1,Babak Alipour,,1991-06,law graduate; writer",
    )
    replace(
        mini, "people", "karim-galipour,agency-1,Karim Galipour,,,,,\n", "karim-alipour,agency-1,Karim Alipour,,,,,\nmina-moradi,agency-1,Mina Moradi,,,,,\n"
    )
    replace(mini, "people", "reza-rasaei,agency-1,Reza Rasaei,,1990,,released,\n", "")
    replace(mini, "events", "reza-rasaei-arrest-1,agency-1,reza-rasaei,,,Tehran,,,false\n", "")
    replace(mini, "sources", "A first report", "A first report (mended)")
    hashed = [f"events,{digest('reza-rasaei-arrest-1')},,withdrawn", f"people,{digest('reza-rasaei')},,withdrawn"]
    rows = [*hashed, "people,karim-galipour,karim-alipour,renamed"]
    (mini / "sources" / "retired_ids.csv").write_text("table,id,replaced_by,reason\n" + "\n".join(rows) + "\n", encoding="utf-8")
    schema = (mini / "schema" / "events.yaml").read_text(encoding="utf-8")
    (mini / "schema" / "events.yaml").write_text(schema.replace("name: count,", "name: number,").replace("place, count", "place, number"), encoding="utf-8")
    replace(mini, "events", "place,detail,count,alone", "place,detail,number,alone")
    return compare(load_package(mini / "datapackage.yaml"), old, make(mini, "new"))


def test_changes(changed: Diff) -> None:
    assert (changed.name, changed.old, changed.new) == ("mini", "unversioned", "unversioned")
    assert changed.changes == [
        Change("changed", "sources", "agency-1", "A first report (mended)", [Cell("title", "A first report", "A first report (mended)", [])]),
        Change("added", "people", "karim-alipour", "Karim Alipour"),
        Change("added", "people", "mina-moradi", "Mina Moradi"),
        Change("changed", "people", "babak-alipour", "Babak Alipoor", [
            Cell("born", "1991-05", "1991-06", ["daily-1"]),
            Cell("works", "law graduate; teacher", "law graduate; writer", ["daily-1"]),
        ]),
        Change("removed", "people", "karim-galipour", "Karim Galipour", reason="renamed", successor="karim-alipour"),
        Change("removed", "people", digest("reza-rasaei"), reason="withdrawn"),
        Change("removed", "events", digest("reza-rasaei-arrest-1"), reason="withdrawn"),
    ]  # fmt: skip
    assert (changed.shape_added, changed.shape_removed) == (["events.number"], ["events.count"])


def test_nothing_tells_whom_a_withdrawn_record_was_about(changed: Diff) -> None:
    for form in (as_text, as_json, as_markdown, as_atom):
        assert "rasaei" not in form(changed).lower()


def test_text(changed: Diff) -> None:
    assert as_text(changed) == (
        "mini: unversioned → unversioned\n"
        "2 records added, 2 records changed, 3 records removed.\n"
        "new in the structure: events.number\n"
        "gone from the structure: events.count\n"
        "~ sources/agency-1 (A first report (mended))\n"
        "    title: “A first report” → “A first report (mended)”\n"
        "+ people/karim-alipour (Karim Alipour)\n"
        "+ people/mina-moradi (Mina Moradi)\n"
        "~ people/babak-alipour (Babak Alipoor)\n"
        "    born: “1991-05” → “1991-06” (according to daily-1)\n"
        "    works: “law graduate; teacher” → “law graduate; writer” (according to daily-1)\n"
        "- people/karim-galipour (Karim Galipour): renamed, now karim-alipour\n"
        f"- people/{digest('reza-rasaei')}: withdrawn\n"
        f"- events/{digest('reza-rasaei-arrest-1')}: withdrawn\n"
    )


def test_json(changed: Diff) -> None:
    told = json.loads(as_json(changed))
    assert list(told) == ["name", "old", "new", "changes", "shape_added", "shape_removed"]
    assert told["changes"][3] == {
        "kind": "changed",
        "table": "people",
        "record": "babak-alipour",
        "label": "Babak Alipoor",
        "cells": [
            {"field": "born", "before": "1991-05", "after": "1991-06", "sources": ["daily-1"]},
            {"field": "works", "before": "law graduate; teacher", "after": "law graduate; writer", "sources": ["daily-1"]},
        ],
        "reason": None,
        "successor": None,
    }


def test_markdown(changed: Diff) -> None:
    assert as_markdown(changed) == (
        "# Changes from unversioned to unversioned\n\n2 records added, 2 records changed, 3 records removed.\n\n"
        "- new in the structure: events.number\n- gone from the structure: events.count\n\n"
        "## sources\n\nChanged (1):\n\n- `agency-1` (A first report (mended))\n  - title: “A first report” → “A first report (mended)”\n\n"
        "## people\n\nAdded (2):\n\n- `karim-alipour` (Karim Alipour)\n- `mina-moradi` (Mina Moradi)\n\n"
        "Changed (1):\n\n- `babak-alipour` (Babak Alipoor)\n"
        "  - born: “1991-05” → “1991-06” (according to daily-1)\n"
        "  - works: “law graduate; teacher” → “law graduate; writer” (according to daily-1)\n\n"
        f"Removed (2):\n\n- `karim-galipour` (Karim Galipour): renamed, now karim-alipour\n- `{digest('reza-rasaei')}`: withdrawn\n\n"
        f"## events\n\nRemoved (1):\n\n- `{digest('reza-rasaei-arrest-1')}`: withdrawn\n"
    )


def test_markdown_shows_text_as_it_is() -> None:
    cell = Cell("note", None, "*one* <b>two</b> [x](y) | `z`", ["a_b"])
    lines = as_markdown(Diff("x", "1", "2", [Change("changed", "t", "r", None, [cell])], [], [])).splitlines()
    assert lines[-1] == "  - note: empty → “\\*one\\* \\<b\\>two\\</b\\> \\[x\\](y) \\| \\`z\\`” (according to a\\_b)"


def test_atom(changed: Diff) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(as_atom(changed).encode())
    assert as_atom(changed).startswith("<?xml version='1.0' encoding='utf-8'?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">")
    assert feed.findtext(f"{atom}title") == "mini: changes from unversioned to unversioned"
    assert feed.findtext(f"{atom}updated") == "1980-01-01T00:00:00Z"
    assert feed.findtext(f"{atom}author/{atom}name") == "mini"
    entries = feed.findall(f"{atom}entry")
    assert len({e.findtext(f"{atom}id") for e in entries}) == len(changed.changes)
    assert all(e.findtext(f"{atom}id", "").startswith("urn:uuid:") and e.findtext(f"{atom}updated") for e in entries)
    assert entries[3].findtext(f"{atom}title") == "people/babak-alipour (Babak Alipoor): changed"
    assert entries[3].findtext(f"{atom}content") == (
        "changed\nborn: “1991-05” → “1991-06” (according to daily-1)\nworks: “law graduate; teacher” → “law graduate; writer” (according to daily-1)"
    )


def test_only_unannounced_removals_are_refused(changed: Diff, mini: Path) -> None:
    package = load_package(mini / "datapackage.yaml")
    assert unannounced(package, changed) == []
    lost = Diff("mini", "1", "2", [Change("removed", "people", "x"), Change("removed", "decisions", "people/x/born", reason="no longer applies")], [], [])
    assert [str(p) for p in unannounced(package, lost)] == [
        'sources/retired_ids.csv: id: "people/x" was published in version 1 and is gone; ids never vanish: say here whether it was merged, renamed or withdrawn'
    ]


def test_a_table_that_vanishes_is_told_record_by_record(mini: Path) -> None:
    old = make(mini, "old")
    text = (mini / "datapackage.yaml").read_text(encoding="utf-8")
    (mini / "datapackage.yaml").write_text("".join(line for line in text.splitlines(True) if "events" not in line), encoding="utf-8")
    package = load_package(mini / "datapackage.yaml")
    diff = compare(package, old, make(mini, "new"))
    assert diff.shape_removed[:2] == ["events", "events.alone"]
    assert [(c.kind, c.table, c.record) for c in diff.changes] == [
        ("removed", "events", "babak-alipour-arrest-1"),
        ("removed", "events", "reza-rasaei-arrest-1"),
    ]
    assert len(unannounced(package, diff)) == 2


def test_an_id_that_a_withdrawal_left_in_another_record_is_hidden(mini: Path) -> None:
    """A reference that led to a withdrawn record does not name it."""
    replace(mini, "events", "reza-rasaei-arrest-1,agency-1,reza-rasaei", "reza-rasaei-arrest-1,agency-1,karim-galipour")
    old = make(mini, "old")
    replace(mini, "people", "karim-galipour,agency-1,Karim Galipour,,,,,\n", "")
    replace(mini, "events", "reza-rasaei-arrest-1,agency-1,karim-galipour", "reza-rasaei-arrest-1,agency-1,reza-rasaei")
    replace(mini, "retired_ids", "table,id,replaced_by,reason\n", f"table,id,replaced_by,reason\npeople,{digest('karim-galipour')},,withdrawn\n")
    diff = compare(load_package(mini / "datapackage.yaml"), old, make(mini, "new"))
    assert diff.of("changed") == [
        Change("changed", "events", "reza-rasaei-arrest-1", None, [Cell("person", digest("karim-galipour"), "reza-rasaei", ["agency-1"])])
    ]


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(mini: Path) -> Path:
    """The tiny package in a repository: tag v1, then a change of the data, tag v2, then a change of a document."""
    git(mini, "init", "--quiet")
    git(mini, "add", ".")
    git(mini, "commit", "--quiet", "--message", "One")
    git(mini, "tag", "v1")
    replace(mini, "people", "reza-rasaei,agency-1,Reza Rasaei,,1990,", "reza-rasaei,agency-1,Reza Rasaei,,1989,")
    git(mini, "commit", "--quiet", "--all", "--message", "Two")
    git(mini, "tag", "v2")
    (mini / "README.md").write_text("A document.\n", encoding="utf-8")
    git(mini, "add", ".")
    git(mini, "commit", "--quiet", "--message", "Three")
    return mini


def run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts", *arguments, "--package", str(repository / "datapackage.yaml")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_between_git_revisions_snapshots_and_databases(repository: Path, tmp_path: Path) -> None:
    expected = "~ people/reza-rasaei (Reza Rasaei)\n    born: “1990” → “1989” (according to agency-1)\n"
    package = load_package(repository / "datapackage.yaml")
    written = snapshot(package, repository / "datapackage.yaml", tmp_path / "snapshots", None, Stages())
    for new in ("HEAD", "v2", str(written.folder), str(written.archive), str(written.folder / "mini.db")):
        done = run(repository, "diff", "v1", new)
        assert done.stdout.endswith(f"0 records added, 1 records changed, 0 records removed.\n{expected}"), done.stderr
    assert run(repository, "diff", "v1", "v2", "--format", "markdown").stdout.endswith("  - born: “1990” → “1989” (according to agency-1)\n")


def test_the_release_before(repository: Path) -> None:
    """It depends on the commit that made the data what it is, so that later documents do not change a release."""
    assert previous_release(repository) == "v1"
    done = run(repository, "snapshot")
    assert done.stdout.splitlines()[0].endswith("compared with v1"), done.stderr
    folder = next(p for p in (repository / "dist" / "snapshots").iterdir() if p.is_dir())
    assert "born: “1990” → “1989”" in (folder / "CHANGES.md").read_text(encoding="utf-8")


def test_what_is_no_release_is_refused(mini_package: Package, mini: Path, tmp_path: Path) -> None:
    path = mini / "datapackage.yaml"
    (tmp_path / "text.db").write_text("no database", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for what, message in [("no-such", "is neither a database"), (str(tmp_path / "empty"), "holds 0 databases"), (str(tmp_path / "text.db"), "is no database")]:
        with pytest.raises(PackageError, match=message):
            release_database(what, path, tmp_path)
    done = run(mini, "diff", "no-such", "no-such")
    assert (done.returncode, done.stderr) == (1, "no-such: is neither a database, a snapshot (folder or zip) nor a git revision\n")


def test_a_release_equals_itself(mini: Path) -> None:
    database = make(mini, "one")
    copy = shutil.copy(database, mini / "two.db")
    diff = compare(load_package(MINI / "datapackage.yaml"), database, Path(copy))
    assert as_text(diff) == "mini: unversioned → unversioned\n0 records added, 0 records changed, 0 records removed.\n"

"""The report of quality: every number of it, on packages small enough to count by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.build import check
from scripts.package import Package, load_package
from scripts.progress import Stages
from scripts.report import QUALITY, report
from tests.conftest import MINI, ROOT

MINI_PAGE = """\
# Quality in numbers

Written by `make docs` from the sources; a test refuses it when it has drifted. [The method](methodology.md) says what the words mean.
A *record* is one person, ruling or other thing; a *row* is what one source says about it; a *voice* is a publisher, or several that are
not independent of each other. These numbers tell how complete the dataset is, not how things are in the world: every count is "at least".

## Tables

| Table | Records | Rows | Sources | Two voices or more | Records in dispute |
| --- | ---: | ---: | ---: | ---: | ---: |
| people | 3 | 6 | 4 | 33.3% | 1 |
| events | 2 | 4 | 3 | 50.0% | 1 |

10 rows of observations in all. Rows of the other tables: publishers: 4, sources: 5, decisions: 0, retired_ids: 0. Sources that no row names: 1.

## Who speaks

The 2 voices with most rows, of 2. A page that relays another's report counts as that voice.

| Voice | Sources | Rows of observations | Share |
| --- | ---: | ---: | ---: |
| agency | 2 | 7 | 70.0% |
| party | 2 | 3 | 30.0% |

## Voices behind each record

1 of 3 people (33.3%) have two independent voices or more.

| Voices | people | Share |
| --- | ---: | ---: |
| 1 | 2 | 66.7% |
| 2 | 1 | 33.3% |

Single voices behind 2 people: agency 2.

## How recent the news is

When people were last told of: the newest date of their sources or of their status, a partial date read as its first day.

| Last told of | people | On death row |
| --- | ---: | ---: |
| 2025, January to June | 1 | 0 |
| 2024, January to June | 2 | 0 |

## Disagreements

| Field | Records in dispute | Of the records that have it | Other values | Decided by an editor |
| --- | ---: | ---: | ---: | ---: |
| events.count | 1 | 100.0% | 1 | 0 |
| events.date | 1 | 100.0% | 2 | 0 |
| events.place | 1 | 50.0% | 2 | 0 |
| people.born | 1 | 50.0% | 1 | 0 |

6 values contradict the one shown, in 4 fields of records.

## Not mapped

Fields with a closed vocabulary, or that refer to another table, which no source fills or whose words do not map to one value.

| Field | Records without it | Share | Of these, words are given |
| --- | ---: | ---: | ---: |
| people.status | 1 | 33.3% |  |

## Filled columns

### publishers

4 rows.

| Column | Rows | Expected |
| --- | ---: | ---: |
| id | 100.0% |  |
| name | 100.0% |  |
| voice | 100.0% |  |

### sources

5 rows.

| Column | Rows | Expected |
| --- | ---: | ---: |
| id | 100.0% |  |
| title | 100.0% |  |
| url | 100.0% |  |
| publisher | 100.0% |  |
| relays | 20.0% |  |
| published | 100.0% |  |

### people

3 records, 6 rows.

| Column | Records | Rows | Expected |
| --- | ---: | ---: | ---: |
| id | 100.0% | 100.0% |  |
| source |  | 100.0% |  |
| name | 100.0% | 100.0% |  |
| name_fa | 33.3% | 16.7% |  |
| born | 66.7% | 83.3% |  |
| works | 33.3% | 33.3% |  |
| status | 66.7% | 83.3% |  |
| status_date | 33.3% | 66.7% |  |

### events

2 records, 4 rows.

| Column | Records | Rows | Expected |
| --- | ---: | ---: | ---: |
| id | 100.0% | 100.0% |  |
| source |  | 100.0% |  |
| person | 100.0% | 100.0% |  |
| date | 50.0% | 75.0% |  |
| ended | 50.0% | 25.0% |  |
| place | 100.0% | 100.0% |  |
| detail | 50.0% | 25.0% |  |
| count | 50.0% | 75.0% |  |
| alone | 100.0% | 75.0% |  |
"""


def page(package: Package) -> str:
    checked = check(package, Stages())
    return report(package, checked.frames, checked.consolidated)


def section(text: str, title: str) -> str:
    """The part of a page under a heading of the second level, up to the next."""
    return text.split(f"## {title}\n\n")[1].split("\n## ")[0]


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def test_the_whole_page() -> None:
    assert page(load_package(MINI / "datapackage.yaml")) == MINI_PAGE


def test_words_that_wait_for_a_value_are_told_with_expectations_and_decisions(mini: Path) -> None:
    edit(
        mini / "schema/people.yaml",
        ("expect: {rows: 1}", "expect: {rows: 1, two_voices: 0.25, filled: {born: 0.5}}"),
        ("  - {name: status_date", "  - {name: status_reported, type: string, description: In its words.}\n  - {name: status_date"),
    )
    edit(
        mini / "sources/people.csv",
        ("status,status_date", "status,status_reported,status_date"),
        ("on-death-row,2024-02-01", "on-death-row,,2024-02-01"),
        ("on-death-row,2024-02-02", "on-death-row,,2024-02-02"),
        ("executed,2024-03", "executed,,2024-03"),
        ("Karim Galipour,,,,,", "Karim Galipour,,,,,held | lost,"),
        ("1990,,released,", "1990,,released,,"),
    )
    edit(mini / "sources/decisions.csv", ("reason\n", "reason\npeople,babak-alipour,born,1990,The register says so.\n"))
    text = page(load_package(mini / "datapackage.yaml"))
    assert (
        section(text, "Not mapped")
        == """\
Fields with a closed vocabulary, or that refer to another table, which no source fills or whose words do not map to one value.

| Field | Records without it | Share | Of these, words are given |
| --- | ---: | ---: | ---: |
| people.status | 1 | 33.3% | 1 |

The most frequent of 1 wordings without people.status:

| Words | Records |
| --- | ---: |
| held \\| lost | 1 |
"""
    )
    assert "1 of 3 people (33.3%) have two independent voices or more; the build stops below 25%.\n" in section(text, "Voices behind each record")
    assert "| people.born | 1 | 50.0% | 2 | 1 |\n" in section(text, "Disagreements")
    assert "| born | 66.7% | 83.3% | at least 50% |\n" in section(text, "Filled columns")


def test_publishers_and_sources_are_told_by_vocabulary_and_facet(mini: Path) -> None:
    kinds = "{name: kind, type: string, description: K., constraints: {enum: [news, party]}, categories: [{value: news, label: News}, {value: party, label: Party}]}"
    edit(mini / "schema/publishers.yaml", ("  - {name: voice", f"  - {kinds}\n  - {{name: voice"))
    edit(
        mini / "sources/publishers.csv",
        ("name,voice", "name,kind,voice"), ("Agency,", "Agency,news,"), ("Daily,", "Daily,news,"), ("Party,", "Party,party,"), ("Party TV,", "Party TV,party,"),
    )  # fmt: skip
    edit(mini / "schema/sources.yaml", ("label: title", "label: title\nfacets: [publisher, published]"))
    assert (
        section(page(load_package(mini / "datapackage.yaml")), "Who speaks")
        == """\
| publishers.kind | Publishers | Voices | Sources | Rows of observations |
| --- | ---: | ---: | ---: | ---: |
| News | 2 | 2 | 3 | 7 |
| Party | 2 | 1 | 2 | 3 |

The 2 voices with most rows, of 2. A page that relays another's report counts as that voice.

| Voice | Sources | Rows of observations | Share |
| --- | ---: | ---: | ---: |
| agency | 2 | 7 | 70.0% |
| party | 2 | 3 | 30.0% |

sources.published: 2024-02-01 1, 2024-02-02 1, 2024-03 1, 2024-04-01 1, 2025-04-02 1.
"""
    )


def test_a_package_without_rows_has_a_page(mini: Path) -> None:
    edit(mini / "schema/people.yaml", ("expect: {rows: 1}", "expect: {rows: 0}"))
    for path in (mini / "sources").glob("*.csv"):
        path.write_text(path.read_text().splitlines()[0] + "\n")
    text = page(load_package(mini / "datapackage.yaml"))
    assert section(text, "Tables").startswith(
        "| Table | Records | Rows | Sources | Two voices or more | Records in dispute |\n| --- | ---: | ---: | ---: | ---: | ---: |\n| people | 0 | 0 | 0 | – | 0 |\n"
    )


def test_the_command_prints_the_page_or_writes_it(mini: Path) -> None:
    command = [sys.executable, "-m", "scripts", "report", "--package", str(mini / "datapackage.yaml")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert (done.stdout, (mini / QUALITY).exists()) == (MINI_PAGE, False)
    done = subprocess.run([*command, "--write"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert (done.stdout, (mini / QUALITY).read_text()) == ("", MINI_PAGE)


def test_sources_that_are_wrong_have_no_report(mini: Path) -> None:
    edit(mini / "sources/people.csv", (",1991,", ",19x1,"))
    command = [sys.executable, "-m", "scripts", "report", "--package", str(mini / "datapackage.yaml"), "--write"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, (mini / QUALITY).exists()) == (1, "", False)


def test_the_page_in_the_repository_is_what_the_sources_say(real_package: Package) -> None:
    assert (ROOT / QUALITY).read_text() == page(real_package), "run `make docs`"

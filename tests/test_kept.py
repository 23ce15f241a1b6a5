"""What is kept from the run before saves work and changes nothing: the same bytes, the same errors, the same warnings."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import kept as kept_module
from scripts import prove, validate
from scripts.build import Built, build, judge
from scripts.files import canonical, read_rows
from scripts.kept import Kept
from scripts.package import load_package
from scripts.problems import Refused
from scripts.progress import Stages
from scripts.synthesize import synthesize
from tests.conftest import ROOT


def kept_folder(root: Path) -> Path:
    return root / "dist" / ".kept"


def make(root: Path, fresh: bool = False) -> Built:
    output = root / "dist" / ("fresh.db" if fresh else "kept.db")
    return build(load_package(root / "datapackage.yaml"), output, Stages(), Kept(None if fresh else kept_folder(root)))


def outcome(root: Path, fresh: bool) -> tuple[object, object]:
    """What a build comes to: its bytes and warnings, or what it was refused for."""
    try:
        built = make(root, fresh)
    except Refused as refused:
        return "refused", [str(p) for p in refused.problems]
    return built.path.read_bytes(), [str(p) for p in built.warnings]


def edit(root: Path, dice: random.Random) -> str:
    """Change, remove or copy one cell or row of one table, rightly or wrongly; what was done."""
    package = load_package(root / "datapackage.yaml")
    table = dice.choice([t for t in package.tables.values() if t.path and len(read_rows(t.path)) > 1])
    assert table.path is not None
    header, *rows = read_rows(table.path)
    row, column = dice.randrange(len(rows)), dice.randrange(len(header))
    what = dice.choice(["change", "empty", "swap", "swap", "remove", "unsort"])
    if what == "remove":
        del rows[row]
    elif what == "unsort":
        rows[row][0] = f"zz-{rows[row][0]}"
    else:
        rows[row][column] = {"change": f"x{dice.randrange(9)}", "empty": "", "swap": dice.choice(rows)[column]}[what]
    table.path.write_text(canonical(table, rows), encoding="utf-8")
    return f"{what} {table.name}:{row} {header[column]}"


@pytest.mark.parametrize("seed", range(4))
def test_any_change_gives_what_a_fresh_build_gives(tmp_path: Path, mini: Path, seed: int) -> None:
    """Edit after edit, right and wrong ones, each taken back half of the time, as editors do."""
    root = synthesize(load_package(mini / "datapackage.yaml"), 300, tmp_path / "made", seed).parent
    dice = random.Random(seed)
    make(root)
    for _ in range(12):
        before = {p: p.read_bytes() for p in (root / "sources").iterdir()}
        done = edit(root, dice)
        assert outcome(root, fresh=False) == outcome(root, fresh=True), done
        if dice.random() < 0.5:
            for path, data in before.items():
                path.write_bytes(data)
    assert outcome(root, fresh=False) == outcome(root, fresh=True)


def test_only_what_changed_is_proven_and_merged_again(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(mini)
    looked_at = []
    monkeypatch.setattr(validate, "is_clean", lambda table, frame: looked_at.append(table.name) or prove.is_clean(table, frame))
    events = mini / "sources/events.csv"
    events.write_text(events.read_text().replace("Karaj | Qom", "Karaj"))
    before = {p.name for p in kept_folder(mini).glob("merged-*")}
    make(mini)
    assert looked_at == ["events"]
    assert len(before & {p.name for p in kept_folder(mini).glob("merged-*")}) == 1  # that of people


def test_nothing_changed(mini: Path) -> None:
    command = [sys.executable, "-m", "scripts", "build", "--package", str(mini / "datapackage.yaml"), "--json"]
    first, second = (json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout) for _ in range(2))
    assert (first.pop("up_to_date"), second.pop("up_to_date")) == (False, True)
    assert first == second
    third = json.loads(subprocess.run([*command, "--fresh"], cwd=ROOT, check=True, capture_output=True).stdout)
    assert third == {**first, "up_to_date": False}


def test_another_database_is_not_taken_for_ours(mini: Path) -> None:
    built = make(mini)
    data = built.path.read_bytes()
    built.path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    again = make(mini)
    assert (again.up_to_date, again.path.read_bytes()) == (False, data)
    again.path.unlink()
    assert make(mini).path.read_bytes() == data


def test_a_flipped_byte_is_noticed(mini: Path) -> None:
    data = make(mini).path.read_bytes()
    for path in kept_folder(mini).iterdir():
        stored = bytearray(path.read_bytes())
        stored[-1] ^= 1
        path.write_bytes(stored)
    again = make(mini)
    assert (again.up_to_date, again.path.read_bytes()) == (False, data)
    assert make(mini).up_to_date


def test_a_result_under_another_name_is_noticed(mini: Path) -> None:
    """A proof of one table, put in the place of another's, proves nothing."""
    make(mini)
    (one, other, *_) = sorted(kept_folder(mini).glob("proof-*"))
    other.write_bytes(one.read_bytes())
    assert Kept(kept_folder(mini))._get(other.name) is None


@pytest.mark.parametrize("file", ["schema/people.yaml", "datapackage.yaml"])
def test_a_changed_schema_is_no_old_news(mini: Path, file: str) -> None:
    make(mini)
    path = mini / file
    path.write_text(path.read_text().replace("title:", "title: Other #", 1))
    assert not make(mini).up_to_date


def test_other_code_believes_nothing(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(mini)
    before = {p.name for p in kept_folder(mini).iterdir()}
    monkeypatch.setattr(kept_module, "code_digest", lambda: "other")
    assert not make(mini).up_to_date
    after = {p.name for p in kept_folder(mini).iterdir()}
    assert len(after) == len(before) and not after & before  # and what is of no use any more is gone


def test_what_cannot_be_kept_does_not_stop_a_build(mini: Path) -> None:
    (mini / "dist").mkdir()
    kept_folder(mini).write_text("a file where the folder should be")
    assert not make(mini).up_to_date and not make(mini).up_to_date


def check_command(root: Path, size: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts", "validate", "--package", str(root / "datapackage.yaml")]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    )


def add_twins(root: Path) -> str:
    """Two people of one name, who give rise to a warning that names them; the file as it was."""
    people = root / "sources/people.csv"
    before = people.read_text()
    people.write_text(before + "".join(f"zartosht-qaravoli{n},agency-1,Zartosht Qaravoli,,,,,\n" for n in ("", "-2")))
    return before


def test_a_check_of_nothing_new_tells_the_same(mini: Path) -> None:
    add_twins(mini)
    package = load_package(mini / "datapackage.yaml")
    first, again = (judge(package, Stages(), Kept(kept_folder(mini))) for _ in range(2))
    assert (again, len(again.warnings)) == (first, 1)
    assert len(list(kept_folder(mini).glob("verdict-*"))) == 1
    people = mini / "sources/people.csv"
    people.write_text(people.read_text().replace(",agency-1,Zartosht", ",nobody,Zartosht"))
    with pytest.raises(Refused):
        judge(package, Stages(), Kept(kept_folder(mini)))


@pytest.mark.parametrize("size", [resource.RLIM_INFINITY, 0])
def test_a_check_keeps_nothing_of_what_was_withdrawn(mini: Path, size: int) -> None:
    """Not even on a full disk, which is a line, and no reason to fail."""
    before = add_twins(mini)
    first = check_command(mini)
    held = [path.name for path in kept_folder(mini).iterdir() if b"Zartosht" in path.read_bytes()]
    assert first.returncode == 0 and {name.partition("-")[0] for name in held} == {"merged", "verdict"}
    (mini / "sources/people.csv").write_text(before)
    done = check_command(mini, size)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (0, "19 rows in 6 tables are valid.\n", 0 if size else 1), done.stderr
    assert [path.name for path in kept_folder(mini).iterdir() if b"Zartosht" in path.read_bytes()] == []


def test_a_build_that_is_up_to_date_keeps_nothing_of_rows_that_were_only_checked(mini: Path) -> None:
    """People who were added, checked and withdrawn, between two builds without them."""
    make(mini)
    names = {path.name for path in kept_folder(mini).iterdir()}
    before = add_twins(mini)
    judge(load_package(mini / "datapackage.yaml"), Stages(), Kept(kept_folder(mini)))
    assert [path.name for path in kept_folder(mini).iterdir() if b"Zartosht" in path.read_bytes()]
    (mini / "sources/people.csv").write_text(before)
    assert make(mini).up_to_date
    left = {path.name for path in kept_folder(mini).iterdir()}
    assert left <= names and not [name for name in left if b"Zartosht" in (kept_folder(mini) / name).read_bytes()]


def test_a_build_without_what_was_withdrawn_keeps_nothing_of_it(mini: Path) -> None:
    before = add_twins(mini)
    make(mini)
    (mini / "sources/people.csv").write_text(before)
    make(mini)
    assert [path.name for path in kept_folder(mini).iterdir() if b"Zartosht" in path.read_bytes()] == []

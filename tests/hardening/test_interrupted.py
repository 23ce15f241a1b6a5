"""Builds that are killed, starved or raced: the database is always the old one whole or the new one whole, and the next run tidies up.

KILLS=2000 kills that many builds; by default 200, in parts, so that the cores share them.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.aside import aside
from tests.conftest import MINI, ROOT

KILLS = int(os.environ.get("KILLS", "200"))
PARTS = 8
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def command(mini: Path, name: str = "build", output: Path | None = None) -> list[str]:
    to = output or mini / "dist" / ("mini.db" if name == "build" else "releases")
    return [sys.executable, "-m", "scripts", name, "--package", str(mini / "datapackage.yaml"), "--output", str(to)]


def run(mini: Path, preexec: Callable[[], object] | None = None, output: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(mini, output=output), cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=preexec)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def add_person(mini: Path) -> None:
    people = mini / "sources/people.csv"
    people.write_text(people.read_text() + "zahra-rad,agency-1,Zahra Rad,,,,,\n")


def left_behind(mini: Path) -> list[str]:
    return sorted(p.name for p in (mini / "dist").iterdir() if p.name not in ("mini.db", ".kept"))


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """The database of the tiny package, and the digest of the one that a further person makes of it."""
    mini = tmp_path_factory.mktemp("built") / "mini"
    shutil.copytree(MINI, mini)
    assert run(mini).returncode == 0
    old = (mini / "dist/mini.db").read_bytes()
    add_person(mini)
    assert run(mini).returncode == 0
    return old, digest(mini / "dist/mini.db")


@pytest.fixture
def changed(mini: Path, databases: tuple[bytes, str]) -> tuple[Path, str, str]:
    """The tiny package with a further person, in front of its old database; the digests of the old and of the new one."""
    old, new = databases
    add_person(mini)
    (mini / "dist").mkdir()
    (mini / "dist/mini.db").write_bytes(old)
    return mini, digest(mini / "dist/mini.db"), new


@pytest.mark.parametrize("part", range(PARTS))
def test_a_build_killed_at_any_moment_leaves_a_whole_database(changed: tuple[Path, str, str], part: int) -> None:
    """Half of the kills fall anywhere in the run, half while the new database is being written."""
    mini, old, new = changed
    before = (mini / "dist/mini.db").read_bytes()
    start = time.monotonic()
    assert run(mini, output=mini / "timed" / "mini.db").returncode == 0
    usual = time.monotonic() - start
    chance = random.Random(part)
    seen = []
    for i in range(KILLS // PARTS):
        (mini / "dist/mini.db").write_bytes(before)
        build = subprocess.Popen(command(mini), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if i % 2:
            time.sleep(chance.uniform(0, usual))
        else:
            wait_for_writing(mini, build)
            time.sleep(chance.uniform(0, usual / 8))
        build.send_signal(signal.SIGKILL)
        build.wait()
        seen.append(digest(mini / "dist/mini.db"))
    assert set(seen) <= {old, new}
    done = run(mini)
    assert (done.returncode, done.stderr, digest(mini / "dist/mini.db"), left_behind(mini)) == (0, "", new, [])


def wait_for_writing(mini: Path, build: subprocess.Popen[bytes]) -> None:
    def writing() -> set[str]:
        return {name for name in left_behind(mini) if name.startswith(".build-")}

    known = writing()
    while build.poll() is None and writing() <= known:
        time.sleep(0.001)


def test_a_killed_snapshot_is_tidied_up_by_the_next(mini: Path) -> None:
    """What it leaves is no release, and what another run is writing is left alone."""
    releases = mini / "dist" / "releases"
    (releases / ".snapshot-dead").mkdir(parents=True)
    with aside(releases, ".snapshot-") as alive:
        done = subprocess.run(command(mini, "snapshot"), cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, alive.exists(), (releases / ".snapshot-dead").exists()) == (0, True, False)
    assert not [p for p in releases.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize("size", [0, 4096, 100_000, 200_000])
def test_a_full_disk_is_a_line_and_the_old_database(changed: tuple[Path, str, str], size: int) -> None:
    """No file may grow beyond `size`, which SQLite and Python meet as they meet a full disk."""
    mini, old, _ = changed
    done = run(mini, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert (done.returncode, done.stdout, digest(mini / "dist/mini.db"), left_behind(mini)) == (1, "", old, [])
    assert len(done.stderr.splitlines()) == 1 and "mini.db could not be written: " in done.stderr


def test_a_folder_that_may_not_be_written_is_a_line_and_the_old_database(changed: tuple[Path, str, str]) -> None:
    mini, old, _ = changed
    (mini / "dist").chmod(0o555)
    try:
        done = run(mini, obey_permissions)
    finally:
        (mini / "dist").chmod(0o755)
    assert (done.returncode, done.stdout, digest(mini / "dist/mini.db"), left_behind(mini)) == (1, "", old, [])
    assert len(done.stderr.splitlines()) == 1 and done.stderr.endswith(": Permission denied\n")


def obey_permissions() -> None:
    """Take from the super-user the right to pass over permissions; for anybody else this does nothing."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.mark.parametrize("make", [lambda p: p.write_text("a file"), lambda p: p.symlink_to(p)])
def test_a_folder_that_is_none_is_a_line(mini: Path, make: Callable[[Path], object]) -> None:
    make(mini / "dist")
    done = run(mini)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert str(mini / "dist") in done.stderr


def test_a_folder_in_the_place_of_the_database_is_a_line(mini: Path) -> None:
    (mini / "dist/mini.db").mkdir(parents=True)
    done = run(mini)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert left_behind(mini) == [] and (mini / "dist/mini.db").is_dir()


def test_builds_at_once_all_succeed_and_the_last_one_stands_whole(changed: tuple[Path, str, str]) -> None:
    mini, old, new = changed
    builds = [subprocess.Popen(command(mini), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    while any(b.poll() is None for b in builds):
        assert digest(mini / "dist/mini.db") in (old, new)
        time.sleep(0.01)
    assert [(b.returncode, b.stderr and b.stderr.read()) for b in builds] == [(0, "")] * 4
    assert (digest(mini / "dist/mini.db"), left_behind(mini)) == (new, [])


@pytest.mark.parametrize("pull", ["unlink", "truncate", "rewrite"])
def test_sources_pulled_away_meanwhile(changed: tuple[Path, str, str], pull: str) -> None:
    """Whatever moment it hits, the run tells it in lines, or was done with the sources: then its database is the new one."""
    mini, old, new = changed
    people, before = mini / "sources/people.csv", (mini / "dist/mini.db").read_bytes()
    sound = people.read_bytes()
    chance = random.Random(7)
    for _ in range(4):
        (mini / "dist/mini.db").write_bytes(before)
        build = subprocess.Popen(command(mini), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(chance.uniform(0.2, 1.2))
        {"unlink": people.unlink, "truncate": lambda: os.truncate(people, 40), "rewrite": lambda: people.write_bytes(sound[:-1])}[pull]()
        _, told = build.communicate()
        people.write_bytes(sound)
        assert "Traceback" not in told
        assert (build.returncode, digest(mini / "dist/mini.db")) in ((0, new), (1, old)), told

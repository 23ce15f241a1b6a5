"""Find the database of a release: a file of its own, inside a snapshot, or built anew from a git revision."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

from scripts.build import build
from scripts.package import PackageError, load_package
from scripts.progress import Stages
from scripts.version import git, version_of

RELEASE_TAG = "v*"


def release_database(what: str, package_path: Path, aside: Path) -> Path:
    """The database that `what` means: a database, a snapshot's folder or zip, or a git revision of the package.

    What has to be unpacked or built goes into `aside`. Raises PackageError where `what` is none of these, Refused where the
    sources of a revision do not pass today's checks.
    """
    path = Path(what)
    if path.is_dir():
        return _only_database([str(p) for p in sorted(path.glob("*.db"))], what)
    if zipfile.is_zipfile(path):
        return _from_zip(path, aside)
    if path.is_file():
        return _checked(path)
    if commit := git(package_path.resolve().parent, "rev-parse", "--verify", "--quiet", f"{what}^{{commit}}"):
        return _from_revision(commit, package_path.resolve(), aside)
    raise PackageError(f"{what}: is neither a database, a snapshot (folder or zip) nor a git revision")


def previous_release(root: Path) -> str | None:
    """The newest release tag before the commit that made the package in `root` what it is; None where there is none."""
    commit = version_of(root).commit
    return git(root, "describe", "--tags", "--abbrev=0", "--match", RELEASE_TAG, f"{commit}^") or None if commit else None


def _from_zip(path: Path, aside: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        member = _only_database([n for n in archive.namelist() if n.endswith(".db")], str(path))
        target = aside / f"{path.stem}.db"
        with archive.open(str(member)) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    return target


def _from_revision(commit: str, package_path: Path, aside: Path) -> Path:
    """Build the database of a commit with today's code, from a clone that shares the repository's objects."""
    top = Path(git(package_path.parent, "rev-parse", "--show-toplevel")).resolve()
    clone = aside / commit
    for command in (["clone", "--quiet", "--shared", "--no-checkout", str(top), str(clone)], ["-C", str(clone), "checkout", "--quiet", "--detach", commit]):
        subprocess.run(["git", *command], check=True, capture_output=True)
    package = load_package(clone / package_path.relative_to(top))
    return build(package, aside / f"built-{commit}" / f"{commit}.db", Stages()).path  # a folder of its own: `aside` is locked by who made it


def _only_database(names: list[str], what: str) -> Path:
    if len(names) != 1:
        raise PackageError(f"{what}: holds {len(names)} databases; a snapshot has one")
    return Path(names[0])


def _checked(path: Path) -> Path:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            conn.execute("select 1 from build_info").fetchall()
    except sqlite3.DatabaseError as error:
        raise PackageError(f"{path}: is no database that this program has built ({error})") from error
    return path

"""Which version this is: told by git, so that the same commit always gives the same version."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

# what decides the bytes of what is published, relative to the package
PUBLISHED = ["datapackage.yaml", "metadata.yml", "schema", "sources", "views", "scripts", "site", "requirements.txt"]


class Version(NamedTuple):
    """`name` is a date (YYYY-MM-DD) or "unversioned"; `commit` is a git hash or empty; `seconds` since 1970, UTC."""

    name: str
    commit: str
    seconds: int


def version_of(root: Path) -> Version:
    """The version of the package in `root`: the date of the newest commit that touches what is published.

    The environment variable SOURCE_DATE_EPOCH (reproducible-builds.org) overrides the date.
    """
    commit, _, seconds = git(root, "log", "-1", "--format=%H %ct", "--", *PUBLISHED).partition(" ")
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        seconds = epoch
    if not seconds:
        return Version("unversioned", "", 315532800)  # 1980, the oldest date a zip file can hold
    return Version(datetime.fromtimestamp(int(seconds), UTC).date().isoformat(), commit, int(seconds))


def git(root: Path, *arguments: str) -> str:
    """What a git command in `root` prints; empty where it fails or there is no git."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""  # no git: the files may come from a snapshot
    return done.stdout.strip() if done.returncode == 0 else ""

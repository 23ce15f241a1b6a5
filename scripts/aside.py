"""A folder in which to write what is moved into place when it is whole; what a killed run left behind goes with the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def aside(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent` (made where it is missing) whose name starts with `prefix`; it is gone afterwards.

    Its owner holds a lock on it, which the system lets go when the owner dies: folders of dead runs are cleared away first,
    those of runs that are alive are left alone.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with _locked(parent):
        for left in parent.glob(f"{prefix}*"):
            if _is_dead(left):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        handle = _lock(folder, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a failure here must not hide why the run failed; the next one clears
        os.close(handle)


def replace(new: Path, target: Path) -> None:
    """Make `new` durable, then let it take the place of `target` in one step that a reader never sees half done."""
    _sync(new)
    new.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = _lock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def _lock(folder: Path, how: int) -> int:
    """The handle of a folder whose lock this process now holds, until the handle is closed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, how)
    except OSError:
        os.close(handle)
        raise
    return handle


def _is_dead(folder: Path) -> bool:
    """Whether a folder's owner is gone: nobody holds its lock."""
    with suppress(OSError):
        os.close(_lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB))
        return True
    return False

"""Results of the run before, by what they were made from, so that `check` and `build` redo only what depends on a change.

A result is looked up by the SHA-256 of everything it follows from: the code, the libraries, the schema, the rows. It stands in a file that
begins with a checksum: one that is damaged, or not there, is made again. What the latest run did not use is removed.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import click
import polars as pl

from scripts.aside import aside
from scripts.package import Package, Table

CODE = Path(__file__).parent
SIZE = hashlib.sha256().digest_size


class Kept:
    """Results kept in `folder`; without one nothing is, and everything is made anew."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder
        self.digests: dict[str, str] = {}  # of the source files of this run, by path in the package
        self._used: set[str] = set()
        self._new: dict[str, Callable[[], bytes]] = {}

    def rows(self, package: Package, table: Table, frame: pl.DataFrame) -> object:
        """What stands for a source table's rows among inputs: its file's digest where that is known, else the rows themselves."""
        assert table.path is not None
        return self.digests.get(str(table.path.relative_to(package.root))) or frame

    def frames(self, kind: str, inputs: object, make: Callable[[], tuple[pl.DataFrame, ...]]) -> tuple[pl.DataFrame, ...]:
        """What `make` returns, or what it returned for equal inputs (anything that JSON or a frame can say) before."""
        if not self.folder:
            return make()
        name = _name(kind, inputs)
        if (data := self._get(name)) is None:
            made = make()
            self._put(name, lambda: _packed(made))
            return made
        return _unpacked(data)

    def facts(self, kind: str, inputs: object) -> Any:
        """What `note` was given for equal inputs before; None where that is not known."""
        data = self._get(_name(kind, inputs)) if self.folder else None
        if data is None:
            return None
        facts, parts = json.loads(data)
        self._used.update(parts)
        return facts

    def note(self, kind: str, inputs: object, facts: Any, whole: bool = False) -> None:
        """Keep facts, anything that JSON can say, for equal inputs.

        What all of the run led to is `whole`: who reads it back uses whatever that run used, and all else is of other rows and goes.
        """
        if self.folder:
            self._put(_name(kind, inputs), json.dumps([facts, sorted(self._used) if whole else []]).encode)

    def write(self) -> None:
        """Keep what this run made, and of the kinds that it used nothing else; called once all that was read is known not to have changed.

        Where it cannot be written, a line says so, the next run has more to do, and that is all.
        """
        if not self.folder:
            return
        try:
            with aside(self.folder.parent, f"{self.folder.name}-") as work:
                self.folder.mkdir(exist_ok=True)
                self._remove_unused()  # first: what was withdrawn goes even where the disk is full
                self._write_new(work)
        except OSError as error:
            click.echo(f"warning: {self.folder}: not all could be kept for the next run: {error.strerror}", err=True)

    def _remove_unused(self) -> None:
        assert self.folder is not None
        kinds = {name.partition("-")[0] for name in self._used}
        for path in self.folder.iterdir():
            if path.name not in self._used and path.name.partition("-")[0] in kinds:
                path.unlink(missing_ok=True)

    def _write_new(self, work: Path) -> None:
        assert self.folder is not None
        for name, pack in self._new.items():
            data = pack()
            (work / name).write_bytes(_checksum(name, data) + data)
            (work / name).replace(self.folder / name)
        self._new.clear()

    def _get(self, name: str) -> bytes | None:
        assert self.folder is not None
        self._used.add(name)
        with suppress(OSError):
            stored = (self.folder / name).read_bytes()
            if stored[:SIZE] == _checksum(name, stored[SIZE:]):
                return stored[SIZE:]
        return None

    def _put(self, name: str, pack: Callable[[], bytes]) -> None:
        self._used.add(name)
        self._new[name] = pack


def frame_digest(frame: pl.DataFrame) -> str:
    """The SHA-256 of a frame's columns and rows, in their order."""
    return hashlib.sha256(frame.write_csv().encode()).hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def code_digest() -> str:
    """The SHA-256 of all that turns sources into results: our code, its schemas, Python, SQLite and every library."""
    files = sorted(p for p in CODE.rglob("*") if p.suffix in (".py", ".yaml"))
    parts = [(str(p.relative_to(CODE)), file_digest(p)) for p in files]
    libraries = sorted((d.name, d.version) for d in distributions())
    return _digest([parts, libraries, platform.python_version(), platform.machine(), sqlite3.sqlite_version])


def _name(kind: str, inputs: object) -> str:
    return f"{kind}-{_digest([code_digest(), inputs])}"


def _digest(inputs: object) -> str:
    return hashlib.sha256(json.dumps(inputs, default=_said).encode()).hexdigest()


def _said(value: object) -> str:
    """What JSON has no words for: frames, and the dates that YAML makes."""
    return frame_digest(value) if isinstance(value, pl.DataFrame) else repr(value)


def _checksum(name: str, data: bytes) -> bytes:
    return hashlib.sha256(name.encode() + data).digest()


def _packed(frames: tuple[pl.DataFrame, ...]) -> bytes:
    """Frames one after the other, each after its length."""
    packed = []
    for frame in frames:
        out = io.BytesIO()
        frame.write_ipc(out, compression="lz4")
        packed += [len(out.getvalue()).to_bytes(8, "big"), out.getvalue()]
    return b"".join(packed)


def _unpacked(data: bytes) -> tuple[pl.DataFrame, ...]:
    frames, at = [], 0
    while at < len(data):
        end = at + 8 + int.from_bytes(data[at : at + 8], "big")
        frames.append(pl.read_ipc(io.BytesIO(data[at + 8 : end])))
        at = end
    return tuple(frames)

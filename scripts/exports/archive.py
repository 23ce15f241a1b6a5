"""The folder as a whole: its checksums, and one zip file that is the same to the byte wherever it is made."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

SUMS = "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip file can hold
FILE_MODE = 0o100644 << 16
UNIX = 3


def files_of(folder: Path) -> list[str]:
    """The paths of all files in a folder, relative to it, sorted by their bytes."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def write_sums(folder: Path) -> None:
    """SHA256SUMS, in the form that `sha256sum -c` reads."""
    lines = [f"{sha256(folder / path)}  {path}\n" for path in files_of(folder) if path != SUMS]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_zip(folder: Path, target: Path) -> None:
    """All files of a folder, under its name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in files_of(folder):
            entry = zipfile.ZipInfo(f"{folder.name}/{path}", EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, FILE_MODE, UNIX
            entry.file_size = (folder / path).stat().st_size
            with (folder / path).open("rb") as source, archive.open(entry, "w") as stored:
                shutil.copyfileobj(source, stored)

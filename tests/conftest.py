"""Shared fixtures: a copy of the tiny package to break, its database, and a real Datasette in front of it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.build import build
from scripts.package import Package, load_package
from scripts.progress import Stages
from scripts.serve import datasette_arguments

ROOT = Path(__file__).parent.parent
MINI = Path(__file__).parent / "mini"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """The folder of a copy of tests/mini that a test may change."""
    shutil.copytree(MINI, tmp_path / "mini")
    return tmp_path / "mini"


@pytest.fixture
def mini_package(mini: Path) -> Package:
    return load_package(mini / "datapackage.yaml")


@contextmanager
def serving(package: Package, database: Path, *more: str) -> Iterator[str]:
    """The address of a real Datasette that serves `database` as `make serve` does, with `more` arguments."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [*datasette_arguments(package, database, port), *more]
    log = database.parent / f"server-{port}.log"  # a file, because a pipe that nobody reads stops the server once it is full
    with log.open("w") as stream:
        server = subprocess.Popen([sys.executable, "-m", "datasette", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=stream)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/-/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"Datasette ended at once: {log.read_text()}")
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("Datasette did not answer within 30 seconds")


@pytest.fixture(scope="session")
def mini_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Datasette over the tiny package."""
    folder = tmp_path_factory.mktemp("mini-site")
    package = load_package(MINI / "datapackage.yaml")
    built = build(package, folder / "mini.db", Stages())
    with serving(package, built.path) as address:
        yield address


@pytest.fixture(scope="session")
def real_package() -> Package:
    return load_package(ROOT / "datapackage.yaml")


@pytest.fixture(scope="session")
def real_database(real_package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the real records, built once for each test process."""
    return build(real_package, tmp_path_factory.mktemp("real") / f"{real_package.name}.db", Stages()).path


@pytest.fixture(scope="session")
def real_site(real_package: Package, real_database: Path) -> Iterator[str]:
    """The address of a Datasette over the real records."""
    with serving(real_package, real_database) as address:
        yield address

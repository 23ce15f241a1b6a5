"""Ask a server on this machine for pages as fast as it answers, for a few seconds, with wrk."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.measure import BenchError

HERE = Path(__file__).parent
PATIENCE = 60  # seconds that one answer may take


@dataclass(frozen=True)
class Load:
    """What came back: whole answers, those that were not 200, requests that failed, milliseconds until half and 99 of 100 were there."""

    requests: int
    seconds: float
    bytes: int
    p50: float
    p99: float
    not_200: int
    failed: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def find_wrk() -> None:
    """Install wrk where it is missing. Raises BenchError where that cannot be done."""
    found = subprocess.run([HERE / "find-wrk"], stderr=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        raise BenchError(found.stderr)


def load(address: str, paths: list[str], clients: int, seconds: float, host: str | None = None) -> Load:
    """`clients` ask for the paths in turn, each the next one when it has its answer, until the time is over. Raises BenchError where wrk fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        options = ["-t", "1", "-c", str(clients), "-d", f"{max(1, round(seconds))}s", "--timeout", f"{PATIENCE}s", "-s", str(HERE / "load.lua")]
        options += ["-H", f"Host: {host}"] if host else []
        done = subprocess.run(["wrk", *options, address, "--", listed.name], capture_output=True, text=True, timeout=seconds + 2 * PATIENCE, check=False)
    if done.returncode:
        raise BenchError(f"wrk ended with {done.returncode}: {done.stderr or done.stdout}")
    return Load(**json.loads(done.stdout.splitlines()[-1]))

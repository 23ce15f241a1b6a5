"""Ask a server on this machine for pages as fast as it answers, for a few seconds, with wrk; then wait for what was asked and is not answered yet."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from bench.measure import BenchError

HERE = Path(__file__).parent
PATIENCE = 30  # seconds that answers are waited for when the time for asking is over


@dataclass(frozen=True)
class Load:
    """What came back: whole answers, and the seconds until the last of them was there; milliseconds until half and 99 of 100 were there.

    Faulty are answers that were not 200, requests that failed, and those that came too late: which were not answered within PATIENCE.
    """

    requests: int
    seconds: float
    bytes: int
    p50: float
    p99: float
    not_200: int
    failed: int
    late: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def faulty(self) -> int:
        return self.not_200 + self.failed + self.late

    def within(self, percent: int) -> float | str:
        """Milliseconds until 50 or 99 of 100 requests were answered; those that came too late count among them."""
        if self.late > (self.requests + self.late) * (100 - percent) / 100:
            return f"> {PATIENCE * 1000:,}"
        return {50: self.p50, 99: self.p99}[percent]


def find_wrk() -> None:
    """Install wrk where it is missing. Raises BenchError where that cannot be done."""
    found = subprocess.run([HERE / "find-wrk"], stderr=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        raise BenchError(found.stderr)


def load(address: str, paths: list[str], clients: int, seconds: float, host: str | None = None, *, anew: bool = False) -> Load:
    """`clients` ask for the paths in turn, each the next one when it has its answer, until the time is over; every answer counts.

    `anew`: each request claims a host of its own, so that no answer is one that the server has kept. Raises BenchError where wrk fails.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        longest = math.ceil(seconds) + PATIENCE
        options = ["-t", "1", "-c", str(clients), "-d", f"{longest}s", "--timeout", f"{2 * longest}s", "-s", str(HERE / "load.lua")]
        options += ["-H", f"Host: {host}"] if host else []
        command = ["wrk", *options, address, "--", listed.name, str(seconds), "anew" if anew else "again"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * longest, check=False)
    if done.returncode:
        raise BenchError(f"wrk ended with {done.returncode}: {done.stderr or done.stdout}")
    told = Load(**json.loads(done.stdout.splitlines()[-1]))
    return replace(told, seconds=float(longest)) if told.late else told

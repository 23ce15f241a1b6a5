"""Many strangers with hostile queries, and ordinary readers meanwhile: `python -m tests.hardening.siege http://127.0.0.1:8001 DATABASE --pid PID`.

It tells what became of the queries, how long the readers waited, and the most memory that the server and its children held.
"""

from __future__ import annotations

import argparse
import itertools
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.hardening.hostile import HOSTILE


def fetch(address: str) -> tuple[int, float]:
    """Status, and seconds until the whole answer is there; 0 where none came."""
    start = time.monotonic()
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            answer.read()
            return answer.status, time.monotonic() - start
    except urllib.error.HTTPError as error:
        error.read()
        return error.code, time.monotonic() - start
    except OSError:
        return 0, time.monotonic() - start


def siege(site: str, database: str, pages: list[str], attackers: int, seconds: float, server: int) -> dict[str, Any]:
    """For some seconds, let `attackers` send hostile queries without a pause, each the next one when it is answered; read `pages` in turn meanwhile."""
    addresses = [f"{site}/{database}.json?{urllib.parse.urlencode({'sql': sql})}" for sql, _ in HOSTILE.values()]
    over, queue, memory = threading.Event(), itertools.count(), Memory(server)

    def attack(_: int) -> list[tuple[int, float]]:
        return [fetch(addresses[next(queue) % len(addresses)]) for _ in _until(over, [""], pause=0.3)]

    with ThreadPoolExecutor(attackers + 2) as pool:
        readers = pool.submit(lambda: [fetch(site + page) for page in _until(over, pages)])
        watching = pool.submit(lambda: [memory.look() for _ in _until(over, [""], pause=0.05)])
        attacks = [pool.submit(attack, number) for number in range(attackers)]
        over.wait(seconds)
        over.set()
        read, answers = readers.result(), [answer for attack in attacks for answer in attack.result()]
        watching.result()
    waits = sorted(wait for _, wait in read)
    return {
        "queries": dict(Counter(status for status, _ in answers)),
        "longest_query": round(max(wait for _, wait in answers), 2),
        "pages": dict(Counter(status for status, _ in read)),
        "page_p50": round(waits[len(waits) // 2], 3), "page_p99": round(waits[int(len(waits) * 0.99)], 3), "page_longest": round(waits[-1], 3),
        "most_memory_mib": memory.most // 2**20,
    }  # fmt: skip


def _until(over: threading.Event, things: list[str], pause: float = 0.02) -> Iterator[str]:
    for thing in itertools.cycle(things):
        yield thing
        if over.wait(pause):
            return


class Memory:
    """The most that a process and its children held together, shared pages counted once (PSS)."""

    def __init__(self, server: int) -> None:
        self.server, self.most = server, 0

    def look(self) -> None:
        self.most = max(self.most, sum(_held(pid) for pid in family(self.server)))


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    try:
        children = [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(member for child in children for member in family(child))]


def _held(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("site")
    parser.add_argument("database")
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--attackers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pages", nargs="*", default=["/"])
    asked = parser.parse_args()
    print(json.dumps(siege(asked.site, asked.database, asked.pages, asked.attackers, asked.seconds, asked.pid), indent=1))

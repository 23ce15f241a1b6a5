"""Run commands as child processes, and tell what they cost: wall and processor time, and memory at its peak."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
ENOUGH = 60  # seconds of a job after which it is not repeated
# A process remembers the memory of the one that started it, so a small one starts what is measured, and tells what it used.
LAUNCHER = """
import json, os, sys, time
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
_, status, used = os.wait4(child, 0)
print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
sys.exit(abs(os.waitstatus_to_exitcode(status)))
"""


class BenchError(Exception):
    """A command that was to be measured failed; nothing was measured."""


@dataclass(frozen=True)
class Size:
    """How much to measure: observation rows of the biggest package, and how often each command runs."""

    rows: int = 1_000_000
    repeats: int = 3


@dataclass(frozen=True)
class Cost:
    """What a run cost: seconds on the clock, seconds of processors (its own and the system's for it), bytes of memory at the peak.

    Of several runs it is the median, and `runs` tells how many.
    """

    seconds: float
    cpu: float
    peak: int
    runs: int = 1


@dataclass(frozen=True)
class Job:
    """Commands that do one job, one after the other, and what makes everything ready before each run, which is not measured."""

    commands: list[list[str]]
    prepare: Callable[[], object] = lambda: None
    environment: Mapping[str, str] = field(default_factory=dict)


def compare(jobs: Mapping[str, Job], repeats: int) -> dict[str, Cost]:
    """The median cost of each job, by name; they take turns, so that a busy moment of the machine falls on all alike.

    A job that has had its minute is not repeated again. Raises BenchError, with the end of what it printed, where a command fails.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            if sum(c.seconds for c in costs[name]) < ENOUGH:
                job.prepare()
                costs[name].append(cost_of(job))
    return {name: _median(found) for name, found in costs.items()}


def cost_of(job: Job) -> Cost:
    """One run of a job: the times of its commands add up, its peak is the highest of theirs."""
    found = [_cost(command, {**os.environ, **job.environment}) for command in job.commands]
    return Cost(sum(c.seconds for c in found), sum(c.cpu for c in found), max(c.peak for c in found))


def _cost(command: list[str], environment: Mapping[str, str]) -> Cost:
    launched = [sys.executable, "-ISc", LAUNCHER, *command]
    done = subprocess.run(launched, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise BenchError(f"{Path(command[0]).name} {' '.join(command[1:])} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return Cost(*json.loads(done.stdout))


def _median(costs: list[Cost]) -> Cost:
    return Cost(median(c.seconds for c in costs), median(c.cpu for c in costs), int(median(c.peak for c in costs)), len(costs))


def machine() -> str:
    """The machine in one line, without its name: cores, memory, Python, SQLite."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"

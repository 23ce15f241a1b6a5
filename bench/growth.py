"""How the time of a build grows with its rows."""

from __future__ import annotations

from pathlib import Path

from bench.measure import Size, compare
from bench.pipeline import fresh_build, source_rows, synthesized
from bench.report import Section


def run(work: Path, size: Size) -> list[Section]:
    """Build packages of a hundredth, a tenth and all of `size.rows`."""
    packages = {n: synthesized(work / str(n), n) for n in (size.rows // 100, size.rows // 10, size.rows)}
    costs = compare({str(n): fresh_build(p, work / f"{n}.db") for n, p in packages.items()}, size.repeats)
    rows = []
    for n, package in packages.items():
        cost, count = costs[str(n)], source_rows(package)
        rows.append([count, cost.seconds, cost.cpu, cost.peak // 10**6, cost.seconds / count * 100_000, cost.runs])
    lead = "The whole build, from files to a database, at three sizes. Starting Python and its libraries, about a second, is in each."
    return [Section("Growth", lead, f"python -m scripts build    # of {', '.join(f'{n:,}' for n in packages)} rows", COLUMNS, rows)]


COLUMNS = ["rows", "seconds", "CPU seconds", "peak MB", "seconds per 100,000 rows", "runs"]

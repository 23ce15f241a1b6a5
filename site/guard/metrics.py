"""How many requests of which kind, and how long they took: numbers only, of no reader, no address and no word that was looked for."""

from __future__ import annotations

import os
import resource
from collections import Counter, defaultdict
from itertools import accumulate

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one process, in the text format of Prometheus."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._refused: Counter[str] = Counter()
        self.in_progress = 0

    def count(self, kind: str, status: int, seconds: float) -> None:
        """One answer of a kind of page, its status, and the seconds until its first byte."""
        self._requests[kind, f"{status // 100}xx"] += 1
        at = next((i for i, limit in enumerate(BUCKETS) if seconds <= limit), len(BUCKETS))
        self._buckets.setdefault(kind, [0] * (len(BUCKETS) + 1))[at] += 1
        self._seconds[kind] += seconds

    def refuse(self, why: str) -> None:
        """One request that was not let in."""
        self._refused[why] += 1

    def text(self) -> str:
        worker = f'worker="{os.getpid()}"'
        lines = ["# HELP site_requests_total Answers by kind of page and status.", "# TYPE site_requests_total counter"]
        lines += [f'site_requests_total{{{worker},kind="{k}",status="{s}"}} {n}' for (k, s), n in sorted(self._requests.items())]
        lines += ["# HELP site_request_seconds Seconds until an answer began.", "# TYPE site_request_seconds histogram"]
        for kind, counts in sorted(self._buckets.items()):
            labels = [*map(str, BUCKETS), "+Inf"]
            for label, below in zip(labels, accumulate(counts), strict=True):
                lines.append(f'site_request_seconds_bucket{{{worker},kind="{kind}",le="{label}"}} {below}')
            lines.append(f'site_request_seconds_sum{{{worker},kind="{kind}"}} {self._seconds[kind]:.6f}')
            lines.append(f'site_request_seconds_count{{{worker},kind="{kind}"}} {sum(counts)}')
        lines += ["# HELP site_refused_total Requests that were not let in.", "# TYPE site_refused_total counter"]
        lines += [f'site_refused_total{{{worker},why="{why}"}} {n}' for why, n in sorted(self._refused.items())]
        lines += ["# HELP site_in_progress Requests being answered.", "# TYPE site_in_progress gauge", f"site_in_progress{{{worker}}} {self.in_progress}"]
        lines += ["# HELP site_memory_bytes Most memory that the process has held.", "# TYPE site_memory_bytes gauge"]
        lines.append(f"site_memory_bytes{{{worker}}} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}")
        return "\n".join(lines) + "\n"

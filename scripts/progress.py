"""Progress on a terminal, silence in a pipe; and how long each stage took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Stages:
    """`with stages("Doing this"):` shows a spinner on a terminal and keeps the seconds in `seconds`."""

    def __init__(self, console: Console | None = None):
        self.console = console or Console(stderr=True)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        if self.console.is_terminal:
            with self.console.status(f"{name} …"):
                yield
        else:
            yield
        self.seconds[name] = time.perf_counter() - start
        if self.console.is_terminal:
            self.console.print(f"[dim]{name}: {self.seconds[name]:.1f} s[/dim]", highlight=False)

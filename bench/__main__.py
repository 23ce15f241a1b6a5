"""The command line: `python -m bench --help`."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import click

from bench.measure import ROOT, BenchError, Size, machine
from bench.report import block, write

PARTS = ["pipeline", "growth", "changed", "serving", "downloads"]  # each a module with `run`
PAGE = ROOT / "docs" / "benchmarks.md"


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Measure this part alone; may be given several times.")
@click.option("--rows", type=click.IntRange(min=100), default=Size.rows, show_default=True, help="Observation rows of the biggest package.")
@click.option("--repeats", type=click.IntRange(min=1), default=Size.repeats, show_default=True, help="Runs of each command; the median is told.")
@click.option("--write", "to_page", is_flag=True, help="Write to docs/benchmarks.md instead of printing.")
def main(only: tuple[str, ...], rows: int, repeats: int, to_page: bool) -> None:
    """Measure this project against others that do a part of its work, side by side."""
    for part in only or PARTS:
        with tempfile.TemporaryDirectory(prefix="bench-") as work:
            try:
                sections = importlib.import_module(f"bench.{part}").run(Path(work), Size(rows, repeats))
            except BenchError as error:
                raise click.ClickException(str(error)) from error
        text = block(part, f"{machine()}; {rows:,} rows, medians of up to {repeats} runs", sections)
        if to_page:
            write(PAGE, {part: text})  # part by part: what is measured is kept, should a later part fail
        else:
            click.echo(text)


if __name__ == "__main__":
    main()

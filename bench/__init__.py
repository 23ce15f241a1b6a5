"""Benchmarks: `make bench`, or `python -m bench --help`. Each part has `run(work, size) -> list[Section]`."""

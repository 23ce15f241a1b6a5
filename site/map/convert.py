"""Makes iran.json once, from the TopoJSON of provinces named in README.md: `python convert.py irn.topo.json > iran.json`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Point = tuple[float, float]
TOLERANCE = 0.015  # degrees; less than a pixel of the widest map
SMALLEST = 0.1  # degrees from west to east; a smaller island would be a speck


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """The arcs of a quantized TopoJSON, as longitude and latitude."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        found.append(points)
    return found


def numbers(arcs: Any) -> Iterator[int]:
    """The arcs that a geometry is made of; one that runs backwards has the complement of its number."""
    if isinstance(arcs, int):
        yield arcs if arcs >= 0 else ~arcs
    else:
        for part in arcs:
            yield from numbers(part)


def rings_of(lines: list[list[Point]]) -> list[list[Point]]:
    """Lines joined end to end into closed rings."""
    rest, found = list(lines), []
    while rest:
        ring = list(rest.pop())
        while ring[0] != ring[-1]:
            following = next(line for line in rest if ring[-1] in (line[0], line[-1]))
            rest.remove(following)
            ring += (following if following[0] == ring[-1] else following[::-1])[1:]
        found.append(ring)
    return found


def simplify(line: list[Point]) -> list[Point]:
    """Douglas and Peucker: without the points that lie within the tolerance of the line between those kept."""
    if len(line) < 3:
        return line
    if line[0] == line[-1]:
        middle = len(line) // 2
        return [*simplify(line[: middle + 1])[:-1], *simplify(line[middle:])]
    (x1, y1), (x2, y2) = line[0], line[-1]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    far = [abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length for x, y in line[1:-1]]
    worst = max(far)
    if worst <= TOLERANCE:
        return [line[0], line[-1]]
    cut = far.index(worst) + 1
    return [*simplify(line[: cut + 1])[:-1], *simplify(line[cut:])]


def rounded(line: list[Point]) -> list[list[float]]:
    return [[round(x, 3), round(y, 3)] for x, y in simplify(line)]


def main(path: str) -> None:
    topology = json.loads(Path(path).read_text(encoding="utf-8"))
    arcs = arcs_of(topology)
    provinces = next(iter(topology["objects"].values()))["geometries"]
    used = Counter(n for p in provinces for n in numbers(p["arcs"]))
    rings = [r for r in rings_of([arcs[n] for n in used if used[n] == 1]) if max(x for x, _ in r) - min(x for x, _ in r) >= SMALLEST]
    inner = [arcs[n] for n in used if used[n] > 1]
    json.dump({"outline": [rounded(r) for r in rings], "borders": [rounded(a) for a in inner]}, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main(sys.argv[1])

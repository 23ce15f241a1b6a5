"""The kinds of chart: each draws rows as a picture of a given width, and writes the same rows as a table."""

from __future__ import annotations

from reading_room.kinds import bars, lines, months, places, ranges

KINDS = {"lines": lines, "bars": bars, "months": months, "ranges": ranges, "places": places}

"""Counts are made once, and one that took too long is not tried again at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted

from scripts.build import build
from scripts.package import load_package
from scripts.progress import Stages
from tests.conftest import MINI
from tests.site import reading_room  # noqa: F401  puts site/ on the path

from service import counts  # isort: skip

SLOW = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select count(*) from n"
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


def test_counts_are_made_once(tmp_path: Path) -> None:
    database = build(load_package(MINI / "datapackage.yaml"), tmp_path / "mini.db", Stages()).path
    served = Datasette(immutables=[str(database)])
    counts.keep(served)

    async def ask() -> None:
        execute = served.get_database("mini").execute
        first = await execute(SLOW)
        assert first.single_value() == 100_000
        assert await execute(SLOW) is first
        assert await execute("select * from people limit 1") is not await execute("select * from people limit 1")
        with pytest.raises(QueryInterrupted) as once:
            await execute(ENDLESS, custom_time_limit=50)
        with pytest.raises(QueryInterrupted) as again:
            await execute(ENDLESS, custom_time_limit=50)
        assert again.value is once.value

    asyncio.run(ask())

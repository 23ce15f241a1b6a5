"""Under a siege of hostile queries every reader is answered, and memory stays small. `python -m tests.hardening.siege` measures it at full size."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from tests.hardening.siege import family, siege
from tests.hardening.test_gate import get

GIB = 1024
PAGES = ["/", "/mini/people", "/mini/people/babak-alipour", "/mini/people.json", "/search?q=alipour", "/-/health"]


def test_readers_are_answered_during_a_siege(mini_site: str) -> None:
    told = siege(mini_site, "mini", PAGES, attackers=40, seconds=6, server=server_of(mini_site))
    assert set(told["pages"]) == {200}, told
    assert set(told["queries"]) == {400, 503}, told
    assert told["most_memory_mib"] < GIB, told
    assert get(f"{mini_site}/mini.json?sql=select+1+as+n&_shape=array").body == '[{"n": 1}]'


def server_of(site: str) -> int:
    """The process that answers at an address, which is a descendant of this one."""
    wanted = f"--port\0{urlsplit(site).port}\0".encode()
    return next(pid for pid in family(os.getpid()) if wanted in Path(f"/proc/{pid}/cmdline").read_bytes())

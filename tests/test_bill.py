"""The bill of materials: what the lock pins, who needs it, the same text each time."""

from __future__ import annotations

import json

from scripts.exports.bill import LOCK, bill, libraries
from scripts.version import Version

TEXT = """# made by a tool
aiofiles==25.1.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via datasette
datasette==0.65.5 \\
    --hash=sha256:{c}
    # via -r requirements.in
h11==0.16.0 \\
    --hash=sha256:{d}
    # via
    #   aiofiles
    #   datasette
""".format(**{letter: letter * 64 for letter in "abcd"})


def test_a_lock_becomes_a_bill() -> None:
    told = json.loads(bill("mini", Version("2026-11-24", "", 1795478400), TEXT))
    assert told["bomFormat"] == "CycloneDX" and told["specVersion"] == "1.6"
    assert told["metadata"] == {
        "timestamp": "2026-11-24T00:00:00Z",
        "component": {"type": "application", "bom-ref": "mini@2026-11-24", "name": "mini", "version": "2026-11-24"},
    }
    assert told["components"][0] == {
        "type": "library", "bom-ref": "pkg:pypi/aiofiles@25.1.0", "name": "aiofiles", "version": "25.1.0", "purl": "pkg:pypi/aiofiles@25.1.0",
        "hashes": [{"alg": "SHA-256", "content": letter * 64} for letter in "ab"],
    }  # fmt: skip
    assert told["dependencies"] == [
        {"ref": "mini@2026-11-24", "dependsOn": ["pkg:pypi/datasette@0.65.5"]},
        {"ref": "pkg:pypi/aiofiles@25.1.0", "dependsOn": ["pkg:pypi/h11@0.16.0"]},
        {"ref": "pkg:pypi/datasette@0.65.5", "dependsOn": ["pkg:pypi/aiofiles@25.1.0", "pkg:pypi/h11@0.16.0"]},
        {"ref": "pkg:pypi/h11@0.16.0", "dependsOn": []},
    ]


def test_the_real_lock_is_whole() -> None:
    text = LOCK.read_text(encoding="utf-8")
    known = libraries(text)
    assert len(known) == sum("==" in line and not line.startswith((" ", "#")) for line in text.splitlines()) and all(library.hashes for library in known)
    assert bill("x", Version("v", "", 1), text) == bill("x", Version("v", "", 1), text)

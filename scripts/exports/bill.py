"""A software bill of materials (CycloneDX) of what makes and serves the dataset: every library of the lock, and who needs it."""

from __future__ import annotations

import json
import re
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from scripts.version import Version

BILL = "sbom.cdx.json"
LOCK = Path(__file__).parent.parent.parent / "requirements.txt"
_PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"#(?: via)?\s+([A-Za-z0-9._-]+)\s*")


class Library(NamedTuple):
    """A pinned library: its name, version, the SHA-256 of each of its files, and the libraries that need it (none: this project itself)."""

    name: str
    version: str
    hashes: list[str]
    needed_by: list[str]


def libraries(lock: str) -> list[Library]:
    """The libraries of a hashed requirements file, in its order."""
    found: list[Library] = []
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            found.append(Library(pin[1], pin[2], [], []))
        elif found and (digest := _HASH.search(line)):
            found[-1].hashes.append(digest[1])
        elif found and line.startswith("    #") and (via := _VIA.fullmatch(line.strip())):
            found[-1].needed_by.append(via[1])
    return found


def bill(name: str, version: Version, lock: str) -> str:
    """The bill of materials of a release as CycloneDX 1.6 JSON, the same text for the same lock and version."""
    known = libraries(lock)
    needs: dict[str, list[str]] = defaultdict(list)
    for library in known:
        for user in library.needed_by:
            needs[user].append(_reference(library))
    root = f"{name}@{version.name}"
    direct = [_reference(library) for library in known if not {n for n in library.needed_by if any(n == other.name for other in known)}]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{root} {lock}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(version.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": root, "name": name, "version": version.name},
        },
        "components": [_component(library) for library in known],
        "dependencies": [{"ref": root, "dependsOn": direct}, *({"ref": _reference(library), "dependsOn": needs[library.name]} for library in known)],
    }
    return json.dumps(document, indent=1) + "\n"


def _reference(library: Library) -> str:
    return f"pkg:pypi/{library.name.lower().replace('_', '-')}@{library.version}"


def _component(library: Library) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _reference(library),
        "name": library.name,
        "version": library.version,
        "purl": _reference(library),
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in library.hashes],
    }

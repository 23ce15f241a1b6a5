"""How readers reach the maintainers: `contact` of datapackage.yaml, the one place from which the site and the snapshots have it."""

from __future__ import annotations

import re
from typing import Any

from scripts.problems import Problem

_ADDRESS = re.compile(r"(?P<web>https://[^\s<>\"]+)|(?P<mail>[^\s@<>\"]+@[^\s@<>\"]+\.[a-z]+)")
MISSING = "is empty: readers are told no address at which to ask for a correction or a withdrawal (docs/operations.md)"


def contact_of(descriptor: dict[str, Any]) -> str:
    """The address, or nothing where the package names none."""
    return str(descriptor.get("contact") or "").strip()


def is_address(contact: str) -> bool:
    """Whether it can be written to as it stands: an e-mail or an https address."""
    return _ADDRESS.fullmatch(contact) is not None


def href(contact: str) -> str:
    """What a link to it leads to."""
    return contact if contact.startswith("https://") else f"mailto:{contact}"


def warn_of_contact(descriptor: dict[str, Any], file: str) -> list[Problem]:
    """What to tell whoever publishes a package that names no contact."""
    return [] if contact_of(descriptor) else [Problem(file, 0, "contact", MISSING, warning=True)]

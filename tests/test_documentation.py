"""The documentation says what the code and the schemas say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.__main__ import main
from scripts.catalogue import published_tables, published_views
from scripts.consolidate import _choose
from scripts.document import DICTIONARY, RULES, data_dictionary
from scripts.package import Package, load_package
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_data_dictionary_is_what_the_schemas_say(real_package: Package) -> None:
    for lang, path in DICTIONARY.items():
        assert (ROOT / path).read_text() == data_dictionary(real_package, lang), "run `make docs`"


def test_the_command_tells_a_dictionary_that_has_drifted(mini: Path) -> None:
    command = [sys.executable, "-m", "scripts", "document", "--package", str(mini / "datapackage.yaml")]
    subprocess.run(command, cwd=ROOT, check=True)
    assert subprocess.run([*command, "--check"], cwd=ROOT, check=False).returncode == 0
    (mini / "docs/data-dictionary.md").write_text("old")
    done = subprocess.run([*command, "--check"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "Error: docs/data-dictionary.md is not what the schemas say; run `make docs`\n")


def test_every_table_view_and_column_is_documented(real_package: Package) -> None:
    for table in published_tables(real_package).values():
        assert all(table.get(k) for k in ("title", "title_fa", "summary", "row", "counting")), table.name
        assert all(f.title and f.description and f.descriptor.get("title_fa") for f in table.fields), table.name
        assert all(c.get("label_fa") and c.get("description") for f in table.fields for c in f.categories), table.name
    for view in published_views(real_package).values():
        assert all(view.descriptor.get(k) for k in ("title", "title_fa", "summary", "row", "counting", "columns", "group")), view.name


def test_a_column_name_means_one_thing_everywhere(real_package: Package) -> None:
    for name in ("source", "note", "person", "case", "court", "prison", "offence", "alleged_group", "id"):
        meanings = {f.description for t in real_package.observed for f in t.fields if f.name == name}
        assert len(meanings - {"The joint case, where several people were charged or tried together."}) <= 1, (name, meanings)


def test_every_merge_rule_of_the_schemas_is_known_and_documented(real_package: Package) -> None:
    used = {f.rule["rule"] for t in real_package.observed for f in t.fields}
    assert used <= set(RULES)
    guide = (ROOT / "docs/schema.md").read_text()
    assert all(rule in guide for rule in RULES) and callable(_choose)


def test_every_extra_property_in_a_schema_is_documented(real_package: Package) -> None:
    """A property that nobody documented is one that nothing reads, or a slip of the pen."""
    guide = (ROOT / "docs/schema.md").read_text()
    standard = {
        "$schema",
        "fields",
        "primaryKey",
        "foreignKeys",
        "missingValues",
        "name",
        "type",
        "title",
        "description",
        "constraints",
        "trueValues",
        "falseValues",
        "format",
    }
    for table in real_package.tables.values():
        used = set(table.descriptor) | {key for f in table.fields for key in f.descriptor}
        assert all(f"`{key}" in guide for key in used - standard), (table.name, used - standard)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_links_in_a_page_exist(page: Path) -> None:
    text = page.read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^ {4}|`)make ([a-z]+)", text, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"
    for command in re.findall(r"python -m scripts ([a-z]+)", text):
        assert command in main.commands, command
    for link in re.findall(r"\]\((?!https?:|#|/)([^)#]+)", text):
        assert (page.parent / link).exists(), link


def test_the_schemas_of_the_tiny_package_load() -> None:
    assert list(load_package(ROOT / "tests/mini/datapackage.yaml").tables) == ["publishers", "sources", "people", "events", "decisions", "retired_ids"]

"""Every message is there in both languages, is used, and takes the same values in both."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import yaml

from scripts.catalogue import published_tables, published_views
from scripts.package import Package
from tests.conftest import ROOT

SITE = ROOT / "site"
MESSAGES = yaml.safe_load((SITE / "messages.yaml").read_text(encoding="utf-8"))
WRITTEN = [p for folder in ("templates", "reading_room", "plugins") for p in (SITE / folder).rglob("*") if p.suffix in (".html", ".py")]
# keys that are put together: what stands before the part that varies
PREFIXES = ("event.", "why.", "op.", "group.", "season.", "date.", "column.", "about.method.", "correct.", "error.", "feed.")


def texts(message: object) -> list[str]:
    return list(message.values()) if isinstance(message, dict) else [str(message)]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def used_keys() -> set[str]:
    source = "\n".join(Path(p).read_text(encoding="utf-8") for p in WRITTEN)
    quoted = set(re.findall(r"""["']([a-z][\w.-]*)["']""", source))
    return {key for key in MESSAGES if key in quoted or key.startswith(PREFIXES)}


def test_every_message_is_there_in_both_languages() -> None:
    assert [k for k, v in MESSAGES.items() if set(v) != {"en", "fa"} or not all(t.strip() for lang in v.values() for t in texts(lang))] == []


def test_both_languages_take_the_same_values() -> None:
    assert [k for k, v in MESSAGES.items() if len({frozenset(places(t)) for lang in v.values() for t in texts(lang)}) > 1] == []


def test_persian_messages_are_persian() -> None:
    latin = {"language.switch", "language.hint"}  # these speak to readers of the other language
    assert [k for k, v in MESSAGES.items() if k not in latin for t in texts(v["fa"]) if not re.search("[\u0620-\u06cc]", t)] == []
    assert [k for k, v in MESSAGES.items() for t in texts(v["fa"]) if re.search("[يك\u0640]", t)] == []


def test_what_is_said_is_in_the_catalogue() -> None:
    said: set[str] = set()
    for path in WRITTEN:
        said |= set(re.findall(r"""\bsay\(\s*["']([\w.-]+)["']\s*[,)]""", path.read_text(encoding="utf-8")))
    assert sorted(said - set(MESSAGES)) == []


def test_nothing_is_in_the_catalogue_that_nobody_says() -> None:
    assert sorted(set(MESSAGES) - used_keys()) == []


def test_what_the_schemas_name_has_words(real_package: Package) -> None:
    """Events of the timeline, rules, groups and columns of views, all of which a reader meets by name."""
    tables, views = published_tables(real_package), published_views(real_package)
    fields = [f for t in tables.values() for f in t.fields]
    needed = {f"event.{f.descriptor['timeline']}" for f in fields if "timeline" in f.descriptor}
    needed |= {f"group.{t.get('group')}" for t in tables.values()} | {f"group.{v.descriptor['group']}" for v in views.values()}
    assert sorted(needed - set(MESSAGES)) == []


def test_the_schemas_speak_persian(real_package: Package) -> None:
    """Titles of tables, views and columns, what each table is, and labels of categories."""
    missing = [t.name for t in published_tables(real_package).values() if not t.get("title_fa")]
    missing += [v.name for v in published_views(real_package).values() if not v.descriptor.get("title_fa")]
    described = [*published_tables(real_package).values(), *published_views(real_package).values()]
    missing += [f"{d.name}: {key}" for d in described for key in ("summary_fa", "row_fa") if not d.descriptor.get(key)]
    missing += [f"{t.name}.{f.name}" for t in published_tables(real_package).values() for f in t.fields if not f.descriptor.get("title_fa")]
    missing += [f"{t.name}.{f.name}: {c['value']}" for t in real_package.tables.values() for f in t.fields for c in f.categories if not c.get("label_fa")]
    assert missing == []

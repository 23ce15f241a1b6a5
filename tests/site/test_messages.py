"""Every message is there in both languages, is used, and takes the same values in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from scripts.catalogue import published_tables, published_views
from scripts.package import Package
from tests.conftest import ROOT

SITE = ROOT / "site"
MESSAGES = yaml.safe_load((SITE / "messages.yaml").read_text(encoding="utf-8"))
WRITTEN = [p for folder in ("templates", "reading_room", "plugins") for p in (SITE / folder).rglob("*") if p.suffix in (".html", ".py")]
# keys that are put together: what stands before the part that varies
PREFIXES = ("event.", "why.", "op.", "group.", "season.", "date.", "column.", "about.method.", "correct.", "error.", "feed.", "document.", "rule.")


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
    missing += [f"{t.name}.{f.name}" for t in published_tables(real_package).values() for f in t.fields if not f.descriptor.get("title_fa")]
    assert missing == []


def described(package: Package) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that speaks to readers: the package, its caveats, tables, views, their columns and values, questions and charts."""
    yield "datapackage.yaml", package.descriptor
    yield from ((f"caveat {name}", caveat) for name, caveat in package.warnings.items())
    for item in (*published_tables(package).values(), *published_views(package).values()):
        yield item.name, item.descriptor
        for field in item.fields:
            yield f"{item.name}.{field.name}", field.descriptor
            yield from ((f"{item.name}.{field.name}: {c['value']}", c) for c in field.categories)
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    yield "metadata.yml", {key: text for key, text in metadata.items() if key.startswith(("title", "description"))}
    yield from metadata["databases"][package.name]["queries"].items()
    yield from ((p.stem, yaml.safe_load(p.read_text(encoding="utf-8"))) for p in (SITE / "charts").rglob("*.yaml"))


SPOKEN = ("title", "description", "summary", "row", "counting", "label", "text", "name", "about", "caveat", "axis", "x_title", "others_title")
NAMES = {"name": ("fields", "type", "resources"), "label": ("fields",)}  # beside these, the keys hold a name for programs


def speaks(key: str, item: dict[str, Any]) -> bool:
    return isinstance(item.get(key), str) and not any(sign in item for sign in NAMES.get(key, ()))


def test_wherever_english_stands_persian_stands_beside_it(real_package: Package) -> None:
    """Descriptions of columns, values and questions, how a table is counted, caveats: a Persian page says all that an English one says."""
    everything = list(described(real_package))
    missing = [f"{where}: {key}_fa" for where, item in everything for key in SPOKEN if speaks(key, item) and not item.get(f"{key}_fa")]
    assert missing == []
    alone = [f"{where}: {key}" for where, item in everything for key in item if key.endswith("_fa") and key != "name_fa" and not item.get(key[:-3])]
    assert alone == []


def test_persian_in_the_schemas_is_written_as_persian_is(real_package: Package) -> None:
    """Persian letters, no Arabic forms of them, no lengthening, no straight quotes, and the half-space in what is built with می and ها."""
    texts = [(where, item.get(f"{key}_fa", "")) for where, item in described(real_package) for key in SPOKEN if speaks(key, item)]
    assert [t for t in texts if not re.search("[\u0620-\u06cc]", t[1])] == []
    assert [t for t in texts if re.search('[يك\u0640\u06c0"]|\\b(می|نمی) |[^\\W\\d_a-zA-Z] (ها|های|هایی)\\b|,', t[1])] == []


def test_a_rule_that_english_states_stands_in_persian_too(real_package: Package) -> None:
    """Names of columns, tables, ids and separators that a description names are the same in both."""
    lost = []
    for where, item in described(real_package):
        english, persian = item.get("description", ""), item.get("description_fa", "")
        signs = re.findall(r"SHA-256|ISO [\d-]+|WGS 84|UTC|EDTF|docs/\w+\.md|YYYY-MM-DD|[a-z]+-[a-z]+-ruling-1|babak-alipour|iman-afshari", english)
        signs += [f"«{s}»" for s in re.findall(r'["“](; | \| )["”]', english)] + ["«دست‌کم»" for _ in re.findall('["“]at least["”]', english)]
        lost += [(where, sign) for sign in signs if sign not in persian]
    assert lost == []

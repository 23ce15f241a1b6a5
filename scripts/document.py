"""The data dictionary, written from the schemas: every table, view and column in one Markdown page, in English and in Persian."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.catalogue import AS_REPORTED, published_tables, published_views
from scripts.package import Field, Package, Table

DICTIONARY = {"en": "docs/data-dictionary.md", "fa": "docs/fa/data-dictionary.md"}
RULES = {
    "most-reported": {"en": "most voices", "fa": "بیشترین صداها"},
    "union": {"en": "all values", "fa": "همهٔ مقدارها"},
    "wording": {"en": "most used wording", "fa": "پرکاربردترین عبارت"},
    "wordings": {"en": "all wordings", "fa": "همهٔ عبارت‌ها"},
    "latest": {"en": "latest, an end stands", "fa": "تازه‌ترین؛ وضعیت پایانی می‌ماند"},
    "furthest": {"en": "furthest state", "fa": "پیش‌رفته‌ترین مرحله"},
    "none": {"en": "as reported only", "fa": "تنها به گزارش منابع"},
}
TYPES = {"string": "متن", "integer": "عدد صحیح", "number": "عدد", "boolean": "درست یا نادرست", "date (EDTF)": "تاریخ (EDTF)"}
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "introduction": """# Data dictionary

Written by `make docs` from `schema/`, `views/` and `scripts/derived/`; a test refuses it when it has drifted. Every table is at
`/{name}/TABLE` on the site, in the API with `.json` behind it, and in every snapshot. For each table of records there is one with
`{suffix}` behind its name: the same columns and `source`, one row for what each source says. How several rows become one record is
told in [the method](methodology.md); the column *Merged by* names the rule.
""",
        "caveats": "Caveats", "tables": "Tables", "view": "view", "row": "One row:", "counting": "How counted:", "warnings": "Caveats:",
        "column": "Column", "type": "Type", "meaning": "Meaning", "merged": "Merged by", "stop": ".", "and": ", ",
    },
    "fa": {
        "introduction": """# واژه‌نامهٔ داده

این صفحه را `make docs` از `schema/`، `views/` و `scripts/derived/` می‌نویسد؛ اگر با آن‌ها نخواند، آزمونی آن را رد می‌کند. هر جدول در نشانی
`/{name}/TABLE` این سایت است، در API با افزودن `.json`، و در هر نسخهٔ دریافتی. برای هر جدولِ رکوردها جدولی با پسوند `{suffix}` هست: همان ستون‌ها
به‌اضافهٔ `source`، و برای گفتهٔ هر منبع یک ردیف. این‌که چند ردیف چگونه یک رکورد می‌شود در [روش](methodology.md) آمده است؛ ستون «ادغام با» قاعده را نام می‌برد.
""",
        "caveats": "هشدارها", "tables": "جدول‌ها", "view": "نما", "row": "هر ردیف:", "counting": "شیوهٔ شمارش:", "warnings": "هشدارها:",
        "column": "ستون", "type": "نوع", "meaning": "معنا", "merged": "ادغام با", "stop": ".", "and": "، ",
    },
}  # fmt: skip


def data_dictionary(package: Package, lang: str = "en") -> str:
    """The whole page, as Markdown."""
    return "\n".join(_Page(package, lang).lines()) + "\n"


class _Page:
    """The dictionary in one language; what a schema does not say in Persian stands in English."""

    def __init__(self, package: Package, lang: str) -> None:
        self.package, self.lang, self.words = package, lang, WORDS[lang]

    def lines(self) -> Iterator[str]:
        tables = [t for t in published_tables(self.package).values() if t.get("kind") != "as-reported"]
        views = published_views(self.package).values()
        yield self.words["introduction"].format(name=self.package.name, suffix=AS_REPORTED)
        yield f"## {self.words['caveats']}\n"
        yield from (f"- **{name}**: {self.of(warning, 'text')}" for name, warning in self.package.warnings.items())
        yield f"\n## {self.words['tables']}\n"
        yield from (f"- [{t.name}](#{t.name}): {self.of(t.descriptor, 'summary')}" for t in tables)
        yield from (f"- [{v.name}](#{v.name}) ({self.words['view']}): {self.of(v.descriptor, 'summary')}" for v in views)
        for table in tables:
            yield from ("", *self._section(table.name, table.descriptor), *self._columns(table), *self._vocabularies(table))
        for view in views:
            yield from ("", *self._section(view.name, view.descriptor), *self._head("column", "meaning"))
            yield from (f"| `{f.name}` | {self._meaning(f)} |" for f in view.fields)

    def of(self, descriptor: Mapping[str, Any], key: str) -> str:
        own = descriptor.get(f"{key}_{self.lang}") if self.lang != "en" else None
        return own or descriptor.get(key, "")

    def _head(self, *columns: str) -> Iterator[str]:
        yield f"| {' | '.join(self.words[c] for c in columns)} |"
        yield f"|{' --- |' * len(columns)}"

    def _section(self, name: str, descriptor: Mapping[str, Any]) -> Iterator[str]:
        yield f"## {name}\n"
        yield f"**{self.of(descriptor, 'title') or name}.** {self.of(descriptor, 'summary')}\n"
        row, counting = self.of(descriptor, "row"), self.of(descriptor, "counting")
        yield f"*{self.words['row']}* {row} *{self.words['counting']}* {counting}\n"
        if warnings := descriptor.get("warnings"):
            yield f"*{self.words['warnings']}* {self.words['and'].join(warnings)}{self.words['stop']}\n"

    def _columns(self, table: Table) -> Iterator[str]:
        records = table.get("kind") == "records"
        yield from self._head("column", "type", "meaning", *(("merged",) if records else ()))
        references = {k.field: k.target for k in table.foreign_keys}
        arrow = "→" if self.lang == "en" else "←"
        for field in table.fields:
            pointed = f" {arrow} [{references[field.name]}](#{references[field.name]})" if field.name in references else ""
            yield f"| `{field.name}` | {self._type(field)} | {self._meaning(field)}{pointed} |" + (f" {self._rule(field)} |" if records else "")

    def _type(self, field: Field) -> str:
        name = "date (EDTF)" if field.edtf else field.type
        return name if self.lang == "en" else TYPES[name]

    def _rule(self, field: Field) -> str:
        return "" if field.name in ("id", "reports", "voices", "disputed") else RULES[field.rule["rule"]][self.lang]

    def _meaning(self, field: Field) -> str:
        return self.of(field.descriptor, "description").replace("|", "\\|")

    def _vocabularies(self, table: Table) -> Iterator[str]:
        for field in [f for f in table.fields if f.categories]:
            yield f"\n`{field.name}`:\n"
            yield from (f"- `{c['value']}`: {self.of(c, 'label')}. {self.of(c, 'description')}" for c in field.categories)

"""What programs that read the web are told: which pages to read (robots.txt), what there is (llms.txt), and what the dataset is (schema.org).

The dataset is described, never a person.
"""

from __future__ import annotations

from typing import Any

from reading_room.catalogue import Catalogue
from reading_room.language import language
from reading_room.listing import named
from reading_room.sitemap import Address

ROBOTS = """\
# Read what you like; /docs/findability says why the rules are these.
# Pages that depend on a query are for people: they only repeat what stands elsewhere.
# Pages of people who are no longer at risk of execution ask in themselves not to be listed. Nobody is named here.
User-agent: *
Allow: /*?lang=fa$
Disallow: /*?
Disallow: /search
Disallow: /-/

Sitemap: {sitemap}
"""


def robots(address: Address) -> str:
    return ROBOTS.format(sitemap=address("/sitemap.xml"))


def dataset(catalogue: Catalogue, build: dict[str, str], years: tuple[str, str] | None, release: str | None, address: Address) -> dict[str, Any]:
    """The dataset in schema.org's words, for search engines of datasets; `release` is the path of the newest one's archive, where there is one."""
    config = catalogue.config
    described = {
        "@context": "https://schema.org/", "@type": "Dataset", "@id": address("/"), "url": address("/"),
        "name": config["title"], "alternateName": config.get("title_fa"), "description": _description(catalogue),
        "inLanguage": ["en", "fa"], "keywords": config.get("keywords"), "isAccessibleForFree": True,
        "license": next((licence["path"] for licence in config.get("licences", [])), None),
        "creator": [{"@type": "Organization", "name": c["title"]} for c in config.get("contributors", [])],
        "version": build.get("version"), "dateModified": build.get("version"), "spatialCoverage": {"@type": "Country", "name": "Iran"},
        "temporalCoverage": "/".join(years) if years else None,
        "variableMeasured": [t.get("title", t.name) for t in named(catalogue)], "distribution": _files(catalogue, release, address),
    }  # fmt: skip
    return {key: value for key, value in described.items() if value}


def _description(catalogue: Catalogue) -> str:
    """What it is and its caveats, as schema.org wants it: 50 characters at least."""
    return " ".join([str(catalogue.config["description"]), *(w["text"] for w in catalogue.warnings.values())])


def _files(catalogue: Catalogue, release: str | None, address: Address) -> list[dict[str, str]]:
    kinds = [("application/zip", release, "Everything: CSV, XLSX, Parquet, SQLite")] if release else []
    kinds += [("text/csv", f"/{catalogue.database}/{t.name}.csv?_stream=on&_size=max", t.get("title", t.name)) for t in catalogue.records]
    kinds += [("application/json", "/openapi.json", "The API (OpenAPI 3.1)")]
    return [{"@type": "DataDownload", "encodingFormat": kind, "contentUrl": address(path), "name": name} for kind, path, name in kinds]


def llms(catalogue: Catalogue, build: dict[str, str], questions: dict[str, dict[str, Any]], address: Address) -> str:
    """llms.txt: a map of the site in Markdown, with what must not be forgotten when its facts are repeated."""
    english, base = language("en"), f"/{catalogue.database}"
    tables = [f"- [{t.get('title', t.name)}]({address(f'{base}/{t.name}.json?_shape=objects')}): {t.get('summary', '')}" for t in catalogue.records]
    asked = [f"- [{q.get('title', name)}]({address(f'{base}/{name}.json?_shape=objects')}): {q.get('description', '')}" for name, q in questions.items()]
    return "\n".join([
        f"# {catalogue.config['title']}", "", f"> {english.of(catalogue.config, 'description')}", "",
        f"Version {build.get('version', '')}. Every fact has its sources; repeat them with it, and with the date of the status.", "",
        *(f"- {w['text']}" for w in catalogue.warnings.values()), "",
        "## Start", "", f"- [API guide]({address('/api')})", f"- [OpenAPI]({address('/openapi.json')})", f"- [Charts and map]({address('/charts')})",
        f"- [Method, corrections, privacy]({address('/about')})", f"- [Snapshots: CSV, XLSX, Parquet, SQLite]({address('/downloads')})", "",
        "## Tables", "", *tables, "", "## Questions", "", *asked, "",
    ])  # fmt: skip

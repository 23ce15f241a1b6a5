"""The command line: `python -m scripts --help`."""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from pathlib import Path

import click

from scripts.build import Built, build, check, judge
from scripts.contact import warn_of_contact
from scripts.diff import compare
from scripts.diff_formats import FORMATS
from scripts.document import DICTIONARY, data_dictionary
from scripts.exports.citation import CITATION, ZENODO, citation, zenodo
from scripts.exports.rebuild import unpack
from scripts.files import format_package
from scripts.kept import Kept
from scripts.load import LoadError
from scripts.package import Package, PackageError, load_package
from scripts.problems import Problem, Refused
from scripts.progress import Stages
from scripts.releases import previous_release, release_database
from scripts.report import QUALITY, report
from scripts.serve import serve as serve_database
from scripts.serve import write_site_files
from scripts.snapshot import snapshot
from scripts.synthesize import synthesize as synthesize_package

WARNINGS_SHOWN, ERRORS_SHOWN = 20, 1000
RARELY = 100_000, 20, 100  # rows live until all is written: looking for circles among them as often as Python does takes a tenth of a build
package_option = click.option(
    "--package", "package_path", type=click.Path(path_type=Path), default=Path("datapackage.yaml"), show_default=True, help="The source package."
)
fresh_option = click.option("--fresh", is_flag=True, help="Do everything anew, whatever an earlier run has kept.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print errors and results as JSON on standard output.")


@click.group(context_settings={"max_content_width": 120})
def main() -> None:
    """What public sources say about political death sentences in Iran, validated, consolidated, published."""


@main.command()
@package_option
@fresh_option
@json_option
def validate(package_path: Path, fresh: bool, as_json: bool) -> None:
    """Check the sources; exit status 1 and one line per error where anything is wrong."""
    package = load_package(package_path)
    verdict = judge(package, Stages(), _kept(package, fresh))
    _print_warnings(verdict.warnings, as_json)
    if as_json:
        click.echo(json.dumps({"valid": True, "rows": verdict.rows, "problems": [p.as_dict() for p in verdict.warnings]}, ensure_ascii=False))
    else:
        click.echo(f"{verdict.rows} rows in {verdict.tables} tables are valid.")


@main.command(name="build")
@package_option
@click.option("--output", type=click.Path(path_type=Path), help="The database to write.  [default: dist/NAME.db beside the package]")
@click.option("--site", is_flag=True, help="Write beside it what deploy/asgi.py needs to serve it.")
@fresh_option
@json_option
def build_command(package_path: Path, output: Path | None, site: bool, fresh: bool, as_json: bool) -> None:
    """Check the sources and write the database; the old one stays until the new one is whole."""
    package = load_package(package_path)
    built = build(package, _database(package, output), Stages(), _kept(package, fresh))
    if site:
        write_site_files(package, built.path)
    warnings = [*built.warnings, *(warn_of_contact(package.descriptor, package_path.name) if site else [])]
    _print_warnings(warnings, as_json)
    if as_json:
        summary = {
            "path": str(built.path),
            "version": built.version,
            "up_to_date": built.up_to_date,
            "rows": built.counts,
            "problems": [p.as_dict() for p in warnings],
        }
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        click.echo(_summary(built))


@main.command()
@package_option
@click.option("--output", type=click.Path(path_type=Path), help="The database to build and serve.")
@click.option("--port", type=int, default=8001, show_default=True)
def serve(package_path: Path, output: Path | None, port: int) -> None:
    """Build the database and serve it read-only with Datasette on 127.0.0.1."""
    package = load_package(package_path)
    built = build(package, _database(package, output), Stages(), _kept(package))
    click.echo(_summary(built))
    serve_database(package, built.path, port)


@main.command(name="snapshot")
@package_option
@click.option("--output", type=click.Path(path_type=Path), help="The folder of all releases.  [default: dist/snapshots beside the package]")
@click.option("--previous", help="The release before: a database, a snapshot or a git revision.  [default: the newest tag v* before this version]")
@json_option
def snapshot_command(package_path: Path, output: Path | None, previous: str | None, as_json: bool) -> None:
    """Write the release: every table as CSV, XLSX, Parquet and SQLite, documented, in a folder and a zip file."""
    package = load_package(package_path)
    previous = previous or previous_release(package.root)
    written = snapshot(package, package_path, output or package.root / "dist" / "snapshots", previous, Stages())
    _print_warnings([*written.warnings, *warn_of_contact(package.descriptor, package_path.name)], as_json)
    if as_json:
        click.echo(json.dumps({"folder": str(written.folder), "zip": str(written.archive), "previous": previous, "files": written.files}))
    else:
        click.echo(f"{written.folder}: {len(written.files)} files, compared with {previous or 'nothing'}\n{written.archive}")


@main.command(name="diff")
@click.argument("old")
@click.argument("new")
@package_option
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True)
def diff_command(old: str, new: str, package_path: Path, form: str) -> None:
    """Tell what changed between two releases, each a database, a snapshot (folder or zip) or a git revision."""
    package = load_package(package_path)
    with tempfile.TemporaryDirectory() as aside:
        (Path(aside) / "old").mkdir()
        (Path(aside) / "new").mkdir()
        before, after = (release_database(what, package_path, Path(aside) / side) for what, side in ((old, "old"), (new, "new")))
        click.echo(FORMATS[form](compare(package, before, after)), nl=False)


@main.command(name="unpack")
@click.argument("snapshot_folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("target", type=click.Path(path_type=Path))
def unpack_command(snapshot_folder: Path, target: Path) -> None:
    """Make a source package of a snapshot's CSV files, from which `build` makes its database again."""
    click.echo(f"Unpacked; build it with --package {unpack(snapshot_folder, target)}")


@main.command(name="format")
@package_option
def format_command(package_path: Path) -> None:
    """Rewrite the source files in canonical order and quoting; nothing of what they say changes."""
    changed = format_package(load_package(package_path))
    click.echo(f"Rewritten: {', '.join(changed)}." if changed else "Every file is canonical already.")


@main.command()
@package_option
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit status 1 where the page is not what the schemas say.")
def document(package_path: Path, only_check: bool) -> None:
    """Write what is made from schemas and datapackage.yaml: docs/data-dictionary.md (and in docs/fa), CITATION.cff and .zenodo.json."""
    package = load_package(package_path)
    languages = [lang for lang in DICTIONARY if lang == "en" or f"title_{lang}" in package.descriptor]
    documents = {DICTIONARY[lang]: data_dictionary(package, lang) for lang in languages} | {CITATION: citation(package), ZENODO: zenodo(package)}
    for name, text in documents.items():
        path = package.root / name
        if only_check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            raise click.ClickException(f"{name} is not what the schemas say; run `make docs`")
        if not only_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


@main.command(name="report")
@package_option
@click.option("--write", is_flag=True, help=f"Write the page to {QUALITY} of the package instead of printing it.")
def report_command(package_path: Path, write: bool) -> None:
    """Tell the quality of the records in numbers: sources, voices, disagreements, age of news, what is empty or not mapped."""
    package = load_package(package_path)
    checked = check(package, Stages())
    text = report(package, checked.frames, checked.consolidated)
    if not write:
        click.echo(text, nl=False)
        return
    path = package.root / QUALITY
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@main.command()
@package_option
@click.option("--rows", type=click.IntRange(min=100), default=1_000_000, show_default=True, help="About how many observation rows to make.")
@click.option("--subjects", type=click.IntRange(min=1), help="Records of the table that the package is about (people).  [default: as many as of others]")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The folder to make; it must not exist yet.")
def synthesize(package_path: Path, rows: int, subjects: int | None, seed: int, output: Path) -> None:
    """Make a package of the same shape with made-up rows, for tests and benchmarks."""
    if output.exists():
        raise click.ClickException(f"{output} exists already; name a folder that does not")
    click.echo(synthesize_package(load_package(package_path), rows, output, seed, subjects))


def _database(package: Package, output: Path | None) -> Path:
    return output or package.root / "dist" / f"{package.name}.db"


def _kept(package: Package, fresh: bool = False) -> Kept:
    """What earlier runs have kept of this package."""
    return Kept(None if fresh else package.root / "dist" / ".kept")


def _summary(built: Built) -> str:
    """One line for a log; then rows per published table, with what changed against the database that was replaced."""
    rows = sum(built.counts.values())
    total = f" ({rows - sum(built.previous.values()):+d})" if built.previous else ""
    done = f"Left {built.path} as it is, up to date" if built.up_to_date else f"Built {built.path}"
    lines = [f"{done}: version {built.version}, {rows} rows{total} in {len(built.counts)} tables, {len(built.warnings)} warnings, {built.seconds:.1f} s"]
    for name, count in built.counts.items():
        before = built.previous.get(name)
        change = "" if before is None else " (as before)" if before == count else f" ({count - before:+d})"
        lines.append(f"  {name:28}{count:>9}{change}")
    return "\n".join(lines)


def _print_warnings(warnings: list[Problem], as_json: bool) -> None:
    if as_json:
        return
    for warning in warnings[:WARNINGS_SHOWN]:
        click.echo(str(warning), err=True)
    if len(warnings) > WARNINGS_SHOWN:
        click.echo(f"… and {len(warnings) - WARNINGS_SHOWN} more warnings; --json has them all", err=True)


def run() -> None:
    """Run the command line; errors that a user can mend are told in lines, with exit status 1, never as a traceback."""
    gc.set_threshold(*RARELY)
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except Refused as refused:
        _print_refusal(refused)
        sys.exit(1)
    except (PackageError, LoadError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"{error.filename}: {error.strerror}" if error.filename else str(error), err=True)
        sys.exit(1)


def _print_refusal(refused: Refused) -> None:
    if "--json" in sys.argv:
        click.echo(json.dumps({"valid": False, "problems": [p.as_dict() for p in refused.problems]}, ensure_ascii=False))
        return
    for problem in refused.problems[:ERRORS_SHOWN]:
        click.echo(str(problem), err=True)
    if len(refused.problems) > ERRORS_SHOWN:
        click.echo(f"… and {len(refused.problems) - ERRORS_SHOWN} more; --json has them all", err=True)
    errors = sum(not p.warning for p in refused.problems)
    click.echo(f"{errors} error{'s' if errors != 1 else ''}; nothing was published or replaced.", err=True)


if __name__ == "__main__":
    run()

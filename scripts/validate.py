"""Refuse wrong sources: all errors at once, each with file, line, column, value and what right looks like.

Three passes: the form of the files (files.py); of the readable ones the rows, which are proven clean set by set
(prove.py) or explained by Frictionless with our own checks (checks.py); and what only several rows or tables together can show (crosschecks.py).
"""

from __future__ import annotations

from typing import Any

from frictionless import Checklist, Report
from frictionless import Package as FrictionlessPackage
from rapidfuzz import process

from scripts.checks import checks_for
from scripts.crosschecks import cross_problems
from scripts.files import check_form
from scripts.frames import Frames, read_table
from scripts.kept import Kept
from scripts.package import Package, Table
from scripts.problems import Problem, Refused
from scripts.prove import is_clean

PROOF = "proof"  # the kind of result that says that a table's own rows are clean
ROW_ERRORS = 100_000  # per file; Frictionless stops counting there


def validate(package: Package, kept: Kept | None = None) -> tuple[Frames, list[Problem]]:
    """Check all sources of a package; a table that `kept` knows to be clean is not proven so again.

    Returns the source tables as frames, and warnings. Raises Refused with every problem where there is any error.
    """
    kept = kept or Kept()
    problems: list[Problem] = []
    proven = [t for t in package.tables.values() if kept.facts(PROOF, _evidence(package, t, kept))]
    sound: list[Table] = []
    for table in package.tables.values():
        if table in proven:
            sound.append(table)
            continue
        form = check_form(table, package.root)
        problems += form.problems
        if form.readable:
            sound.append(table)
    frames = {t.name: read_table(t) for t in sound}
    malformed = {p.file for p in problems}
    for table in [t for t in sound if t not in proven]:
        if not is_clean(table, frames[table.name]):
            problems += row_problems(package, table)
        elif _path(package, table) not in malformed:
            kept.note(PROOF, _evidence(package, table, kept), True)
    problems += cross_problems(package, frames)
    if any(not p.warning for p in problems):
        raise Refused(sorted(set(problems)))
    return frames, sorted(set(problems))


def _evidence(package: Package, table: Table, kept: Kept) -> object:
    """All that decides whether a table's own rows are clean."""
    return [table.name, table.descriptor, kept.digests.get(_path(package, table))]


def _path(package: Package, table: Table) -> str:
    assert table.path is not None
    return str(table.path.relative_to(package.root))


def row_problems(package: Package, table: Table) -> list[Problem]:
    """What Frictionless and our checks find in the rows of one table."""
    resource = next(r for r in package.descriptor["resources"] if r["name"] == table.name)
    schema = {k: v for k, v in table.descriptor.items() if k != "foreignKeys"}  # checked between tables, with better messages
    descriptor = {"name": package.name, "$schema": package.descriptor.get("$schema"), "resources": [{**resource, "schema": schema}]}
    data = FrictionlessPackage.from_descriptor(descriptor, basepath=str(package.root)).get_resource(table.name)
    report = data.validate(Checklist(checks=checks_for(table)), limit_errors=ROW_ERRORS)
    return _problems(report, table, resource["path"])


def _problems(report: Report, table: Table, file: str) -> list[Problem]:
    found = []
    for error in (e for task in report.tasks for e in task.errors):
        column = getattr(error, "field_name", "")
        if error.type == "type-error" and table.field(column).type in ("integer", "number"):
            continue  # our own rule is stricter and has told it already
        cell = getattr(error, "cell", None)
        found.append(Problem(file, getattr(error, "row_number", 0), column, _message(error, table, column), cell or None))
    return found


def _message(error: Any, table: Table, column: str) -> str:
    """Our words for an error of Frictionless: what was wrong and what right looks like."""
    if error.type == "primary-key":
        return f"has the same {', '.join(table.primary_key)} as another row; one source has one row per record"
    if error.type == "type-error":
        return f"is not a {table.field(column).type}{_example(table, column)}"
    if error.type == "constraint-error":
        return _constraint_message(error, table, column)
    return str(error.note or error.message)


def _constraint_message(error: Any, table: Table, column: str) -> str:
    constraints = table.field(column).constraints
    kind = error.note.split('"')[1]
    if kind == "required":
        return "is empty; every row needs it"
    if kind == "enum":
        best = process.extractOne(error.cell, constraints["enum"], score_cutoff=70)
        hint = f"; did you mean {best[0]}?" if best else ""
        return f"is not one of {', '.join(constraints['enum'])}{hint}"
    if kind == "pattern":
        return f"does not match {constraints['pattern']}{_example(table, column)}"
    return f"breaks the constraint {kind} {constraints[kind]}"


def _example(table: Table, column: str) -> str:
    field = table.field(column)
    known = "true or false" if field.type == "boolean" else "babak-alipour" if "a-z0-9" in str(field.constraints) else ""
    example = field.descriptor.get("example") or known
    return f" (such as {example})" if example else ""

"""Bad input: a sentence that says what is wrong and where to go on, for people and for programs; never a 500."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.api.conftest import ask
from tests.site.pages import parse

PEOPLE = "It has id, name, name_fa, born, works, status, status_date, reports, voices, disputed."
WRONG = {
    "/mini/people?nmae=x": (400, f"people has no column 'nmae'. Did you mean 'name'? {PEOPLE}", "/api#filters"),
    "/mini/people?nope__gt=x": (400, f"people has no column 'nope'. {PEOPLE}", "/api#filters"),
    "/mini/people?name__containz=x": (400, "There is no operator 'containz'. Did you mean 'contains'? There are exact, not, contains, endswith, startswith, gt, gte, lt, lte, like, notlike, glob, in, notin, arraycontains, arraynotcontains, date, isnull, notnull, isblank, notblank.", "/api#filters"),
    "/mini/people?=x": (400, "The address holds a value without the name of a column.", "/api#filters"),
    "/mini/people?name__in=[x": (400, 'name__in starts with [ and so must be a JSON list, such as ["a", "b"]; or separate values by commas.', "/api#filters"),
    "/mini/people?reports__gt=many": (400, "reports holds numbers, and 'many' is none.", "/api#filters"),
    "/mini/people?name__arraycontains=x": (400, "This cannot be answered: malformed JSON.", "/api#sql"),
    "/mini/people?_szie=3": (400, "There is no parameter '_szie'. Did you mean '_size'?", "/api#parameters"),
    "/mini/people?_size=-1": (400, "_size is a whole number up to 1000, or max; '-1' is neither.", "/api#parameters"),
    "/mini/people?_size=1001": (400, "_size is a whole number up to 1000, or max; '1001' is neither.", "/api#parameters"),
    "/mini/people?_facet_size=x": (400, "_facet_size is a whole number up to 1000, or max; 'x' is neither.", "/api#parameters"),
    "/mini/people?_shape=round": (400, "There is no _shape 'round'; ask for _shape=objects.", "/api#parameters"),
    "/mini/people?_labels=perhaps": (400, "_labels is on or off, not 'perhaps'.", "/api#parameters"),
    "/mini/people?_json_infinity=x": (400, "_json_infinity is on or off, not 'x'.", "/api#parameters"),
    "/mini/people?_timelimit=x": (400, "_timelimit is a whole number, not 'x'.", "/api#parameters"),
    "/mini/people?_through=x": (400, '_through is a JSON object such as {"table": "…", "column": "…", "value": "…"}.', "/api#parameters"),
    '/mini/people?_through={"table":"x","column":"y","value":"z"}': (400, "This cannot be answered: Invalid _through - could not find corresponding foreign key.", "/api#errors"),
    "/mini/people?_sort=nope": (400, f"people has no column 'nope'. {PEOPLE}", "/api#sorting"),
    "/mini/people?_sort=name&_sort_desc=name": (400, "Sort by _sort or by _sort_desc, not by both.", "/api#sorting"),
    "/mini/people?_facet=nope": (400, f"people has no column 'nope'. {PEOPLE}", "/api#filters"),
    "/mini/people?_col=nope": (400, f"people has no column 'nope'. {PEOPLE}", "/api#filters"),
    "/mini/people?_nocol=id": (400, "This cannot be answered: _nocol=id - invalid columns.", "/api#errors"),
    "/mini/people?_next=zzz": (400, "_next is no place in this list. Take it from `next` of the page before, with the same sort and filters.", "/api#paging"),
    "/mini/events?_next=a,b,c": (400, "_next is no place in this list. Take it from `next` of the page before, with the same sort and filters.", "/api#paging"),
    "/mini/death_row?_next=abc": (400, "_next is no place in this list. Take it from `next` of the page before, with the same sort and filters.", "/api#paging"),
    "/mini/people?_searchmode=raw&_search=%22": (400, "This cannot be answered: unterminated string.", "/api#sql"),
    "/mini/people?_search_works=x": (400, "This cannot be answered: Cannot search by that column.", "/api#errors"),
    "/mini/people?_where=nope": (400, "This cannot be answered: no such column: nope.", "/api#sql"),
    "/mini/people?_where=1;drop table people": (400, "This cannot be answered: You can only execute one statement at a time.", "/api#sql"),
    "/mini/born-before?dya=1990": (400, "The query born-before has no parameter 'dya'; it has day.", "/api#queries"),
    "/mini/everyone?day=1990": (400, "The query everyone has no parameter 'day'; it has none.", "/api#queries"),
    "/mini/people/nobody": (404, "No record of people has the id 'nobody'.", "/mini/people?_search=nobody"),
    "/mini/events/no-event": (404, "No record of events has the id 'no-event'.", "/mini/events"),
    "/mini/people/nobody/dossier.json": (404, "No record of people has the id 'nobody'.", "/mini/people?_search=nobody"),
    "/mini/people_as_reported/reza-rasaei": (404, "A record of people_as_reported has an address made of id, source, separated by commas.", "/mini/people_as_reported"),
    "/mini/peeple": (404, "There is no table, view or query 'peeple'. Did you mean people?", "/mini"),
    "/mini/people.xml": (404, "There is no xml of people; there are people.json and people.csv.", "/api#formats"),
    "/mini/people/reza-rasaei.xml": (404, "There is no xml of a record; there is reza-rasaei.json.", "/api#formats"),
    "/elsewhere": (404, "There is nothing at /elsewhere.", "/"),
    "/downloads/mini-2026-01-01/nothing.csv": (404, "There is no such file among the downloads.", "/downloads"),
}  # fmt: skip


@pytest.mark.parametrize("path", [p for p in WRONG if not p.endswith(("dossier.json", ".xml", ".csv"))])
def test_programs_are_told_what_is_wrong(service: str, path: str) -> None:
    status, sentence, pointer = WRONG[path]
    address, question, query = path.partition("?")
    answer = ask(f"{service}{address}.json{question}{query}".replace(" ", "%20"))
    sentence = sentence.replace("nothing at /elsewhere", "nothing at /elsewhere.json")
    assert (answer.status, answer.headers["content-type"], answer.headers["cache-control"]) == (status, "application/json; charset=utf-8", "no-store")
    assert answer.json == {"ok": False, "status": status, "title": None, "error": sentence, "help": service + pointer}


@pytest.mark.parametrize("path", WRONG)
def test_people_are_told_what_is_wrong(service: str, path: str) -> None:
    status, _, pointer = WRONG[path]
    answer = ask(f"{service}{path}".replace(" ", "%20"), Accept="text/html")
    assert answer.status == status
    if not path.endswith((".json", ".csv")):
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'href="{pointer}"' in answer.body.decode()


@pytest.mark.parametrize(
    "sql", ["select", "select * from nowhere", "select 1; select 2", "drop table people", "pragma table_list", "attach 'x' as y", "select load_extension('x')"]
)
def test_sql_that_cannot_run(service: str, sql: str) -> None:
    answer = ask(f"{service}/mini.json?sql={sql}&_shape=objects".replace(" ", "+"))
    assert (answer.status, answer.json["help"]) == (400, f"{service}/api#sql")
    assert answer.json["error"].startswith("This cannot be answered: ")
    assert ask(f"{service}/mini?sql={sql}".replace(" ", "+"), Accept="text/html").status == 400


def test_a_query_without_end_is_stopped(service: str) -> None:
    endless = "with+recursive+c(n)+as+(select+1+union+all+select+n%2B1+from+c)+select+max(n)+from+c"
    answer = ask(f"{service}/mini.json?sql={endless}")
    assert (answer.status, answer.json["error"]) == (
        400,
        "The query took longer than a query may take here; ask for less, or take the whole table from the downloads.",
    )


@pytest.mark.parametrize("path", [
    "/mini/people?_next=%00,%00", "/mini/people?name=%00", "/mini/people?_search=%00%22%27*", "/mini/people/%00", "/mini/people/%2e%2e%2f", "/%ff", "/mini/people?name=%ff",
    "/mini/people?voices=99999999999999999999999999", "/mini/people?_size=99999999999999999999", "/mini/people?_sort=", "/mini/people?_where=", "/mini/death_row?_next=9999999999",
    "/mini/people?_through={}", "/mini/people?_col=", "/mini/people?_facet=", "/mini/people?name__in=", "/mini/people/a,b,c", "/mini/people/~", "/mini/people/~zz", "/mini/~", "/~",
    "/mini/people?_next=~,~", "/mini?sql=", "/mini/people.json?_shape=object", "/mini/people?_filter_column=nope&_filter_op=exact&_filter_value=x", "/downloads/..%2f..%2fmini.db",
    "/downloads/.building/half.csv", "/downloads/%00", "/mini/people/-/reconcile?queries=x", "/mini/people/x/y/z", "/mini/people?" + "a" * 5000 + "=1", "/mini/people?_extra=nope",
])  # fmt: skip
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_nothing_gets_a_500(service: str, path: str, accept: str) -> None:
    assert ask(service + path, Accept=accept).status < 500


def test_a_merged_record_has_moved(service: str) -> None:
    for path, moved in {"": "", ".json?_shape=objects": ".json", "/dossier.json": "/dossier.json"}.items():
        answer = ask(f"{service}/mini/people/reza-rasai{path}")
        assert (answer.status, answer.headers["location"]) == (301, f"/mini/people/reza-rasaei{moved}")


def test_a_withdrawn_record_is_gone_and_the_list_names_nobody(service: str) -> None:
    answer = ask(f"{service}/mini/people/no-longer-here.json")
    assert (answer.status, answer.json["error"]) == (410, "This record was withdrawn and is no longer published.")
    assert ask(f"{service}/mini/people/no-longer-here", Accept="text/html").status == 410
    assert ask(f"{service}/mini/people/no-longer-here/dossier.json").status == 410
    assert b"no-longer-here" not in ask(f"{service}/mini/retired_ids.json?_shape=objects").body


def test_a_digest_is_no_address_of_a_withdrawn_record(service: str) -> None:
    digest = next(r["id"] for r in ask(f"{service}/mini/retired_ids.json?_shape=objects").json["rows"] if re.fullmatch("[0-9a-f]{64}", r["id"]))
    assert ask(f"{service}/mini/people/{digest}.json").status == 404


def test_a_key_with_percents_is_sent_to_its_address(service: str) -> None:
    answer = ask(f"{service}/mini/names/people,babak-alipour,Babak%20Alipoor.json?_shape=objects")
    assert (answer.status, answer.headers["location"]) == (302, "/mini/names/people,babak-alipour,Babak~20Alipoor.json?_shape=objects")
    assert ask(service + answer.headers["location"]).json["rows"][0]["name"] == "Babak Alipoor"


def test_what_follows_readers_around_is_shaken_off(service: str) -> None:
    answer = ask(f"{service}/mini/people?status=executed&utm_source=x&fbclid=y", Accept="text/html")
    assert (answer.status, answer.headers["location"]) == (302, "/mini/people?status=executed")
    assert ask(f"{service}/mini/people.json?_shape=objects&utm_source=x").status == 400


def test_the_column_a_list_is_sorted_by_comes_along(service: str) -> None:
    """Datasette fails where a page that is not the last lacks it."""
    page = ask(f"{service}/mini/people.json?_shape=objects&_col=born&_size=1").json
    assert [list(row) for row in page["rows"]] == [["id", "born", "name"]]
    assert (
        ask(f"{service}/mini/people.json?_shape=objects&_nocol=name").json["error"]
        == "The list is sorted by name, so it cannot do without that column; sort it by another."
    )


def test_the_operators_are_those_of_datasette() -> None:
    """The list is written down so that messages can name it; this says when Datasette knows others."""
    import sys

    from datasette.filters import Filters

    from tests.conftest import ROOT

    sys.path.insert(0, str(ROOT / "site"))
    from service.asking import OPERATORS

    assert set(OPERATORS) == {f.key for f in Filters._filters}


@pytest.mark.parametrize(
    ("path", "heading", "english", "further"),
    [
        ("/mini/people/nobody", "چیزی در این نشانی نیست", ["No record of people has the id 'nobody'."], "آن را بجویید"),
        ("/mini/people?nmae=x", "به این نشانی نمی‌توان پاسخ داد", ["people has no column 'nmae'. Did you mean 'name'?"], "چگونه بپرسیم"),
        ("/mini/people/no-longer-here", "دیگر منتشر نمی‌شود", [], "از این‌جا ادامه دهید"),
    ],
)
def test_in_persian_the_page_leads_on_in_persian_and_marks_what_is_english(service: str, path: str, heading: str, english: list[str], further: str) -> None:
    page = parse(ask(f"{service}{path}{'&' if '?' in path else '?'}lang=fa", Accept="text/html").body.decode()).one("main")
    assert page.one("h1").text == heading
    assert [p.text.partition("?")[0] for p in page.all("p", lang="en")] == [e.partition("?")[0] for e in english]
    last = page.all("a")[-1]
    assert last.text == further and "lang=fa" in last.attributes["href"]


@pytest.mark.parametrize(
    "path, parameters, sentence",
    [
        ("numbers", "?last=999999999", "The query took longer than a query may take here; ask for less, or take the whole table from the downloads."),
        ("broken", "", 'This cannot be answered: near "nothing": syntax error.'),
    ],
)
def test_a_question_that_cannot_be_answered_says_why_to_readers_and_programs(service: str, path: str, parameters: str, sentence: str) -> None:
    page = ask(f"{service}/mini/{path}{parameters}", Accept="text/html")
    assert (page.status, page.headers["content-type"], page.headers["cache-control"]) == (400, "text/html; charset=utf-8", "no-store")
    told = ask(f"{service}/mini/{path}.json{parameters}")
    assert (told.status, told.json["error"]) == (400, sentence) and sentence in unescape(page.body.decode())

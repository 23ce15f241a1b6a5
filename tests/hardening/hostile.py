"""SQL that strangers may send to break a server, and what has to come of each: what cuts it off."""

from __future__ import annotations

FOREVER = "with recursive c(x) as (select 1 union all select x + 1 from c) "
DOUBLING = "with recursive d(t) as (select 'ab' union all select t || t from d) "
CUT = "took longer than a query may take"
ROOM = "needs more room|took longer"  # which bound it meets first depends on the machine

# each query, and (as a pattern) words of the answer that says why it was not run or not finished
HOSTILE = {
    "recursion without end": (FOREVER + "select count(*) from c", CUT),
    "recursion that sorts": (FOREVER + "select x from c order by x desc", CUT),
    "recursion that keeps": (FOREVER + "select count(distinct x * 7919 % 100003 || '-' || x) from c", CUT),
    "cross join": ("select count(*) from claims a, claims b, claims c, claims d, claims e, claims f", CUT),
    "cross join, sorted": ("select a.value || b.value as v from claims a, claims b, claims c, claims d, claims e order by v", ROOM),
    "giant of zeros": ("select zeroblob(1000000000)", "too big"),
    "giant of chance": ("select hex(randomblob(900000000))", "too big"),
    "giant of many zeros": ("select " + ", ".join(f"zeroblob(900000) as v{i}" for i in range(20)), "answer is too long"),
    "giant text": (DOUBLING + "select max(length(t)) from d", "too big"),
    "giant format": ("select printf('%.*c', 900000000, 'x')", CUT),
    "giant replace": ("select replace(replace(hex(zeroblob(400000)), '0', 'aaaaaaaaaa'), 'a', 'bbbbbbbbbb')", "too big"),
    "giant group": ("select group_concat(hex(zeroblob(400000)), '') from claims", "too big"),
    "many giants kept": (FOREVER + "select count(*) from (select distinct hex(randomblob(400000)) from c)", ROOM),
    "trim that never ends": ("select trim(replace(hex(zeroblob(400000)), '0', 'a'), replace(hex(zeroblob(40000)), '0', 'b') || 'a')", CUT),
    "patterns that never end": (FOREVER + "select sum(replace(hex(zeroblob(450000)), '0', 'a') like '%a%a%a%a%a%a%a%a%a%b' || x) from c", CUT),
    "long pattern": ("select 'x' like replace(hex(zeroblob(2000)), '0', '%')", "too complex"),
    "wide": ("select " + ", ".join("1" for _ in range(500)), "too many columns"),
    "deep": ("select " + "(" * 400 + "1" + ")" * 400, ""),
    "long sum": ("select " + "+".join("1" for _ in range(1000)), "too large"),
    "search that never ends": (
        "select count(*) from people_search where people_search match replace(hex(zeroblob(60000)), '00', 'a* OR b* OR ') || 'c*'", ""
    ),
    "pragma": ("pragma database_list", "must be a SELECT"),
    "pragma as a table": ("select * from pragma_database_list", "prohibited"),
    "settings of the library": ("select * from pragma_compile_options", "disallowed PRAGMA"),
    "attach": ("attach 'x.db' as x", "must be a SELECT"),
    "attach after select": ("select 1; attach 'x.db' as x", "one statement at a time"),
    "load": ("select load_extension('evil')", "not authorized"),
    "write a file": ("select writefile('x', 'x')", "no such function"),
    "read a file": ("select readfile('/etc/passwd')", "no such function"),
    "tokenizer by address": ("select fts3_tokenizer('simple', x'4141414141414141')", "not authorized"),
    "other people's statements": ("select * from sqlite_stmt", "prohibited"),
    "other people's statements, counted": ("select count(*) from SQLITE_STMT", "not authorized"),
    "pages of the file": ("select * from dbstat", "prohibited"),
    "version of the library": ("select sqlite_version()", "not authorized"),
    "insert": ("with x as (select 1) insert into people (id) values ('x')", "not authorized"),
    "delete": ("with x as (select 1) delete from people", "not authorized"),
    "change of the catalogue": ("with x as (select 1) update sqlite_master set sql = ''", ""),
    "table of its own": ("create table x (a)", "must be a SELECT"),
    "no SQL": ("\0", ""),
}  # fmt: skip

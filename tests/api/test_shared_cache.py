"""A real shared cache in front of the server: it keeps one copy for everybody, of each encoding, and asks again the cheap way."""

from __future__ import annotations

import gzip
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.package import Package
from tests.api.conftest import ask
from tests.conftest import serving

CONFIG = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=kept:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {address}; proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_cache kept; proxy_cache_key $request_uri; proxy_cache_revalidate on;
      add_header X-Kept $upstream_cache_status always;
    }}
  }}
}}
"""


@pytest.fixture(scope="module")
def cache(service: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of nginx as a cache in front of the server, with nothing set up for this site in particular."""
    if not shutil.which("nginx"):
        pytest.skip("there is no nginx on this machine")
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, address=service))
    server = subprocess.Popen(["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def test_one_copy_serves_readers_whatever_they_send_along(cache: str) -> None:
    path = f"{cache}/mini/people.json?_shape=objects&status=executed"
    first = ask(path, Cookie="analytics=1")
    again = ask(path, Cookie="analytics=2", Authorization="Bearer x", User_Agent="another")
    assert (first.headers["x-kept"], again.headers["x-kept"], again.body) == ("MISS", "HIT", first.body)


def test_each_encoding_is_kept_for_itself(cache: str) -> None:
    path = f"{cache}/api"
    plain, packed = ask(path), ask(path, Accept_Encoding="gzip")
    assert (packed.headers["content-encoding"], gzip.decompress(packed.body)) == ("gzip", plain.body)
    kept = [ask(path), ask(path, Accept_Encoding="gzip")]
    assert [a.headers["x-kept"] for a in kept] == ["HIT", "HIT"] and [a.body for a in kept] == [plain.body, packed.body]


def test_the_cache_answers_conditional_requests_itself(cache: str) -> None:
    path = f"{cache}/mini/events.json?_shape=objects"
    tag = ask(path).headers["etag"]
    answer = ask(path, If_None_Match=tag)
    assert (answer.status, answer.headers["x-kept"], answer.body) == (304, "HIT", b"")


def test_errors_are_not_kept(cache: str) -> None:
    for path, status in (("/mini/people/nobody.json", 404), ("/mini/people.json?nope=1", 400)):
        assert [(a.status, a.headers["x-kept"]) for a in (ask(cache + path), ask(cache + path))] == [(status, "MISS")] * 2


def test_an_answer_that_lacks_a_part_is_kept_by_nobody(real_package: Package, real_database: Path) -> None:
    """Datasette answers without a facet that took too long to count; the next asker may be luckier."""
    with serving(real_package, real_database, "--setting", "facet_time_limit_ms", "1") as address:
        edition = ask(address).headers["x-dataset-edition"]
        answer = ask(f"{address}/{real_package.name}/claims.json?_shape=objects&_facet=value&_v={edition}")
        assert (answer.status, answer.json["facet_results"], answer.headers["cache-control"], "etag" in answer.headers) == (200, {}, "no-store", False)
        whole = ask(f"{address}/{real_package.name}/claims.json?_shape=objects&_v={edition}")
        assert (whole.headers["cache-control"], "etag" in whole.headers) == ("public, max-age=31536000, immutable", True)

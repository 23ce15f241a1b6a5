"""Change the version that is served, one instance after the other, without a failed request.

`python -m deploy.switch --current LINK --release FOLDER --restart 'systemctl restart site@{}' SOCKET…` lets LINK point to FOLDER, then for each
instance, which is named by the file name of its socket: restarts it and waits until /-/health on its socket answers. Should one
not come up, LINK points to the old release again, that instance is started again with it, and the exit status is 1; the others were never touched.
"""

from __future__ import annotations

import http.client
import json
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import click

PATIENCE = 60  # seconds for an instance to come up


class Connection(http.client.HTTPConnection):
    """HTTP over a socket file."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def health(path: Path) -> dict[str, str] | None:
    """What the instance at a socket says of itself; None where it does not answer, or not well."""
    try:
        connection = Connection(path)
        connection.request("GET", "/-/health")
        answer = connection.getresponse()
        told = json.loads(answer.read())
        return told if answer.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        return None


def point(link: Path, folder: Path) -> None:
    """Let `link` point to `folder`, in one step."""
    new = link.with_name(f".{link.name}-new")
    new.unlink(missing_ok=True)
    new.symlink_to(folder.resolve(strict=True))
    new.replace(link)


def restart(command: str, instance: Path) -> bool:
    """Restart an instance; whether it came up, as another process than before."""
    before = health(instance)
    subprocess.run([part.replace("{}", instance.stem) for part in shlex.split(command)], check=True)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if (now := health(instance)) and now["process"] != (before or {}).get("process"):
            return True
        time.sleep(0.1)
    return False


def empty(cache: Path) -> None:
    """Remove every kept answer; nginx asks again for what is not there."""
    for kept in [path for path in cache.rglob("*") if path.is_file()]:
        kept.unlink(missing_ok=True)


@click.command()
@click.option("--current", type=click.Path(path_type=Path), required=True, help="The link to the release that is served.")
@click.option("--release", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="The folder of the new release.")
@click.option("--restart", "command", required=True, help="The command that restarts an instance, with {} for its name.")
@click.option("--cache", type=click.Path(path_type=Path), help="The proxy's cache, to be emptied: what was withdrawn must not live on in it.")
@click.argument("sockets", nargs=-1, required=True, type=click.Path(path_type=Path))
def main(current: Path, release: Path, command: str, cache: Path | None, sockets: tuple[Path, ...]) -> None:
    """Serve RELEASE instead of what is served now."""
    old = current.resolve() if current.exists() else None
    point(current, release)
    for instance in sockets:
        if not restart(command, instance):
            if old:
                point(current, old)
                restart(command, instance)
            sys.exit(f"{instance.stem} did not come up with {release}; {f'{old} is served again' if old else 'there is no older release'}")
    if cache:
        empty(cache)
    click.echo(f"{release} is served by {len(sockets)} instances")


if __name__ == "__main__":
    main()

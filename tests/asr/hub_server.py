"""A model hub on this machine: as much of the real one as its client uses to fetch files."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "somebody/faster-whisper-own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came."""

    method: str
    name: str
    first_byte: int
    headers: Mapping[str, str]


class HubServer(ThreadingHTTPServer):
    """A hub with one repository.

    `ends_at`: the line dies there in every file. `silent`: "HEAD" or "GET" are taken and never
    answered. `nonsense`: every answer is a log-in page. `elsewhere`: files over 1 kB lie behind a
    redirect, as on the hub. `names_sha256`: whether it does, as the hub for large files.
    """

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files = dict(files)
        self.ends_at: int | None = None
        self.silent = ""
        self.nonsense = False
        self.elsewhere = False
        self.names_sha256 = True
        self.asked: list[Asked] = []
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def sent(self) -> list[str]:
        """Names of files of which content was asked for, in order."""
        return [a.name for a in self.asked if a.method == "GET"]


class _Answer(BaseHTTPRequestHandler):
    server: HubServer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, (place, _, name) = self.server, self.path.split("?")[0].rpartition("/")
        wanted = self.headers.get("Range")
        first = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        asked = Asked(
            method=self.command, name=name, first_byte=first, headers=dict(self.headers.items())
        )
        hub.asked.append(asked)
        if hub.silent == self.command:
            hub.over.wait(60)
        elif hub.nonsense:
            self._send(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})
        elif not place.startswith(f"/{REPOSITORY}/resolve/") and place != "/elsewhere":
            code = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            self._send(404, b"", code)
        elif name not in hub.files:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        else:
            self._send_file(hub.files[name], first, moved=place != "/elsewhere")

    def _send_file(self, data: bytes, first: int, *, moved: bool) -> None:
        hub = self.server
        kind = hashlib.sha256 if hub.names_sha256 else hashlib.md5
        tag = f'"{kind(data, usedforsecurity=False).hexdigest()}"'
        about = {"X-Repo-Commit": COMMIT, "ETag": tag}
        if moved and hub.elsewhere and len(data) > 1_000:
            name = self.path.split("?")[0].rpartition("/")[2]
            where = {"Location": f"{hub.address}/elsewhere/{name}"}
            linked = {"X-Linked-Etag": tag, "X-Linked-Size": str(len(data)), "ETag": '"pointer"'}
            self._send(302, b"", about | linked | where)
            return
        if first:
            about["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        self._send(206 if first else 200, data[first:], about, ends_at=self._ends_at(first))

    def _ends_at(self, first: int) -> int | None:
        return None if self.server.ends_at is None else max(self.server.ends_at - first, 0)

    def _send(
        self, status: int, data: bytes, headers: Mapping[str, str], *, ends_at: int | None = None
    ) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data if ends_at is None else data[:ends_at])
            self.wfile.flush()
        if ends_at is not None and ends_at < len(data):
            time.sleep(0.05)  # what was sent arrives before the line is seen to be dead
            self.connection.close()


@contextmanager
def hub_with(files: Mapping[str, bytes]) -> Iterator[HubServer]:
    """A running hub."""
    server = HubServer(files)
    # It looks every so many seconds whether it is to end, and its end is waited for.
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()

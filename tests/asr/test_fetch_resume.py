"""Fetching a model from a mirror on this machine: whole, and from where it broke off."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.json": b"[]",
    "model.bin": os.urandom(3_000_000),
    "README.md": b"not wanted",
}
REPOSITORY = "somebody/whisper"


class Mirror(ThreadingHTTPServer):
    """A hub with one repository.

    `breaks` closes the line in the middle of model.bin, `nonsense` answers as a log-in page would.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.breaks = False
        self.nonsense = False
        self.asked: list[tuple[str, str | None]] = []


class Answer(BaseHTTPRequestHandler):
    server: Mirror

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.split("?")[0]
        if self.server.nonsense:
            self._send(200, b"<html>Please log in</html>", body=body, kind="text/html")
            return
        name = path.rsplit("/", 1)[-1]
        if "/resolve/" not in path or name not in FILES:
            self._send(404, b"", body=body)
            return
        data = FILES[name]
        first = 0
        asked = self.headers.get("Range")
        if body:
            self.server.asked.append((name, asked))
        if asked:
            first = int(asked.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if first else 200)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(data) - first))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if not body:
            return
        if name == "model.bin" and self.server.breaks:
            self.wfile.write(data[first : first + 1_000_000])
            self.wfile.flush()
            self.connection.close()
            return
        self.wfile.write(data[first:])

    def _send(
        self, status: int, data: bytes, *, body: bool, kind: str = "application/json"
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    server = Mirror()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def fetch(mirror: Mirror, to: Path) -> subprocess.CompletedProcess[str]:
    address = f"http://127.0.0.1:{mirror.server_address[1]}"
    given = [REPOSITORY, "--from", address, "--to", str(to)]
    command = [sys.executable, "-m", "qc_pipeline", "model", "fetch", *given]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)


def test_a_model_comes_whole_with_progress_and_only_what_is_needed(
    tmp_path: Path, mirror: Mirror
) -> None:
    done = fetch(mirror, tmp_path / "m")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(tmp_path / "m")
    assert (tmp_path / "m" / "model.bin").read_bytes() == FILES["model.bin"]
    assert not (tmp_path / "m" / "README.md").exists()
    assert "%" in done.stderr
    before = len(mirror.asked)
    assert fetch(mirror, tmp_path / "m").returncode == 0
    assert len(mirror.asked) == before  # nothing is fetched twice


def test_a_broken_fetch_is_told_and_goes_on_where_it_was(tmp_path: Path, mirror: Mirror) -> None:
    mirror.breaks = True
    broken = fetch(mirror, tmp_path / "m")
    assert broken.returncode == 4, broken.stderr
    last = broken.stderr.strip().splitlines()[-1]
    assert "What came is kept" in last
    assert "Traceback" not in broken.stderr
    mirror.breaks = False
    mirror.asked.clear()
    assert fetch(mirror, tmp_path / "m").returncode == 0
    assert (tmp_path / "m" / "model.bin").read_bytes() == FILES["model.bin"]
    resumed = dict(mirror.asked)["model.bin"]
    assert resumed is not None
    assert int(resumed.removeprefix("bytes=").split("-")[0]) >= 1_000_000


def test_a_mirror_that_answers_nonsense_is_one_sentence(tmp_path: Path, mirror: Mirror) -> None:
    mirror.nonsense = True
    done = fetch(mirror, tmp_path / "m")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "a web page came instead of the model" in done.stderr
    assert list((tmp_path / "m").iterdir()) == []  # nothing of it is taken for the model later
    assert f"fetching {REPOSITORY} from http://127.0.0.1" in done.stderr

"""`qc model fetch` against a hub of our own on this machine: whole, resumed, and not whole."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qc_pipeline.asr.models import missing_files
from tests.asr.tiny_model import scripted_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "somebody/faster-whisper-own"


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's interface as its client uses to fetch a repository."""

    folder: Path
    asked: list[tuple[str, str | None]]

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/api/models/"):
            files = sorted(p.name for p in self.folder.iterdir())
            about = {
                "id": REPOSITORY,
                "sha": COMMIT,
                "private": False,
                "disabled": False,
                "siblings": [{"rfilename": f} for f in files],
            }
            if "/tree/" in path:
                about = [
                    {
                        "type": "file",
                        "path": f,
                        "oid": hashlib.sha1(f.encode(), usedforsecurity=False).hexdigest(),
                        "size": (self.folder / f).stat().st_size,
                    }
                    for f in files
                ]
            self._send(json.dumps(about).encode(), {"Content-Type": "application/json"}, body=body)
        elif "/resolve/" in path:
            self._send_file(path.rsplit("/", 1)[1], body=body)
        else:
            self._send(b"", {}, body=body)

    def _send_file(self, name: str, *, body: bool) -> None:
        if not (self.folder / name).is_file():
            self._send(b"", {}, body=body, status=404)
            return
        data = (self.folder / name).read_bytes()
        wanted = self.headers.get("Range")
        if body:
            self.asked.append((name, wanted))
        headers = {
            "ETag": f'"{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
        }
        if wanted:
            first = int(wanted.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            self._send(data[first:], headers, body=body, status=206)
        else:
            self._send(data, headers, body=body)

    def _send(self, data: bytes, headers: dict[str, str], *, body: bool, status: int = 200) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[str, type[Hub]]]:
    handler = type("OwnHub", (Hub,), {"folder": tmp_path / "published", "asked": []})
    scripted_model(handler.folder, "您好")
    (handler.folder / "README.md").write_text("not wanted", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def fetch(source: str, target: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as on the command line: the client reads its settings once."""
    code = (
        "import sys; from pathlib import Path; from qc_pipeline.asr.fetch import fetch_model; "
        f"print(fetch_model({REPOSITORY!r}, source={source!r}, to=Path({str(target)!r})))"
    )
    env = {
        k: v for k, v in os.environ.items() if not k.startswith("HF_") and "proxy" not in k.lower()
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=env,
        timeout=120,
        check=False,
    )


def test_a_model_is_fetched_whole_and_only_once(hub: tuple[str, type[Hub]], tmp_path: Path) -> None:
    address, handler = hub
    done = fetch(address, tmp_path / "m")
    assert done.returncode == 0, done.stderr
    assert missing_files(tmp_path / "m") == []
    for name in ("model.bin", "tokenizer.json"):
        assert (tmp_path / "m" / name).read_bytes() == (handler.folder / name).read_bytes()
    assert not (tmp_path / "m" / "README.md").exists()
    handler.asked.clear()
    assert fetch(address, tmp_path / "m").returncode == 0
    assert handler.asked == []


def test_a_repository_without_a_whole_model_is_told(
    hub: tuple[str, type[Hub]], tmp_path: Path
) -> None:
    address, handler = hub
    (handler.folder / "tokenizer.json").unlink()
    done = fetch(address, tmp_path / "m")
    assert done.returncode == 1
    assert "is not a whole CTranslate2 model: tokenizer.json is missing" in done.stderr

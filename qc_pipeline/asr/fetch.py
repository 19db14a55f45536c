"""Fetching a model, once, because somebody asked for it: the only place that opens a connection."""

from __future__ import annotations

import http.client
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from qc_pipeline.asr.models import KNOWN_MODELS, MODEL_FILES, missing_files, model_home
from qc_pipeline.errors import SurroundingsError, UsageError

HUB = "https://huggingface.co"
_ANSWER_S = 10.0
_BLOCK = 1 << 20
_LINE_EVERY_S = 5.0


def fetch_model(name: str, *, source: str = "hub", to: Path | None = None) -> Path:
    """Fetch the model `name` (one of KNOWN_MODELS, or OWNER/REPOSITORY) and return its folder.

    `source` is "hub" or the address of a mirror of it. Files that are there already are not
    fetched again, and one that broke off goes on where it was; progress is shown on stderr.
    Raises UsageError for a name or an address that cannot be right, SurroundingsError when the
    network fails or what came is not whole.
    """
    repository = _repository(name)
    endpoint = HUB if source == "hub" else source.rstrip("/")
    if not endpoint.startswith(("https://", "http://")):
        raise UsageError(f"--from is `hub` or the address of a mirror (https://…); found {source}")
    folder = to if to is not None else model_home() / name.replace("/", "--")
    _answers(endpoint)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for file in MODEL_FILES:
            _fetch_file(f"{endpoint}/{repository}/resolve/main/{file}", folder / file)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise SurroundingsError(
            f"fetching {repository} from {endpoint} failed: {reason}. What came is kept in "
            f"{folder}; the same command goes on from there."
        ) from error
    faults = missing_files(folder)
    if faults:
        raise SurroundingsError(
            f"{repository} from {endpoint} is not a whole CTranslate2 model: {'; '.join(faults)}"
        )
    return folder


def _fetch_file(address: str, path: Path) -> None:
    """Fetch one file, going on with the part of it that is there; nothing where there is no such.

    The hub's own client begins a broken file anew in every run (huggingface_hub 2.4), which a model
    of three gigabytes on a bad line never survives. Raises OSError when the line fails or breaks.
    """
    if path.is_file() and path.stat().st_size:
        return
    part, mark = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.tag")
    have = part.stat().st_size if part.is_file() and mark.is_file() else 0
    request = urllib.request.Request(address)  # noqa: S310 (checked by fetch_model)
    if have:
        # The server sends the whole again where the file has changed since.
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", mark.read_text(encoding="utf-8"))
    try:
        answer = urllib.request.urlopen(request, timeout=_ANSWER_S)  # noqa: S310 # nosec B310
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return
        if error.code == 416:
            part.unlink()
        raise
    with answer:
        if answer.headers.get_content_type() == "text/html":
            raise OSError("a web page came instead of the model (a log-in or a proxy's page?)")
        have = have if answer.status == 206 else 0
        total = have + int(answer.headers.get("Content-Length") or 0)
        tag = answer.headers.get("ETag") or ""
        if tag and not tag.startswith("W/"):
            mark.write_text(tag, encoding="utf-8")
        else:
            mark.unlink(missing_ok=True)
        with part.open("ab" if have else "wb") as file:
            shown = _Progress(path.name, total)
            while block := answer.read(_BLOCK):
                have += file.write(block)
                shown.tell(have)
    if have < total:
        raise OSError(f"{path.name}: the line broke off, {have:,} of {total:,} bytes are there")
    shown.tell(have, last=True)
    part.replace(path)
    mark.unlink(missing_ok=True)


class _Progress:
    """How much of a file is there, on stderr: in one line of a terminal, else every few seconds."""

    def __init__(self, name: str, total: int) -> None:
        self._name, self._total = name, total
        self._next = time.monotonic() + (0.0 if sys.stderr.isatty() else _LINE_EVERY_S)

    def tell(self, have: int, *, last: bool = False) -> None:
        if not last and time.monotonic() < self._next:
            return
        terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (0.2 if terminal else _LINE_EVERY_S)
        share = f"{have / self._total:4.0%} of {self._total / 1e6:,.1f} MB" if self._total else ""
        line = f"{self._name:<24} {share or f'{have / 1e6:,.1f} MB'}"
        start, end = ("\r", "\n" if last else "") if terminal else ("", "\n")
        print(start + line, end=end, file=sys.stderr, flush=True)


def _repository(name: str) -> str:
    if name in KNOWN_MODELS:
        return KNOWN_MODELS[name][0]
    parts = name.split("/")
    if len(parts) == 2 and all(p and not p.startswith(".") for p in parts):
        return name
    raise UsageError(
        f"no model is called {name!r}; names are {', '.join(KNOWN_MODELS)}, or OWNER/REPOSITORY "
        "of a CTranslate2 conversion on the hub."
    )


def _answers(endpoint: str) -> None:
    """Ask the host once, with a limit: the hub's client waits for ever on one that is silent."""
    request = urllib.request.Request(endpoint, method="HEAD")  # noqa: S310 (checked above)
    try:
        # The address was checked above.
        with urllib.request.urlopen(request, timeout=_ANSWER_S):  # noqa: S310 # nosec B310
            return
    except urllib.error.HTTPError:
        return  # it answers, if only to refuse the bare address
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SurroundingsError(
            f"{endpoint} does not answer ({reason}); where there is no network, copy the model's "
            "folder over and set `[asr] model` to it, or name a mirror with --from."
        ) from error

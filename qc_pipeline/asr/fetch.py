"""Fetching a model, once, because somebody asked for it: the only place that opens a connection.

The hub's own client does the work; what is left to us is to go on with a file of gigabytes that
broke off in an earlier run, which it does not (huggingface_hub 2.4).
"""

from __future__ import annotations

import http
import os
import re
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from qc_pipeline.asr.models import KNOWN_MODELS, MODEL_FILES, missing_files, model_home
from qc_pipeline.errors import SurroundingsError, UsageError
from qc_pipeline.system.terminal import redraws

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2
    from huggingface_hub import HfFileMetadata
    from rich.progress import Progress

HUB = "https://huggingface.co"
_ANSWER_S = 10.0
_LINE_EVERY_S = 5.0
_BLOCK = 1 << 20
"""Bytes held until they are written: so many are lost where a line breaks."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What the client reads once, when it is imported. Its parallel transfers (Xet) keep no file that
# can be gone on with, and ask other hosts than the one that was named.
_CLIENT_SETTINGS = {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DOWNLOAD_TIMEOUT": f"{_ANSWER_S:.0f}",
    "HF_HUB_VERBOSITY": "error",
}


def fetch_model(name: str, *, source: str = "hub", to: Path | None = None) -> Path:
    """Fetch the model `name` (one of KNOWN_MODELS, or OWNER/REPOSITORY) and return its folder.

    `source` is "hub" or the address of a mirror of it. Files that are there already are not
    fetched again, and one that broke off goes on where it was; progress is shown on stderr.
    Raises UsageError for a name or an address that cannot be right, SurroundingsError when the
    network fails, what came is not whole, or this process was told to stay offline before.
    """
    repository = _repository(name)
    endpoint = HUB if source == "hub" else source.rstrip("/")
    if not endpoint.startswith(("https://", "http://")):
        raise UsageError(f"--from is `hub` or the address of a mirror (https://…); found {source}")
    folder = to if to is not None else model_home() / name.replace("/", "--")
    with _online():
        import httpx2

        try:
            _fetch(repository, endpoint, folder)
        except (OSError, httpx2.HTTPError, ValueError) as error:
            raise SurroundingsError(
                f"fetching {repository} from {endpoint} failed: {_reason(error)}. What came is "
                f"kept in {folder}; the same command goes on from there."
            ) from error
    faults = missing_files(folder)
    if faults:
        raise SurroundingsError(
            f"{repository} from {endpoint} is not a whole CTranslate2 model: {'; '.join(faults)}"
        )
    return folder


@contextmanager
def _online() -> Iterator[None]:
    """The hub's client, allowed to open connections; jobs are told to stay offline."""
    loaded = "huggingface_hub" in sys.modules
    former = {name: os.environ.get(name) for name in _CLIENT_SETTINGS}
    os.environ.update(_CLIENT_SETTINGS)
    try:
        from huggingface_hub import constants, set_client_factory

        if loaded and constants.HF_HUB_OFFLINE:
            raise SurroundingsError(
                "this process was told to stay offline (HF_HUB_OFFLINE); fetch the model with "
                "`qc model fetch`, in a process of its own."
            )
        set_client_factory(_client)
        constants.DOWNLOAD_CHUNK_SIZE = _BLOCK  # ten times that, by itself
        yield
    finally:
        for name, value in former.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _client() -> httpx2.Client:
    """The client's connection, but that no web page passes for a file."""
    import httpx2

    def no_page(answer: httpx2.Response) -> None:
        kind = answer.headers.get("content-type", "")
        if answer.is_success and kind.startswith("text/html"):
            raise OSError("a web page came instead of the model (a log-in or a proxy's page?)")

    return httpx2.Client(
        event_hooks={"response": [no_page]}, follow_redirects=True, timeout=_ANSWER_S
    )


def _fetch(repository: str, endpoint: str, folder: Path) -> None:
    """Fetch what a model consists of into `folder`. Raises what the client raises.

    Why file by file: docs/decisions/0042-a-model-is-fetched-file-by-file.md.
    """
    from huggingface_hub import hf_hub_download

    files = _files(repository, endpoint)
    folder.mkdir(parents=True, exist_ok=True)
    for name, about in files.items():
        _go_on(about, folder / name)
        # It takes what lies in the folder for fetched where its sha256 is the hub's.
        hf_hub_download(
            repository,
            name,
            revision=about.commit_hash,
            endpoint=endpoint,
            local_dir=folder,
            etag_timeout=_ANSWER_S,
            token=False,  # a mirror is nobody to show the user's own key to
        )


def _files(repository: str, endpoint: str) -> dict[str, HfFileMetadata]:
    """Those of a model's files that the server has. Raises SurroundingsError where it is silent."""
    import httpx2
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    found: dict[str, HfFileMetadata] = {}
    for name in MODEL_FILES:
        address = hf_hub_url(repository, name, endpoint=endpoint)
        try:
            found[name] = get_hf_file_metadata(
                address, timeout=_ANSWER_S, token=False, endpoint=endpoint
            )
        except RepositoryNotFoundError:
            raise
        except HfHubHTTPError as error:
            if error.response.status_code != http.HTTPStatus.NOT_FOUND:
                raise
        except (httpx2.ConnectError, httpx2.TimeoutException) as error:
            raise SurroundingsError(
                f"{endpoint} does not answer ({_reason(error)}); where there is no network, copy "
                "the model's folder over and set `[asr] model` to it, or name a mirror with --from."
            ) from error
    return found


def _go_on(about: HfFileMetadata, path: Path) -> None:
    """Fetch a large file, going on with the part of it that is there.

    The client begins a broken file anew in every run, which a model of three gigabytes on a bad
    line never survives. Only where the server names the file's sha256, as the hub does for large
    ones: else nothing could tell whether a part belongs to it.
    """
    from huggingface_hub.file_download import http_get

    if about.size is None or about.size <= _BLOCK or not _SHA256.fullmatch(about.etag or ""):
        return
    if path.is_file() and path.stat().st_size == about.size:
        return
    part = path.with_name(f".{path.name}.{str(about.etag)[:16]}.part")
    for other in path.parent.glob(f".{path.name}.*.part"):
        if other != part:
            other.unlink()
    with part.open("ab") as file:
        http_get(
            about.location,
            file,
            resume_size=file.tell(),
            expected_size=about.size,
            displayed_filename=path.name,
            tqdm_class=_Progress,
        )
    part.replace(path)


class _Progress:
    """How much of a file is there, on stderr: at a terminal a bar with the time left, else a line
    every few seconds; at its end a line in either case.

    As much of tqdm's interface as the client uses of it.
    """

    def __init__(self, *, desc: str, total: int | None, initial: int, **_: Any) -> None:
        self._name, self._total, self._have = desc, total or 0, initial
        self._next = time.monotonic() + _LINE_EVERY_S
        self._bar = _bar(desc, total, initial) if redraws(sys.stderr) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._tell()

    def update(self, count: float = 1) -> None:
        self._have += int(count)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._have)
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_EVERY_S
            self._tell()

    def _tell(self) -> None:
        told = f"{self._have / 1e6:,.1f} MB"
        if self._total:
            told = f"{self._have / self._total:4.0%} of {self._total / 1e6:,.1f} MB"
        print(f"{self._name:<24} {told}", file=sys.stderr, flush=True)


def _bar(name: str, total: int | None, have: int) -> Progress:
    from rich import progress as bars
    from rich.console import Console

    console = Console(file=sys.stderr, force_terminal=True, highlight=False)
    bar = bars.Progress(
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(bar_width=20),
        bars.DownloadColumn(),
        bars.TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,  # what goes to stdout may go to a file
    )
    bar.add_task(name, total=total, completed=have)
    bar.start()
    # A job that is killed leaves no terminal without a cursor.
    console.show_cursor(True)
    return bar


def _reason(error: Exception) -> str:
    """Why it failed, in a line: the client's own words run over several, with advice in them."""
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    if isinstance(error, RepositoryNotFoundError):
        return "there is no such repository, or it is not open to everybody"
    if isinstance(error, HfHubHTTPError):
        return f"the server says {error.response.status_code} {error.response.reason_phrase}"
    return " ".join(str(error).split())[:300] or type(error).__name__


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

"""Fetching a model, once, because somebody asked for it: the only place that opens a connection."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from pathlib import Path

from qc_pipeline.asr.models import KNOWN_MODELS, MODEL_FILES, missing_files, model_home
from qc_pipeline.errors import SurroundingsError, UsageError

HUB = "https://huggingface.co"
_ANSWER_S = 10.0


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
    # The client reads these when it is loaded; for the rest of the job it stays offline.
    os.environ["HF_HUB_OFFLINE"] = "0"
    os.environ["HF_ENDPOINT"] = endpoint
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    folder.mkdir(parents=True, exist_ok=True)
    try:
        # A person names what to fetch.
        huggingface_hub.snapshot_download(  # nosec B615
            repository,
            local_dir=folder,
            allow_patterns=list(MODEL_FILES),
            endpoint=endpoint,
            etag_timeout=_ANSWER_S,
            max_workers=2,
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
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

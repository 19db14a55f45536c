"""`qc model fetch` in processes that are born with the hub's client loaded.

Loading it takes longer than all that a test has fetched. A process that has loaded it as
`qc model fetch` does, and has done nothing yet, forks once for every fetch that is ordered of it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LONGEST_SLEEP_S = 0.02
"""The client waits a second before it tries anew, five times; nothing tested takes so long."""


class FetchProcesses:
    """Starts fetches, one after the other."""

    def __init__(self, parent: subprocess.Popen[str], folder: Path) -> None:
        self._parent, self._folder = parent, folder

    def run(
        self, words: Sequence[str], *, wait_s: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`qc WORDS`; `wait_s` for each answer of the server."""
        out, err = self._folder / "out", self._folder / "err"
        order = {"words": words, "wait_s": wait_s, "out": str(out), "err": str(err)}
        assert self._parent.stdin is not None and self._parent.stdout is not None
        print(json.dumps(order), file=self._parent.stdin, flush=True)
        code = int(self._parent.stdout.readline())
        told = [path.read_text(encoding="utf-8") for path in (out, err)]
        return subprocess.CompletedProcess(["qc", *words], code, *told)


@contextmanager
def fetch_processes(folder: Path, env: Mapping[str, str]) -> Iterator[FetchProcesses]:
    """The parent of fetches whose environment is `env`; what they write goes through `folder`."""
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, "-c", "from tests.asr.fetch_processes import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**env, "PYTHONPATH": os.pathsep.join([root, *sys.path])},
    )
    with parent:
        yield FetchProcesses(parent, folder)


def serve() -> None:
    """The parent: loads the client, then forks for each line of stdin and tells how it ended."""
    from qc_pipeline.asr import fetch
    from tests.in_process import COMMAND

    with fetch._online():
        import huggingface_hub.file_download  # noqa: F401 - the package itself loads it late

        fetch._client().close()
    with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
        COMMAND.main(["model", "fetch", "not a name"], prog_name="qc")  # loads the command's part

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order)
            COMMAND.main(order["words"], prog_name="qc")
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: Mapping[str, Any]) -> None:
    from huggingface_hub import constants

    from qc_pipeline.asr import fetch

    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if order["wait_s"] is not None:
        fetch._ANSWER_S = order["wait_s"]
        constants.HF_HUB_DOWNLOAD_TIMEOUT = order["wait_s"] / 5  # it is waited for six times
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, LONGEST_SLEEP_S))

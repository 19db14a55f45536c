"""`qc model fetch` against a hub on this machine: whole, from where it broke off, not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qc_pipeline.asr.models import missing_files
from qc_pipeline.cli.main import app
from tests.asr.fetch_processes import FetchProcesses, fetch_processes
from tests.asr.hub_server import COMMIT, REPOSITORY, HubServer, hub_with
from tests.asr.tiny_model import scripted_model
from tests.pseudo_terminal import at_terminal

BLOCK = 1 << 20
LARGE = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.json": b"[]",
    "model.bin": os.urandom(6_000_000),
    "README.md": b"not wanted",
}


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with hub_with(LARGE) as server:
        yield server


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FetchProcesses]:
    with fetch_processes(tmp_path_factory.mktemp("fetches"), shell()) as made:
        yield made


def shell() -> dict[str, str]:
    """The environment of a shell that forbids the hub."""
    env = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    return {**env, "HF_HUB_OFFLINE": "1", "HF_TOKEN": "hf_secret"}


def words(hub: HubServer, to: Path, *, repository: str = REPOSITORY) -> list[str]:
    return ["model", "fetch", repository, "--from", hub.address, "--to", str(to)]


def fetch_as_typed(hub: HubServer, to: Path) -> subprocess.CompletedProcess[str]:
    """`qc model fetch` from its start, which loads the client and lets it open connections."""
    return subprocess.run(
        [sys.executable, "-m", "qc_pipeline", *words(hub, to)],
        capture_output=True,
        text=True,
        env=shell(),
        timeout=180,
        check=False,
    )


Fetch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fetch(processes: FetchProcesses) -> Fetch:
    """The same in a process that has the client loaded; `wait_s` for each answer."""

    def once(
        hub: HubServer, to: Path, *, repository: str = REPOSITORY, wait_s: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        return processes.run(words(hub, to, repository=repository), wait_s=wait_s)

    return once


def test_a_model_comes_whole_with_progress_and_only_what_is_needed(
    hub: HubServer, tmp_path: Path
) -> None:
    done = fetch_as_typed(hub, tmp_path / "m")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(tmp_path / "m")
    for name in set(LARGE) - {"README.md"}:
        assert (tmp_path / "m" / name).read_bytes() == LARGE[name]
    assert not (tmp_path / "m" / "README.md").exists()
    assert "model.bin                100% of 6.0 MB" in done.stderr.splitlines()
    assert sorted(hub.sent) == sorted(set(LARGE) - {"README.md"})
    hub.asked.clear()
    assert fetch_as_typed(hub, tmp_path / "m").returncode == 0
    assert hub.sent == []  # nothing is fetched twice


def test_at_a_terminal_a_bar_shows_how_much_is_there_and_leaves_a_line_a_file(
    hub: HubServer, tmp_path: Path
) -> None:
    free = {k: "" for k in os.environ if "proxy" in k.lower()}
    shown = at_terminal(
        [sys.executable, "-m", "qc_pipeline", *words(hub, tmp_path / "m")], width=120, env=free
    )
    assert shown.code == 0, shown.written
    assert re.search(r"model\.bin \S*━", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.written))
    lines = [line for line in shown.screen if " of " in line]
    assert lines == [line for line in shown.screen if line][: len(lines)]
    assert "model.bin                100% of 6.0 MB" in lines
    assert shown.screen[-2] == str(tmp_path / "m")
    assert shown.written.rindex("\x1b[?25h") > shown.written.rindex("\x1b[?25l")


def test_nobody_is_shown_the_user_s_key(hub: HubServer, tmp_path: Path, fetch: Fetch) -> None:
    assert fetch(hub, tmp_path / "m").returncode == 0
    assert hub.asked
    assert [a for a in hub.asked if "authorization" in {k.lower() for k in a.headers}] == []


def test_a_fetched_model_is_whole_to_the_check_and_to_the_recogniser(
    tmp_path: Path, fetch: Fetch
) -> None:
    """What the client keeps beside the files is no part of the model."""
    made = scripted_model(tmp_path / "made", "您好")
    with hub_with({p.name: p.read_bytes() for p in made.iterdir()}) as hub:
        assert fetch(hub, tmp_path / "m").returncode == 0
    assert missing_files(tmp_path / "m") == []
    checked = CliRunner().invoke(app, ["model", "check", str(tmp_path / "m")])
    assert checked.exit_code == 0, checked.output
    assert [line.split()[0] for line in checked.stdout.splitlines()[1:5]] == [
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.json",
    ]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_broken_fetch_is_told_and_goes_on_where_it_was(
    hub: HubServer, tmp_path: Path, elsewhere: bool, fetch: Fetch
) -> None:
    """Also where the file lies behind a redirect, as large ones do on the hub."""
    hub.elsewhere = elsewhere
    hub.ends_at = 2_500_000
    broken = fetch(hub, tmp_path / "m")
    assert broken.returncode == 4, broken.stderr
    last = broken.stderr.strip().splitlines()[-1]
    assert f"fetching {REPOSITORY} from {hub.address} failed" in last
    assert "What came is kept" in last
    assert "Traceback" not in broken.stderr
    assert not (tmp_path / "m" / "model.bin").exists()
    hub.ends_at = None
    hub.asked.clear()
    assert fetch(hub, tmp_path / "m").returncode == 0
    assert (tmp_path / "m" / "model.bin").read_bytes() == LARGE["model.bin"]
    (again,) = [a for a in hub.asked if a.method == "GET" and a.name == "model.bin"]
    # All whole blocks of what had come.
    assert again.first_byte == 2_500_000 // BLOCK * BLOCK
    assert [p.name for p in (tmp_path / "m").glob("*.part")] == []


def test_the_part_of_another_file_is_not_gone_on_with(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    """The repository was changed between the two runs."""
    hub.ends_at = 2_500_000
    assert fetch(hub, tmp_path / "m").returncode == 4
    hub.ends_at = None
    hub.files["model.bin"] = os.urandom(6_000_000)
    hub.asked.clear()
    assert fetch(hub, tmp_path / "m").returncode == 0
    assert (tmp_path / "m" / "model.bin").read_bytes() == hub.files["model.bin"]
    assert [a.first_byte for a in hub.asked if a.method == "GET" and a.name == "model.bin"] == [0]
    assert list((tmp_path / "m").glob(".*.part")) == []


def test_a_part_that_was_damaged_does_not_become_the_model(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    hub.ends_at = 2_500_000
    assert fetch(hub, tmp_path / "m").returncode == 4
    (part,) = (tmp_path / "m").glob(".model.bin.*.part")
    part.write_bytes(bytes(part.stat().st_size))
    hub.ends_at = None
    assert fetch(hub, tmp_path / "m").returncode == 0
    assert (tmp_path / "m" / "model.bin").read_bytes() == LARGE["model.bin"]


def test_a_server_that_names_no_sha256_serves_too(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    hub.names_sha256 = False
    assert fetch(hub, tmp_path / "m").returncode == 0
    assert (tmp_path / "m" / "model.bin").read_bytes() == LARGE["model.bin"]


def test_all_files_come_from_one_commit(hub: HubServer, tmp_path: Path, fetch: Fetch) -> None:
    hub.elsewhere = True
    assert fetch(hub, tmp_path / "m").returncode == 0
    kept = (tmp_path / "m" / ".cache" / "huggingface" / "download").glob("*.metadata")
    assert {p.read_text(encoding="utf-8").splitlines()[0] for p in kept} == {COMMIT}


def test_a_repository_without_a_whole_model_is_told(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    del hub.files["tokenizer.json"]
    done = fetch(hub, tmp_path / "m")
    assert done.returncode == 4
    assert "is not a whole CTranslate2 model: tokenizer.json is missing" in done.stderr


def test_a_repository_that_is_not_there_is_one_sentence(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    done = fetch(hub, tmp_path / "m", repository="nobody/nothing")
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert "there is no such repository, or it is not open to everybody" in line
    assert not (tmp_path / "m").exists()


def test_a_mirror_that_answers_nonsense_is_one_sentence(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    hub.nonsense = True
    done = fetch(hub, tmp_path / "m")
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert f"fetching {REPOSITORY} from {hub.address} failed" in line
    assert "a web page came instead of the model" in line
    assert not (tmp_path / "m").exists()  # nothing of it is taken for the model later


def test_no_server_is_one_sentence_at_once(hub: HubServer, tmp_path: Path) -> None:
    with hub_with({}) as gone:
        pass
    started = time.monotonic()
    done = fetch_as_typed(gone, tmp_path / "m")
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert f"{gone.address} does not answer (" in line
    assert "copy the model's folder over" in line
    # Two seconds, on a machine that does nothing else.
    assert time.monotonic() - started < 10


def test_a_server_that_takes_the_connection_and_is_silent_is_given_up(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    hub.silent = "HEAD"
    done = fetch(hub, tmp_path / "m", wait_s=0.5)
    assert done.returncode == 4
    assert f"{hub.address} does not answer (timed out)" in done.stderr


def test_a_server_that_falls_silent_later_is_given_up(
    hub: HubServer, tmp_path: Path, fetch: Fetch
) -> None:
    hub.silent = "GET"
    done = fetch(hub, tmp_path / "m", wait_s=0.5)
    assert done.returncode == 4
    assert f"fetching {REPOSITORY} from {hub.address} failed: timed out" in done.stderr


def test_a_process_that_was_told_to_stay_offline_does(hub: HubServer, tmp_path: Path) -> None:
    """The client reads the word once; a job that has loaded it can never be made to go online."""
    code = (
        "import huggingface_hub.constants; from pathlib import Path; "
        "from qc_pipeline.asr.fetch import fetch_model; "
        f"fetch_model({REPOSITORY!r}, source={hub.address!r}, to=Path({str(tmp_path / 'm')!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        timeout=60,
        check=False,
    )
    assert "told to stay offline" in done.stderr.splitlines()[-1]
    assert hub.asked == []

"""An installed wheel carries what the demonstration needs, and is small."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.workspaces import environment

ROOT = Path(__file__).parents[2]
LIMIT_MB = 8.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    words = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True)
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_is_small_and_lists_only_calls_it_carries(wheel: Path) -> None:
    assert wheel.stat().st_size <= LIMIT_MB * 1e6
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        lines = archive.read("qc_pipeline/_samples/calls.csv").decode().splitlines()
    place = lines[0].split(",").index("path")
    paths = [line.split(",")[place] for line in lines[1:]]
    carried = [p for p in paths if p]
    assert len(carried) >= 40
    assert {f"qc_pipeline/_samples/recordings/{p}" for p in carried} <= names
    assert "qc_pipeline/_rubrics/inbound-zh.yaml" in names
    assert "qc_pipeline/_samples/model/model.bin" in names
    assert not any(n.startswith(("tests/", "tools/", "benchmarks/")) for n in names)


def test_demo_of_an_installed_wheel_runs_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    empty = tmp_path / "empty"
    empty.mkdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "-t", str(site), str(wheel)],
        check=True,
    )
    variables = environment() | {"PYTHONPATH": str(site)}
    where = subprocess.run(
        [sys.executable, "-c", "import qc_pipeline; print(qc_pipeline.__file__)"],
        cwd=empty,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
    result = subprocess.run(
        [sys.executable, "-m", "qc_pipeline", "demo"],
        cwd=empty,
        env=variables,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stderr
    report = Path(result.stdout.splitlines()[-1])
    assert report == empty / "qc-demo" / "report" / "2026-W46" / "index.html"
    assert report.is_file()
    assert "sampled" in result.stdout

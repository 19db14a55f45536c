"""Where text repeats itself, by texts of recognisers and of people."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.loops import looping_run


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("您好请问什么事", None),
        ("好的好的好的好的", None),  # four times: people do
        ("好的好的好的好的好的", "好的好的好的好的好的"),
        ("对对对对对", None),
        ("尾号八八八八八八八八", None),  # a number of eight eights
        ("啊" * 12, "啊" * 12),
        (
            "您好，谢谢大家，谢谢大家，谢谢大家！谢谢大家，谢谢大家。再见",
            "谢谢大家，谢谢大家，谢谢大家！谢谢大家，谢谢大家",
        ),
        ("thank you thank you thank you thank you thank you bye", "thank you " * 4 + "thank you"),
        ("", None),
    ],
)
def test_a_piece_said_five_times_in_a_row_loops(text: str, run: str | None) -> None:
    found = looping_run(text)
    assert (None if found is None else text[found[0] : found[1]]) == run

"""The bank of sentences: what is held out stays held out, and the sample model can write it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tools.speech.lines import acts, bare, fill, held_out, held_out_examples

MODEL = Path(__file__).parents[2] / "samples" / "model"


def test_same_generator_state_fills_the_same_sentence() -> None:
    template = "{sur}{t},您的{prod}会在{days}办好,请打{n11}"
    assert fill(template, random.Random(5)) == fill(template, random.Random(5))


def test_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        fill("您好{nothing}", random.Random(1))


def test_holding_out_ignores_punctuation() -> None:
    texts = ["好的,谢谢", "没有了,谢谢", "您好,请讲", "行,再见"]
    assert [held_out(t) for t in texts] == [held_out(bare(t)) for t in texts]


def test_about_a_quarter_is_held_out() -> None:
    rng = random.Random(2)
    bank = [t for act in acts().values() for t in act.templates]
    texts = {fill(rng.choice(bank), rng) for _ in range(4000)}
    share = sum(map(held_out, texts)) / len(texts)
    assert 0.2 < share < 0.3


@pytest.mark.parametrize("act", sorted(acts()))
def test_every_act_has_held_out_sentences_for_the_sample_calls(act: str) -> None:
    found = held_out_examples(act, random.Random(3), wanted=3)
    assert len(set(found)) == 3
    assert all(held_out(text) for text in found)


def test_sentences_hold_only_chinese_characters_and_commas() -> None:
    rng = random.Random(4)
    for act in acts().values():
        for template in act.templates:
            text = bare(fill(template, rng))
            assert all("\u4e00" <= c <= "\u9fff" for c in text), text


def test_the_sample_model_knows_every_character() -> None:
    vocabulary = MODEL / "vocabulary.json"
    if not vocabulary.is_file():
        pytest.skip("the sample model is not in this checkout")
    known = set(json.loads(vocabulary.read_text(encoding="utf-8")))
    rng = random.Random(5)
    for act in acts().values():
        for template in act.templates:
            for _ in range(20):
                unknown = set(bare(fill(template, rng))) - known
                assert not unknown, (act.name, unknown)

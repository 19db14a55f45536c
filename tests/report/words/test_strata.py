"""Names of strata in the language of the report."""

from __future__ import annotations

import pytest

from qc_pipeline.message import Message, read_message, some
from qc_pipeline.report.words.catalog import LANGUAGES
from qc_pipeline.report.words.strata import slot_label, stratum_label
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.plan import DEFAULT_SLOTS, OTHER_SLOT
from qc_pipeline.sampling.replace_invalid import BrokenQuota


@pytest.mark.parametrize(
    ("name", "chinese", "english"),
    [
        ("30-120s / meal", "30–120 秒 · 用餐时段", "30–120 s / meal time"),
        (">=600s / busy / 一组", "600 秒以上 · 忙时 · 一组", "600 s and more / busy hours / 一组"),
        (
            "<30s / shift_start+night",
            "30 秒以下 · 班次开始+夜间",
            "under 30 s / start of shift+night",
        ),
        (
            "<300s / other + 30-120s / 早高峰",
            "300 秒以下 · 其他时段 + 30–120 秒 · 早高峰",
            "under 300 s / other + 30–120 s / 早高峰",
        ),
        ("unknown / shift_end", "时长不明 · 班次结束", "unknown / end of shift"),
        ("all / other", "全部时长 · 其他时段", "any length / other"),
    ],
)
def test_strata_have_the_names_of_bands_and_slots_in_both_languages(
    name: str, chinese: str, english: str
) -> None:
    assert stratum_label(Translator("zh"), name) == chinese
    assert stratum_label(Translator("en"), name) == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slot_has_one_name_in_charts_strata_and_sentences(language: str) -> None:
    t = Translator(language)
    for key in (*(s.name for s in DEFAULT_SLOTS), OTHER_SLOT):
        name = slot_label(t, key)
        assert name != key or key in ("night", "other")
        assert stratum_label(t, f"all / {key}").endswith(name)
        quota = BrokenQuota(of="stratum", name=f"all / {key}", bound="most", planned=1, drawn=2)
        assert name in t.told(quota.message)


def test_notes_of_a_draw_name_strata_as_tables_do() -> None:
    names = ["<30s / busy", *(f"{n}-{n + 1}s / meal" for n in range(30, 41))]
    note = read_message(Message.of("draw.fixed-short", fixed=5, strata=some(names)).text)
    chinese = Translator("zh").told(note)
    assert chinese.startswith(
        "不足固定数量5通、能抽尽抽的层:30 秒以下 · 忙时、30–31 秒 · 用餐时段、"
    )
    assert chinese.endswith("、38–39 秒 · 用餐时段 等12个")
    english = Translator("en").told(note)
    assert "under 30 s / busy hours, 30–31 s / meal time, " in english
    assert "38–39 s / meal time … 12 in all" in english
    merged = Message.of("draw.merged", cells=4, strata=2)
    assert Translator("zh").told(merged) == "通话量过少的4个单元合并为2层"

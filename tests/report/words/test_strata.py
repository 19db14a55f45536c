"""Names of strata in the language of the report."""

from __future__ import annotations

import pytest

from qc_pipeline.report.words.strata import stratum_label
from qc_pipeline.report.words.translate import Translator


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("30-120s / meal", "30–120秒 · 用餐时段"),
        (">=600s / busy / 一组", "600秒以上 · 高峰时段 · 一组"),
        ("<30s / shift_start+night", "30秒以下 · 上班前段+夜间"),
        ("<300s / other + 30-120s / 早高峰", "300秒以下 · 其余时段 + 30–120秒 · 早高峰"),
        ("unknown / other", "时长不明 · 其余时段"),
    ],
)
def test_strata_have_chinese_names_and_stay_as_they_are_in_english(name: str, label: str) -> None:
    assert stratum_label(Translator("zh"), name) == label
    assert stratum_label(Translator("en"), name) == name

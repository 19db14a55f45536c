"""What a report rests on, the light over it, and the two figures apart; counted by hand."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from qc_pipeline.call import Speaker
from qc_pipeline.report.blocks import TableBlock
from qc_pipeline.report.health import Health
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.words.light import light_sentence, withheld_why
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.report.write.report_json import report_json
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.hearing import NotJudged
from qc_pipeline.scoring.evidence.opportunity import Talk
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from tests.report.inputs import Shape, listen_to, week

ZH, EN = Translator("zh"), Translator("en")
GOOD = Health(
    speech_heard=0.96,
    hearing_unknown=0,
    points_judged=0.8,
    open_items=0,
    open_red_lines=0,
    open_majors=0,
    transcribed=60,
    not_judged=0,
    listened_calls=24,
)


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    """40 sampled: one failed, one test call."""
    return week(Shape(calls=40))


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        (
            {},
            "✔ 可通报：复听24通，听清率96%，无未决红线。",
            "✔ Fit to be told: 24 calls listened to, 96% of speech heard, no red line open.",
        ),
        (
            {"listened_calls": 9},
            "△ 仅供参考：复听9通（少于20通）。",
            "△ For reference only: 9 calls listened to (under 20).",
        ),
        (
            {"open_red_lines": 2},
            "✘ 暂不通报：2条红线待确认。",
            "✘ Not to be told yet: 2 red line(s) to be confirmed.",
        ),
        ({"listened_calls": 20}, "✔ 可通报：复听20通，听清率96%，无未决红线。", None),
        ({"listened_calls": 19}, "△ 仅供参考：复听19通（少于20通）。", None),
        # 95.99 % is told as 95.
        ({"speech_heard": 0.9599}, "✔ 可通报：复听24通，听清率95%，无未决红线。", None),
        ({"speech_heard": None}, "✔ 可通报：复听24通，听清率未知，无未决红线。", None),
        ({"speech_heard": 0.85}, "✔ 可通报：复听24通，听清率85%，无未决红线。", None),
        ({"speech_heard": 0.84996}, "✘ 暂不通报：听清率只有84.9%（低于85%）。", None),
        ({"points_judged": 0.4}, "✘ 暂不通报：适用分值只判定了40%（不到50%）。", None),
        ({"points_judged": 0.5}, "✔ 可通报：复听24通，听清率96%，无未决红线。", None),
        ({"not_judged": 16}, "✘ 暂不通报：未评16通，占26.7%（超过25%）。", None),
        ({"not_judged": 15}, "△ 仅供参考：未评15通。", None),
        # 2501 of 10000: 25.01 % is more than a quarter.
        (
            {"not_judged": 2501, "transcribed": 10_000},
            "✘ 暂不通报：未评2501通，占25.1%（超过25%）。",
            None,
        ),
        # What weighs most is told first, and the lesser reasons wait until it is gone.
        (
            {"open_red_lines": 1, "speech_heard": 0.7, "listened_calls": 3, "open_majors": 4},
            "✘ 暂不通报：1条红线待确认，听清率只有70%（低于85%）。",
            None,
        ),
        (
            {"listened_calls": 3, "open_majors": 4, "not_judged": 1},
            "△ 仅供参考：复听3通（少于20通），4项重大差错待确认，未评1通。",
            None,
        ),
        ({"transcribed": 0, "speech_heard": None}, "✘ 暂不通报：没有可评的录音。", None),
    ],
)
def test_the_light_is_one_sentence(changed: Mapping[str, Any], zh: str, en: str | None) -> None:
    health = replace(GOOD, **changed)
    assert light_sentence(health, ZH) == zh
    if en is not None:
        assert light_sentence(health, EN) == en


def test_nothing_is_withheld_for_red_lines_or_few_listened() -> None:
    assert replace(GOOD, open_red_lines=3, listened_calls=0).shown
    assert withheld_why(replace(GOOD, open_red_lines=3), ZH) == ""


def changed(inputs: ReportInputs, ids: Collection[str], **fields: Any) -> ReportInputs:
    cards = {k: replace(c, **fields) if k in ids else c for k, c in inputs.scorecards.items()}
    return replace(inputs, scorecards=cards)


def ordinary(inputs: ReportInputs) -> list[str]:
    mystery = {r.recording_id for r in inputs.recordings if r.mystery}
    return [k for k in sorted(inputs.scorecards) if k not in mystery]


def figure(speech_s: float, unheard_s: float) -> dict[str, Any]:
    return {"speech_s": speech_s, "unheard_s": unheard_s, "heard": 0, "dropped": 0, "confidence": 1}


def head(view: View) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report_json(view))["head"]
    return found


def test_speech_heard_is_by_seconds_of_both_parties_where_it_is_known(
    inputs: ReportInputs,
) -> None:
    """(100 - 10) + 50 + 60 of 100 + 50 + 60 seconds: 200 of 210."""
    first, second = ordinary(inputs)[:2]
    some = changed(inputs, [first], hearing={"agent": figure(100, 10), "customer": figure(50, 0)})
    some = changed(some, [second], hearing={"agent": figure(60, 0)})
    health = head(build_view(some))["health"]
    assert health["speech_heard"] == pytest.approx(200 / 210, abs=1e-6)
    assert health["hearing_unknown"] == len(inputs.scorecards) - 2
    assert head(build_view(inputs))["health"]["speech_heard"] is None


def items(card: Scorecard) -> list[CriterionResult]:
    return [r for r in card.criteria() if not r.trial]


def test_points_judged_are_those_of_the_machine_and_too_short_calls_have_none_at_stake(
    inputs: ReportInputs,
) -> None:
    def made(some: ReportInputs, without: Collection[str] = ()) -> float:
        asked = [
            r
            for k, c in some.scorecards.items()
            if k not in without
            for r in items(c)
            if not r.manual and r.verdict is not Verdict.NOT_APPLICABLE
        ]
        judged = sum(r.points for r in asked if r.verdict is not Verdict.UNSCORABLE)
        return judged / sum(r.points for r in asked)

    first = ordinary(inputs)[0]
    card = inputs.scorecards[first]
    section, *others = card.sections
    lost = tuple(replace(r, verdict=Verdict.UNSCORABLE, lost=0.0) for r in section.criteria)
    some = changed(inputs, [first], sections=(replace(section, criteria=lost), *others))
    share = head(build_view(some))["health"]["points_judged"]
    assert share == pytest.approx(made(some), abs=1e-6) and share < 1
    short = changed(some, [first], total=None, band=None, too_short=Talk(talk_s=3, turns=2))
    assert head(build_view(short))["health"]["points_judged"] == pytest.approx(
        made(short, [first]), abs=1e-6
    )


def test_open_items_are_those_of_the_queue(inputs: ReportInputs) -> None:
    waiting = [
        r
        for c in inputs.scorecards.values()
        for r in items(c)
        if r.proposed or r.verdict is Verdict.HELD or r.manual
    ]
    red = sum(r.severity == "fatal" and r.verdict is not Verdict.PASS for r in waiting)
    health = head(build_view(inputs))["health"]
    assert health["open_items"] == len(waiting) > 10
    assert health["open_red_lines"] == red
    done = head(build_view(listen_to(inputs)))["health"]
    assert (done["open_items"], done["open_red_lines"], done["open_majors"]) == (0, 0, 0)
    assert done["listened_calls"] == len(ordinary(inputs))


def test_the_two_figures_stand_apart(inputs: ReportInputs) -> None:
    five = [k for k in ordinary(inputs) if inputs.scorecards[k].total is not None][:5]
    body = head(build_view(listen_to(inputs, five)))
    heard = [inputs.scorecards[k].total or 0.0 for k in five]
    everybody = [inputs.scorecards[k].total or 0.0 for k in ordinary(inputs)]
    assert body["mean"] == pytest.approx(sum(heard) / 5, abs=1e-6)
    assert body["pass_share"] == sum(v >= 85 for v in heard) / 5
    assert body["machine_mean"] == pytest.approx(sum(everybody) / len(everybody), abs=1e-6)
    assert (body["listened"], body["health"]["listened_calls"]) == (5, 5)
    none = head(build_view(inputs))
    assert [none[k] for k in ("mean", "pass_share", "mean_without_fatal", "listened")] == [
        None, None, None, 0,
    ]  # fmt: skip


def test_the_former_mean_is_that_of_former_listened_calls() -> None:
    inputs = week(Shape(calls=30, past_weeks=1))
    (past,) = inputs.past
    three = tuple(replace(c, listened=i < 3) for i, c in enumerate(past.calls))
    some = replace(inputs, past=(replace(past, calls=three),))
    assert head(build_view(inputs))["former_mean"] is None
    totals = [c.total or 0.0 for c in three[:3]]
    assert head(build_view(some))["former_mean"] == pytest.approx(sum(totals) / 3, abs=1e-6)


def machine_figures(view: View) -> list[object]:
    """Every cell of the tables' machine columns in the parts for groups."""
    found = []
    for section in view.sections:
        for block in section.blocks:
            if isinstance(block, TableBlock) and block.id in ("groups", "daily", "kinds", "bands"):
                keys = [i for i, c in enumerate(block.columns) if c.kind in ("score", "percent")]
                rows = [*block.rows, block.total or ()]
                found += [r[i] for r in rows if r for i in keys if r[i] is not None]
    return found


def test_where_too_little_was_heard_no_machine_figure_is_given_anywhere(
    inputs: ReportInputs,
) -> None:
    ids = ordinary(inputs)
    some = changed(inputs, ids, hearing={"agent": figure(100, 30)})
    view = build_view(some)
    body = head(view)
    assert (body["machine_mean"], body["health"]["shown"]) == (None, False)
    assert body["health"]["withheld"] == ["heard"]
    assert machine_figures(view) == [] and len(machine_figures(build_view(inputs))) > 20
    texts = json.loads(report_json(view))
    (headline,) = [s for s in texts["sections"] if s["id"] == "headline"]
    assert "机检参考不给出：听清率只有70%（低于85%）。" in headline["sentences"]
    assert "estimates" not in texts["tables"]
    shown = next(f for f in view.figures if f.label == "机检参考")
    assert (shown.value, shown.note) == ("不给出", "听清率只有70%（低于85%）")
    # What people listened to is a figure all the same.
    heard = head(build_view(listen_to(some, ids[:3])))
    assert heard["mean"] is not None and heard["machine_mean"] is None


def test_more_than_a_quarter_not_judged_withholds_it(inputs: ReportInputs) -> None:
    ids = sorted(inputs.scorecards)
    least = next(n for n in range(len(ids)) if n / len(ids) > 0.25)
    lost = {
        "total": None, "band": None, "passed": None, "not_judged": {Speaker.AGENT: NotJudged.SPEED},
    }  # fmt: skip
    assert head(build_view(changed(inputs, ids[: least - 1], **lost)))["health"]["shown"]
    body = head(build_view(changed(inputs, ids[:least], **lost)))
    assert (body["machine_mean"], body["health"]["withheld"]) == (None, ["not_judged"])


def test_the_figures_behind_it_stand_under_data_notes(inputs: ReportInputs) -> None:
    body = json.loads(report_json(build_view(listen_to(inputs))))
    table = body["tables"]["health"]
    assert table["title"] == "数据说明"
    rows = {r["what"]: r["value"] for r in table["rows"]}
    assert rows["复听录音（逐项由人判定）"] == str(len(ordinary(inputs)))
    assert rows["听清率（双方说话时间中听清的比例）"] == "n/a"
    assert rows["其中红线"] == "0"


def test_an_agent_sees_no_light(inputs: ReportInputs) -> None:
    agent = next(r.agent_id for r in inputs.recordings if r.recording_id in inputs.scorecards)
    own = build_view(replace(inputs, options=replace(inputs.options, audience=f"agent:{agent}")))
    assert (own.light.text, head(own)) == ("", {})

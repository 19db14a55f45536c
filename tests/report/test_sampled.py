"""What is said of the shares of frame and sample: given back by weighting only for strata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from qc_pipeline.call import FieldValue, Recording
from qc_pipeline.report.blocks import TableBlock
from qc_pipeline.report.duration_and_slot import places_of
from qc_pipeline.report.inputs import ReportInputs
from qc_pipeline.report.view import build_view
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.sample import Pick, StratumRow
from tests.report.inputs import Shape, week

BY_STRATA = "推算全部通话时已按抽样比例还原"
FREE = "它不单独成层，抽样不保证这一占比"


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=40))


def differing(inputs: ReportInputs, fields: Sequence[Mapping[str, FieldValue]]) -> ReportInputs:
    """The week with all calls alike but for `fields[1]` of the drawn and `fields[0]` of every
    third call beside them.
    """
    drawn = {p.recording_id for p in inputs.sample.picks}
    alike = {"team": "一组", "business": "咨询", "duration_s": 46.0}

    def row(i: int, r: Recording) -> Recording:
        own = fields[1] if r.recording_id in drawn and i % 3 else fields[0]
        hour = own.get("hour", 10)
        assert isinstance(hour, int)
        kept = {k: v for k, v in own.items() if k != "hour"}
        return replace(
            r,
            start_time=r.start_time.replace(hour=hour, minute=0),
            fields={**r.fields, **alike, **kept},
        )

    rows = tuple(row(i, r) for i, r in enumerate(inputs.recordings))
    return replace(inputs, recordings=rows)


def drawn_from(inputs: ReportInputs, by: Sequence[str], *strata: StratumRow) -> ReportInputs:
    sample = inputs.sample
    plan = {**sample.plan, "by": list(by)}
    return replace(inputs, sample=replace(sample, plan=plan, strata=strata))


def stratum(*cells: str) -> StratumRow:
    name = " + ".join(cells)
    merged = cells if len(cells) > 1 else ()
    return StratumRow(
        stratum=name,
        duration_band="30-120s",
        slot="busy",
        frame=20,
        allocated=5.0,
        drawn=5,
        merged_from=merged,
    )


def sentence(inputs: ReportInputs) -> str:
    texts = [
        b.text
        for s in build_view(inputs).sections
        for b in s.blocks
        if hasattr(b, "text") and str(b.text).startswith("占比相差最大的是")
    ]
    (text,) = texts
    return str(text)


ONE, TWO = {"business": "咨询"}, {"business": "投诉"}


@pytest.mark.parametrize(
    ("by", "strata", "told"),
    [
        # Each business is a stratum of its own.
        (("business",), ("30-120s / busy / 咨询", "30-120s / busy / 投诉"), BY_STRATA),
        # The plan does not cut by it.
        ((), ("30-120s / busy",), FREE),
        # It does, and the few complaints were put together with others.
        (("business",), ("30-120s / busy / 咨询 + 30-120s / busy / 投诉",), FREE),
        # Two cells of one business make a stratum: it holds that business whole.
        (
            ("business",),
            ("30-120s / busy / 投诉 + <30s / busy / 投诉", "30-120s / busy / 咨询"),
            BY_STRATA,
        ),
        # A second column stands in the same part of the name.
        (
            ("direction", "business"),
            ("30-120s / busy / in·咨询", "30-120s / busy / in·投诉"),
            BY_STRATA,
        ),
        # A value that holds the sign between columns: nothing is claimed.
        (("business",), ("30-120s / busy / 咨询", "30-120s / busy / 投·诉"), FREE),
    ],
)
def test_shares_are_given_back_only_by_strata_of_their_own(
    inputs: ReportInputs, by: Sequence[str], strata: Sequence[str], told: str
) -> None:
    rows = [stratum(*name.split(" + ")) for name in strata]
    text = sentence(drawn_from(differing(inputs, (ONE, TWO)), by, *rows))
    assert text.startswith("占比相差最大的是业务类型“")
    assert told in text
    assert (BY_STRATA in text) != (FREE in text)


@pytest.mark.parametrize(
    ("fields", "kind", "told"),
    [
        (({"team": "一组"}, {"team": "二组"}), "业务组", FREE),
        (({"duration_s": 46.0}, {"duration_s": 400.0}), "时长段", BY_STRATA),
    ],
)
def test_groups_are_no_strata_and_lengths_are(
    inputs: ReportInputs, fields: Sequence[Mapping[str, FieldValue]], kind: str, told: str
) -> None:
    rows = (stratum("30-120s / busy"), stratum("300-600s / busy"))
    text = sentence(drawn_from(differing(inputs, fields), (), *rows))
    assert text.startswith(f"占比相差最大的是{kind}“")
    assert told in text


def frame_table(inputs: ReportInputs) -> list[tuple[object, ...]]:
    (table,) = [
        b
        for s in build_view(inputs).sections
        for b in s.blocks
        if isinstance(b, TableBlock) and b.id == "frame"
    ]
    return [tuple(row) for row in table.rows]


def test_calls_of_other_weeks_that_were_put_in_are_not_of_the_frame(inputs: ReportInputs) -> None:
    before = frame_table(inputs)
    excluded = {e.recording_id for e in inputs.sample.excluded}
    calls = sum(not r.mystery and r.recording_id not in excluded for r in inputs.recordings)
    groups = [row for row in before if row[0] == "业务组"]
    assert sum(int(str(row[2])) for row in groups) == calls
    # Forty of a week later, of a group of their own, of great length and late in the evening.
    model = inputs.recordings[0]
    later = tuple(
        replace(
            model,
            recording_id=f"later-{n}",
            start_time=(model.start_time + timedelta(days=7)).replace(hour=22),
            fields={**model.fields, "team": "四组", "business": "外呼", "duration_s": 3000.0},
        )
        for n in range(40)
    )
    picks = tuple(
        Pick(recording_id=r.recording_id, stratum="", origin="forced", agent_id=r.agent_id)
        for r in later
    )
    cards = {r.recording_id: inputs.scorecards[min(inputs.scorecards)] for r in later}
    words = {r.recording_id: inputs.transcripts[min(inputs.transcripts)] for r in later}
    after = replace(
        inputs,
        recordings=(*inputs.recordings, *later),
        sample=replace(inputs.sample, picks=(*inputs.sample.picks, *picks)),
        scorecards={**inputs.scorecards, **cards},
        transcripts={**inputs.transcripts, **words},
    )
    assert frame_table(after) == before
    # Nor do they make an hour a busy one, or a figure of the week's service.
    words_of = Translator("zh")
    assert places_of(after, words_of).busy == places_of(inputs, words_of).busy
    assert places_of(after, words_of).slot("later-0") == "夜间"
    assert service(after) == service(inputs)


def service(inputs: ReportInputs) -> list[tuple[object, ...]]:
    return [
        tuple(row)
        for s in build_view(inputs).sections
        if s.id == "service-figures"
        for b in s.blocks
        if isinstance(b, TableBlock)
        for row in b.rows
    ]


def test_clock_hours_are_no_strata_though_slots_are(inputs: ReportInputs) -> None:
    """Both hours are among the busiest, so that the slot is one and the hours are two."""
    hours = differing(inputs, ({"hour": 10}, {"hour": 14}))
    text = sentence(drawn_from(hours, (), stratum("30-120s / busy")))
    assert text.startswith("占比相差最大的是钟点“")
    assert FREE in text

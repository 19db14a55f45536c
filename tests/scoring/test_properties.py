"""Whatever stands in a transcript: no bug, 0 ≤ total ≤ points, and the deductions add up."""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Speaker, Transcript, Turn, Word
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.score import ToScore, score, score_many
from qc_pipeline.scoring.scorecard import scorecard_from_json
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms
from tests.builders import ASR, measures, rubric, transcript, turn

CRITERIA = (
    "points: 10, expect: {said: {by: agent, any: [您好, 你好], within: {first_turns: 2}}}",
    "points: 10, forbid: {said: {by: agent, any: [爱办不办, 听不懂吗]}}, deduct: {each: 3}",
    "points: 5, expect: {said: {by: any, all: [谢谢, 再见], within: {last_seconds: 20}}}",
    "points: 5, expect: {said: {by: agent, at_least: {n: 2, of: [请问, 谢谢, 抱歉]}}}",
    "points: 5, forbid: {matches: {by: agent, regex: '不.?管', not_regex: 归}}",
    "points: 5, expect: {follows_script: {by: agent, script: [还有其他可以帮您, 感谢来电, 再见]}}",
    "points: 5, expect: {similar: {by: agent, to: [非常抱歉给您带来不便]}}",
    "points: 5, forbid: {repeats: {by: any}}",
    "points: 5, expect: {reads_back: {by: agent, heard_from: customer, last: 4}}",
    "points: 5, expect: {names_time_limit: {by: agent, at_most: 3 working days}}",
    "severity: fatal, forbid: {discloses: {by: agent, what: [id_card, bank_card, phone]}}",
    "points: 5, forbid: {silence: {longer_than: 2, after: agent, unless_said: [请稍等]}}, "
    "deduct: {steps: {1: 1, 3: 5}}",
    "points: 5, forbid: {interrupts: {by: agent, overlap: 0.5}}",
    "points: 5, forbid: {speech_rate: {by: any, above: 300, over: turn}}",
    "points: 5, forbid: {louder_than_other: {by: agent, db: 6, over: turn}}",
    "points: 5, forbid: {raised_voice: {by: any, db: 6}}",
    "points: 5, forbid: {pitch_range: {by: agent, below: 3}}",
    "points: 5, forbid: {talk_share: {by: agent, above: 0.8}}",
    "points: 5, forbid: {response_time: {by: agent, above: 3}}",
    "points: 5, forbid: {hangs_up: {by: agent, sooner_than: 5}}, confirm: person",
    "points: 5, expect: {any: [{call: {x: {above: 1}}}, {not: {said: {by: agent, any: [不]}}}]}",
    "points: 5, expect: {all: [{said: {by: agent, any: [姓名]}}, {said: {by: agent, any: [电话]}}]}, "
    "deduct: {each_missing: 2}",
    "points: 5, expect: {sequence: [{said: {by: agent, any: [请稍等]}}, "
    "{said: {by: agent, any: [久等]}}], within: {seconds: 60}}",
    "points: 5, expect: {before: {first: {said: {by: agent, any: [余额]}}, "
    "then: {said: {by: agent, any: [核实]}}}}",
    "points: 5, expect: {whenever: {said: {by: customer, any: [投诉], times: 2}}, "
    "then: {said: {by: agent, any: [抱歉]}}, within: {turns: 2}}, severity: major",
    "bonus: 3, expect: {said: {by: customer, any: [谢谢]}}",
    "points: 5, manual: true",
)
FORM = compile_rubric(rubric(*CRITERIA, head="min_scorable: 0.2"))
SPREAD = compile_rubric(rubric(*CRITERIA, head="not_applicable: redistribute\nmin_scorable: 0"))

WORDS = st.sampled_from(
    [
        "您好",
        "你好",
        "爱办不办",
        "听不懂吗",
        "谢谢",
        "再见",
        "请问",
        "抱歉",
        "不管",
        "请稍等",
        "久等",
        "余额",
        "核实",
        "投诉",
        "姓名",
        "电话",
        "嗯",
        "好的",
        "一三八零零一三八零零零",
        "11010519491231002X",
        "三个工作日内",
        "尽快",
        "还有其他可以帮您",
    ]
)
TEXT = st.one_of(
    st.lists(WORDS, max_size=4).map(",".join), st.text(max_size=12), st.just(""), st.just("\n")
)
TIME = st.floats(0, 60).map(lambda t: round(t, 2))
CONFIDENCE = st.one_of(st.none(), st.floats(0, 1))
# Made once: a strategy that is made anew for each draw is examined anew for each, too.
YES_OR_NO, SPEAKERS, LENGTH = st.booleans(), st.sampled_from(Speaker), st.floats(-1, 20)


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    start, length, text = draw(TIME), draw(LENGTH), draw(TEXT)
    words = ()
    if draw(YES_OR_NO):
        words = tuple(
            Word(text=c, start_s=draw(TIME), end_s=draw(TIME), confidence=draw(CONFIDENCE))
            for c in draw(st.one_of(st.just(text[:4]), st.just(text[2:5])))
        )
    return Turn(
        speaker=draw(SPEAKERS),
        start_s=start,
        end_s=start + length,
        text=text,
        confidence=draw(CONFIDENCE),
        words=words,
    )


SPANS = st.lists(st.tuples(TIME, TIME), max_size=3).map(tuple)
LANGUAGE = st.sampled_from(["zh", "zh-CN", "", "en"])
TURNS = st.lists(turns(), max_size=8)
SPEECH = st.dictionaries(SPEAKERS, SPANS)
CHANNELS = st.dictionaries(SPEAKERS, st.sampled_from(["ok", "dead", "missing", "mono"]))


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    return Transcript(
        recording_id="r",
        language=draw(LANGUAGE),
        duration_s=draw(TIME),
        asr=ASR,
        turns=tuple(draw(TURNS)),
        speech=draw(SPEECH),
        channels=draw(CHANNELS),
    )


CALLS = st.dictionaries(
    st.sampled_from(["x", "hangup_by", "start_time", "contact"]),
    st.one_of(
        st.sampled_from(["agent", "customer", "2026-11-20", ""]), st.integers(), st.booleans()
    ),
)
MEASURES = st.one_of(
    st.none(),
    st.builds(
        measures,
        st.dictionaries(st.sampled_from(["level_db", "pitch_range_st"]), st.floats(-60, 60)),
        st.dictionaries(st.sampled_from(["level_db", "pitch_range_st"]), st.floats(-60, 60)),
        st.lists(st.dictionaries(st.just("level_db"), st.floats(-60, 0)), max_size=9),
    ),
)
IDS = [f"c{i + 1}" for i in range(len(CRITERIA))]
CRITERION, VERDICT = st.sampled_from(IDS), st.sampled_from(DecisionVerdict)
POINTS, DEDUCTED = st.floats(0, 20), st.floats(0.5, 20)
START, LASTS = st.floats(0, 60), st.floats(0, 10)
TAKE_BACK = (DecisionVerdict.OVERTURN, DecisionVerdict.POINTS, DecisionVerdict.NOT_APPLICABLE)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    ruling = draw(VERDICT)
    points = place = None
    if ruling is DecisionVerdict.POINTS:
        points = draw(POINTS)
    elif ruling is DecisionVerdict.DEDUCT:
        points = draw(DEDUCTED)
        start = draw(START)
        place = (start, start + draw(LASTS))
    return Decision(
        criterion=draw(CRITERION),
        verdict=ruling,
        person="p",
        at="2026-11-20T00:00:00+08:00",
        points=points,
        place_s=place,
        in_favour=ruling in TAKE_BACK and draw(YES_OR_NO),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    transcripts(), CALLS, MEASURES, st.lists(decisions(), max_size=4), st.booleans(),
    st.sampled_from([FORM, SPREAD]),
)  # fmt: skip
def test_any_call_gives_a_card_that_adds_up(call, row, figures, decided, published, form):
    card = score(form, call, row, figures, decided, terms=ScoringTerms(published=published))
    if card.total is not None:
        assert 0 <= card.total <= card.points
        assert card.band in ("合格", "不合格")
        assert round(card.total, 2) == card.total
    for section in card.sections:
        assert 0 <= section.lost <= section.points <= form.rubric.sections[0].points
    for result in card.criteria():
        assert 0 <= result.lost <= result.points
        assert 0 <= result.certainty <= 1
        assert result.reason
        if result.verdict in (Verdict.FAIL, Verdict.HELD) and result.decided_by == "rule":
            assert result.evidence
        if result.verdict in (Verdict.PASS, Verdict.HELD, Verdict.NOT_APPLICABLE):
            assert result.lost == 0
        for evidence in result.evidence:
            assert evidence.start_s <= evidence.end_s
            assert evidence.turn is None or 0 <= evidence.turn < len(call.turns)
    fatal = any(c.severity == "fatal" and c.id in card.fatal for c in card.criteria())
    if card.total is not None and not fatal:
        lost = sum(Fraction(str(c.lost)) for c in card.criteria())
        worth = Fraction(str(card.sections[0].points))
        kept = max(Fraction(0), worth - lost)
        bonus = sum(Fraction(str(c.bonus or 0)) for c in card.criteria())
        expected = min(Fraction(100), 100 * kept / worth + bonus)
        assert abs(Fraction(str(card.total)) - expected) <= Fraction(51, 10000)
    again = score(form, call, row, figures, decided, terms=ScoringTerms(published=published))
    assert again.sha256() == card.sha256()
    assert scorecard_from_json(card.as_json()).sha256() == card.sha256()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcripts(), CALLS, st.randoms(use_true_random=False))
def test_the_order_in_which_turns_are_listed_changes_no_verdict(call, row, draw):
    import dataclasses

    # Turns that start together are told apart by their place in the list.
    if len({(t.start_s, t.speaker) for t in call.turns}) < len(call.turns):
        return
    shuffled = list(call.turns)
    draw.shuffle(shuffled)
    other = dataclasses.replace(call, turns=tuple(shuffled))
    first, second = score(FORM, call, row), score(FORM, other, row)
    assert [(c.id, c.verdict, c.lost) for c in first.criteria()] == [
        (c.id, c.verdict, c.lost) for c in second.criteria()
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcripts(), CALLS, MEASURES)
def test_a_published_score_never_loses_more_than_its_draft(call, row, figures):
    draft = score(FORM, call, row, figures)
    published = score(FORM, call, row, figures, terms=ScoringTerms(published=True))
    if draft.total is not None and published.total is not None:
        assert published.total >= draft.total


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(transcripts(), CALLS, MEASURES), max_size=5))
def test_calls_judged_together_get_the_cards_of_each_alone(calls):
    together = score_many(FORM, [ToScore(transcript=t, call=c, measures=m) for t, c, m in calls])
    assert list(together) == [score(FORM, t, c, m) for t, c, m in calls]


def test_a_batch_begins_and_ends_where_calls_do(monkeypatch):
    """Words at the end of one call and the beginning of the next make no phrase together."""
    form = compile_rubric(
        rubric(
            "points: 50, expect: {said: {by: agent, any: [请稍等]}}",
            "points: 50, forbid: {matches: {by: agent, regex: '等.?请'}}",
        )
    )
    calls = [
        transcript(turn("agent", 0, 2, "好的请稍", words=[0.3] * 4)),
        transcript(turn("agent", 0, 2, "等请", words=[0.3] * 2)),
        transcript(turn("agent", 0, 2, "请说等", words=[0.9, 0.3, 0.9])),
    ]
    # The turns were well heard, the one syllable of the last that differs was not.
    expected = [["fail", "pass"], ["fail", "held"], ["held", "pass"]]
    for size in (1, 2, 128):
        monkeypatch.setattr("qc_pipeline.scoring.score._TOGETHER", size)
        cards = score_many(form, [ToScore(transcript=t, call={}) for t in calls])
        assert [[str(c.verdict) for c in card.criteria()] for card in cards] == expected


def test_calls_judged_together_are_judged_each_under_its_own_terms():
    """Words without a confidence are as sure as the terms say: here sure, held, and sure again."""
    form = rubric(
        "points: 4, forbid: {said: {by: agent, any: [爱办不办]}}", "points: 96, manual: true"
    )
    call = transcript(turn("agent", 1, 2, "爱办不办", confidence=None))
    terms = [ScoringTerms(assumed_confidence=c) for c in (0.9, 0.3, 0.9)]
    cards = score_many(form, [ToScore(transcript=call, call={}, terms=t) for t in terms])
    assert [str(c.criteria()[0].verdict) for c in cards] == ["fail", "held", "fail"]

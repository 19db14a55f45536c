"""One fact, one deduction, when people decide: no vector and no random card is worse off by it.

Each vector is worked by hand from RUBRIC.md, "Verdicts and the total". A call's card is published,
and an objection's answer is carried to it as `qc appeal decide` does.
"""
# ruff: noqa: E501 - rubrics stand as they are written

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Transcript
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.never_worse import dearer, lower_total
from qc_pipeline.review.queue import open_items
from qc_pipeline.scoring.carry import carried, decided_since, judgement_on
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms
from tests.builders import said
from tests.scoring.test_verdict_vectors import HEAD, says, section

PUBLISHED = ScoringTerms(published=True)
AT = "2026-11-20T00:00:00+08:00"


def form(*sections: str, head: str = "") -> CompiledRubric:
    return compile_rubric(
        parse_rubric(f"{HEAD}points: 100\n{head}sections:\n{''.join(sections)}", "r.yaml")
    )


def fault(name: str, points: float, *words: str, more: str = "") -> str:
    """A criterion that deducts `points` for words, by the machine alone."""
    return f"id: {name}, title: {name}, points: {points:g}, forbid: {says(*words)}, confirm: machine{more}"


def call(*lines: str) -> Transcript:
    return said(*(("agent", line) for line in lines))


def ruled(criterion: str, verdict: str, points: float | None = None, **more: object) -> Decision:
    return Decision.model_validate(
        {
            "criterion": criterion,
            "verdict": verdict,
            "points": points,
            "person": "wang",
            "at": AT,
            "reason": "听过",
            **more,
        }
    )


class Published:
    """A call's card as it was published after decisions in review, and what people decide since."""

    def __init__(self, rubric: CompiledRubric, words: Transcript, *decisions: Decision) -> None:
        self.rubric = rubric
        self.by_machine = kept(score(rubric, words, {}, terms=PUBLISHED))
        self.decisions = list(decisions)
        self.card = kept(score(rubric, words, {}, decisions=decisions, terms=PUBLISHED))

    def decide(self, decision: Decision) -> Scorecard:
        self.decisions.append(decision)
        criteria = {c.id: c for c in self.rubric.rubric.criteria()}
        since = decided_since(self.card, self.decisions)
        found = {
            c.id: judgement_on(criteria[c.id], c)
            for c in self.by_machine.criteria()
            if c.id in since
        }
        self.card = kept(carried(self.rubric, self.card, self.decisions, found, terms=PUBLISHED))
        return self.card

    def uphold(self, criterion: str) -> Scorecard:
        return self.decide(ruled(criterion, "overturn", in_favour=True))

    def partly(self, criterion: str, points: float) -> Scorecard:
        return self.decide(ruled(criterion, "points", points, in_favour=True))


def kept(card: Scorecard) -> Scorecard:
    return scorecard_from_json(card.as_json())


def costs(card: Scorecard) -> dict[str, tuple[float, str | None]]:
    """What costs something or is covered."""
    return {
        c.id: (c.lost, c.covered_by) for c in card.criteria() if c.lost or c.covered_by is not None
    }


# 你听不懂人话吗: `whole` is all of it, `part` lies in it, and `end` in both.
RUDE = "你听不懂人话吗"
NESTED = form(
    section(
        "a", 100,
        fault("whole", 40, "你听不懂人话吗"), fault("part", 20, "听不懂人话"),
        fault("end", 10, "人话"), fault("other", 30, "随便你"),
    )
)  # fmt: skip


def test_upheld_what_the_larger_one_covered_stays_covered() -> None:
    # 40 for the whole, 20 and 10 covered, 30 for other words: 100 - 70. Upheld: 100 - 30.
    public = Published(NESTED, call(RUDE, "随便你"))
    assert costs(public.card) == {
        "whole": (40, None), "part": (0, "whole"), "end": (0, "whole"), "other": (30, None),
    }  # fmt: skip
    assert public.card.total == 30
    after = public.uphold("whole")
    assert costs(after) == {"part": (0, "whole"), "end": (0, "whole"), "other": (30, None)}
    assert after.total == 70
    # Nor by what is decided elsewhere later: 100.
    assert public.uphold("other").total == 100
    told = {c.id: after.fell_with_cover(c) for c in after.criteria()}
    assert told == {"whole": False, "part": True, "end": True, "other": False}


def test_partly_upheld_the_larger_one_costs_what_was_said_and_covers_as_before() -> None:
    # 40 become 15, less than the 20 that it covers: 100 - 15, not 100 - 20 and not 100 - 15 - 20.
    public = Published(NESTED, call(RUDE))
    assert public.card.total == 60
    after = public.partly("whole", 15)
    assert costs(after) == {"whole": (15, None), "part": (0, "whole"), "end": (0, "whole")}
    assert after.total == 85
    assert not any(after.fell_with_cover(c) for c in after.criteria())


def test_a_chain_whose_ends_have_nothing_in_common() -> None:
    # 你听不懂 (30) covers 听不懂人 (20) by 3 of its 4 syllables; 懂人话吗 (10) has half of its words in
    # the second, a quarter in the first, and counts beside it: 100 - 30 - 10. With the first gone
    # the second stays covered, and the third goes on: 100 - 10.
    chain = form(
        section(
            "a", 100,
            fault("first", 30, "你听不懂"), fault("second", 20, "听不懂人"),
            fault("third", 10, "懂人话吗"), fault("other", 40, "随便你"),
        )
    )  # fmt: skip
    public = Published(chain, call(RUDE))
    assert costs(public.card) == {"first": (30, None), "second": (0, "first"), "third": (10, None)}
    assert public.card.total == 60
    after = public.uphold("first")
    assert costs(after) == {"second": (0, "first"), "third": (10, None)}
    assert after.total == 90


def test_a_confirmed_smaller_one_stays_covered_by_an_objections_answer() -> None:
    # In review a person said that the smaller one is right, too: once, 100 - 40. Upheld: 100.
    public = Published(NESTED, call(RUDE), ruled("part", "confirm"))
    assert costs(public.card) == {"whole": (40, None), "part": (0, "whole"), "end": (0, "whole")}
    assert public.uphold("whole").total == 100


@pytest.mark.parametrize("first", ["part", "whole"])
def test_in_review_what_a_person_confirmed_counts_in_whatever_order(first: str) -> None:
    # The larger one is no fault, the smaller one is: 100 - 20; what nobody decided on costs nothing.
    two = [ruled("whole", "overturn"), ruled("part", "confirm")]
    if first == "part":
        two.reverse()
    draft = score(NESTED, call(RUDE), {}, decisions=two)
    assert costs(draft)["part"] == (20, None)
    assert (costs(draft)["end"][0], draft.total) == (0, 80)


@pytest.mark.parametrize("by", ["overturn", "not_applicable", "exempt", "invalid"])
def test_in_a_draft_no_decision_brings_up_what_was_covered(by: str) -> None:
    # 60 as found; the larger one goes: 100 where it passes or what does not apply is given
    # (invalid: 60 of 60 points that can be judged, 100 as well).
    assert score(NESTED, call(RUDE), {}).total == 60
    draft = score(NESTED, call(RUDE), {}, decisions=[ruled("whole", by)])
    assert costs(draft) == {"part": (0, "whole"), "end": (0, "whole")}
    assert draft.total in (100, None if by == "invalid" else 100)


def test_in_a_draft_words_that_make_the_larger_one_vanish_bring_up_the_smaller() -> None:
    # No person's decision stands behind it: of 听不懂人话 the larger one finds nothing, 100 - 20.
    draft = score(NESTED, call("听不懂人话"), {})
    assert (costs(draft), draft.total) == ({"part": (20, None), "end": (0, "part")}, 80)


def test_steps_that_a_larger_one_of_another_section_covered() -> None:
    # Three hits: the step of two costs 5 of a's 50, tied by a name to the 30 of b: 100 - 30. Upheld
    # for b: 100 and not 95. Objected to alone, the steps' 5 become 2: 98.
    def steps(tie: str) -> CompiledRubric:
        return form(
            section("a", 50, fault("often", 50, "少啰嗦", more=f", deduct: {{steps: {{2: 5, 4: 12}}}}{tie}")),
            section("b", 50, fault("rude", 50, "少啰嗦", more=f", deduct: 30{tie}")),
        )  # fmt: skip

    words = call("少啰嗦", "好的", "少啰嗦", "好的", "少啰嗦")
    public = Published(steps(", same_fact: rude"), words)
    assert costs(public.card) == {"rude": (30, None), "often": (0, "rude")}
    assert (public.card.total, public.uphold("rude").total) == (70, 100)
    untied = Published(steps(""), words)
    assert untied.card.total == 65
    assert untied.partly("often", 2).total == 68
    assert untied.uphold("rude").total == 98


def test_a_section_fatal_that_covered_a_deduction_of_its_section() -> None:
    # a: the red line takes all 40, the 10 for the same words are covered, 15 for others are lost in
    # it: S = 0, 60 of 100. Upheld S = 40 - 15: 85; the covered 10 stay covered.
    red = "id: red, title: red, severity: fatal, scope: section, confirm: machine, forbid: "
    zones = form(
        section(
            "a", 40,
            red + says("真是笨蛋"), fault("name", 10, "笨蛋"), fault("other", 30, "随便你", more=", deduct: 15"),
        ),
        section("b", 60, fault("c", 60, "不归我管")),
    )  # fmt: skip
    public = Published(zones, call("真是笨蛋", "随便你"))
    assert costs(public.card) == {"name": (0, "red"), "other": (15, None)}
    assert (public.card.fatal, public.card.total) == (("red",), 60)
    after = public.uphold("red")
    assert costs(after) == {"name": (0, "red"), "other": (15, None)}
    assert (after.fatal, after.total) == ((), 85)


def test_a_red_line_that_covered_another_and_a_deduction_elsewhere() -> None:
    # A red line is 0; with the 20 of another section for the same words, tied by a name, and a
    # second red line. Upheld: the two stay covered, 12 for other words are lost: 88.
    red = "title: x, severity: fatal, confirm: machine, same_fact: rude, forbid: "
    lines = form(
        section("a", 50, f"id: red, {red}{says('真是笨蛋')}", f"id: second, {red}{says('笨蛋')}", fault("x", 50, "随便你", more=", deduct: 12")),
        section("b", 50, fault("rude", 50, "真是笨蛋", more=", deduct: 20, same_fact: rude")),
    )  # fmt: skip
    public = Published(lines, call("真是笨蛋", "随便你"))
    assert (public.card.fatal, public.card.total) == (("red",), 0)
    after = public.uphold("red")
    assert costs(after) == {"second": (0, "red"), "x": (12, None), "rude": (0, "red")}
    assert (after.fatal, after.total) == ((), 88)


@pytest.mark.parametrize(
    ("rule", "before", "partly", "upheld"),
    # 20 points do not apply. Redistributed, 80 count: 80 - 30 - 6 = 44 are 55.00; with 10 of the 30,
    # 64 are 80.00; with none, 74 are 92.50. Awarded, 100 count: 64, 84, 94.
    [("redistribute", 55, 80, 92.5), ("award", 64, 84, 94)],
)
def test_redistributed_and_awarded(rule: str, before: float, partly: float, upheld: float) -> None:
    some = form(
        section(
            "a", 100,
            fault("whole", 30, "你听不懂人话吗"), fault("part", 20, "听不懂人话"),
            fault("other", 30, "随便你", more=", deduct: 6"),
            fault("again", 20, "上次说过", more=", applies: {call: {contact: {missing: false}}}")
            .replace("{missing: false}", "repeat"),
        ),
        head=f"not_applicable: {rule}\n",
    )  # fmt: skip
    words = call(RUDE, "随便你")

    class WithRow(Published):
        def __init__(self) -> None:
            self.rubric = some
            row = {"contact": "first"}
            self.by_machine = kept(score(some, words, row, terms=PUBLISHED))
            self.decisions = []
            self.card = self.by_machine

    public = WithRow()
    assert public.card.total == before
    assert public.partly("whole", 10).total == partly
    assert public.uphold("whole").total == upheld
    assert costs(public.card) == {"part": (0, "whole"), "other": (6, None)}


def test_a_section_whose_points_are_used_up() -> None:
    # a has 20, of which 15 + 12 would be lost: S = 0, 80. Upheld for the 12: S = 5, 85. Upheld for
    # the 15 first: S = 8, 88. A 4 that falls leaves S = 0 as it was where 15 + 12 are left.
    low = form(
        section("a", 20, fault("x", 15, "随便你"), fault("y", 12, "不归我管"), fault("z", 4, "找别人去")),
        section("b", 80, fault("c", 80, "你听不懂人话吗")),
    )  # fmt: skip
    words = call("随便你", "不归我管", "找别人去")
    three = Published(low, words)
    assert three.card.total == 80
    assert three.uphold("z").total == 80
    assert three.uphold("y").total == 85
    assert three.uphold("x").total == 100
    one = Published(low, call("随便你", "不归我管"))
    assert one.uphold("x").total == 88


def test_a_bonus_that_full_points_cut_off() -> None:
    # 100 - 3 + 5 is more than 100: 100, and upheld it stays 100. With 8 lost: 97, then 100.
    extra = f"id: warm, title: x, bonus: 5, expect: {says('祝您顺利')}"
    some = form(section("a", 100, fault("x", 100, "随便你", more=", deduct: 3"), extra))
    public = Published(some, call("随便你", "祝您顺利"))
    assert (public.card.total, public.uphold("x").total) == (100, 100)
    more = form(section("a", 100, fault("x", 100, "随便你", more=", deduct: 8"), extra))
    public = Published(more, call("随便你", "祝您顺利"))
    assert (public.card.total, public.partly("x", 6).total, public.uphold("x").total) == (
        97,
        99,
        100,
    )


def test_what_is_on_trial_covers_nothing() -> None:
    # 40 on trial cost nothing, so the 20 for the same words count: 80 of the 60 + 40 that count.
    some = form(
        section("a", 100, fault("tried", 40, RUDE, more=", status: trial"), fault("part", 20, "听不懂人话"), fault("x", 80, "随便你"))
    )  # fmt: skip
    public = Published(some, call(RUDE))
    assert costs(public.card) == {"part": (20, None)}
    assert (public.card.total, public.uphold("part").total) == (80, 100)


def test_a_proposal_that_nobody_looked_at_covers_nothing_and_one_that_fell_does() -> None:
    # A person's 40 (major) cover the machine's 20 in the draft. Nobody looked: published without
    # the 40, the 20 count, as before. A person took the 40 back: the 20 stay covered, in the draft,
    # published, and on a draft's card that is carried into publication.
    some = form(
        section("a", 100, fault("grave", 40, RUDE).replace("machine", "person"), fault("part", 20, "听不懂人话"), fault("x", 40, "随便你"))
    )  # fmt: skip
    fell, lapsed = ruled("grave", "overturn"), ruled("grave", "not_looked_at")
    assert score(some, call(RUDE), {}).total == 60
    assert score(some, call(RUDE), {}, decisions=[fell]).total == 100
    assert score(some, call(RUDE), {}, decisions=[fell], terms=PUBLISHED).total == 100
    for decisions in ([], [lapsed]):
        assert score(some, call(RUDE), {}, decisions=decisions, terms=PUBLISHED).total == 80
    # Published the 20 count; who takes the 40 back then changes nothing.
    assert score(some, call(RUDE), {}, decisions=[lapsed, fell], terms=PUBLISHED).total == 80
    draft = kept(score(some, call(RUDE), {}))
    grave = some.rubric.sections[0].criteria[0]
    found = {"grave": judgement_on(grave, draft.criteria()[0])}
    assert carried(some, draft, [lapsed], found).total == 80
    # Added by a person, a larger one covers; taken back, it does not bring up what it covered.
    public = Published(some, call("听不懂人话"))
    assert public.card.total == 80
    assert public.decide(ruled("x", "deduct", 30, place_s=(0.0, 2.0))).total == 70
    assert costs(public.card) == {"part": (0, "x"), "x": (30, None)}
    assert public.uphold("x").total == 100


def test_a_call_that_was_0_by_a_red_line_alone_may_come_to_have_no_total() -> None:
    # 50 of 100 points rest on a field that is missing, below min_scorable: nothing is known of the
    # call but its red line. It is not a lower total: there is none.
    some = form(
        section(
            "a", 100, "id: ticket, title: x, points: 50, expect: {call: {ticket: 无}}",
            f"id: c, title: x, points: 50, forbid: {says('随便你')}",
            f"id: red, title: x, severity: fatal, confirm: machine, forbid: {says('真是笨蛋')}",
        )
    )  # fmt: skip
    public = Published(some, call("真是笨蛋"))
    before, after = public.card, public.uphold("red")
    assert (before.total, after.total) == (0, None)
    assert not lower_total(before, after)


def test_the_texts_say_that_it_fell_with_the_larger_one() -> None:
    assert Translator("zh")("fell_with", title="态度") == "与“态度”同一事实，已随其撤销"
    assert Translator("en")("fell_with", title="Tone") == "same words as “Tone”, taken back with it"


def test_a_decision_in_favour_adds_nothing() -> None:
    kept_as = ruled("c", "overturn", in_favour=True)
    assert kept_as.as_json()["in_favour"] is True
    assert Decision.model_validate(kept_as.as_json()) == kept_as
    assert "in_favour" not in ruled("c", "overturn").as_json()
    with pytest.raises(ValueError, match="what takes back"):
        ruled("c", "confirm", in_favour=True)


# --- any rubric, any call, any decisions ---

PHRASES = [
    "你听不懂人话吗",
    "听不懂人话",
    "你听不懂",
    "懂人话吗",
    "随便你",
    "真是笨蛋",
    "笨蛋",
    "您好",
]
TIES = st.sampled_from(["", "", ", same_fact: one", ", same_fact: two", ", same_fact: none"])
DEDUCTS = st.sampled_from(
    ["", "", ", deduct: 3", ", deduct: {each: 2}", ", deduct: {steps: {1: 1, 2: 4}}", ", deduct: {each: 4}"]
)  # fmt: skip


@st.composite
def criteria(draw: st.DrawFn, name: str) -> str:
    words = ", ".join(draw(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3, unique=True)))
    found = f"said: {{by: agent, any: [{words}], match: exact}}"
    kind = draw(st.sampled_from(["fault", "fault", "fault", "fatal", "wish", "manual", "bonus"]))
    who = draw(st.sampled_from(["machine", "machine", "person"]))
    row = draw(st.sampled_from(["", "", "", ", applies: {call: {contact: repeat}}"]))
    tie = draw(TIES) + row
    match kind:
        case "fatal":
            scope = draw(st.sampled_from(["rubric", "section"]))
            return f"id: {name}, title: x, severity: fatal, scope: {scope}, confirm: {who}, forbid: {{{found}}}{tie}"
        case "bonus":
            return f"id: {name}, title: x, bonus: 3, expect: {{{found}}}"
        case "manual":
            return f"id: {name}, title: x, points: 20, manual: true"
    points = draw(st.sampled_from([20, 25, 30]))
    trial = draw(st.sampled_from(["", "", "", ", status: trial"]))
    op = "expect" if kind == "wish" else "forbid"
    deduct = "" if kind == "wish" else draw(DEDUCTS)
    return f"id: {name}, title: x, points: {points}, {op}: {{{found}}}, confirm: {who}{deduct}{tie}{trial}"


@st.composite
def rubrics(draw: st.DrawFn) -> CompiledRubric:
    parts = []
    for number, points in enumerate((40, 60)):
        own = [draw(criteria(f"s{number}c{i}")) for i in range(draw(st.integers(2, 5)))]
        # So that a section's criteria are worth what it is, or more.
        own.append(f"id: s{number}rest, title: x, points: {points}, expect: {says('再见了')}")
        parts.append(section(f"s{number}", points, *own))
    least, rule = (
        draw(st.sampled_from(["0", "0.3"])),
        draw(st.sampled_from(["award", "redistribute"])),
    )
    return form(*parts, head=f"min_scorable: {least}\nnot_applicable: {rule}\n")


LINES = st.lists(
    st.sampled_from([*PHRASES, "再见了", "你听不懂人话吗真是笨蛋"]), min_size=1, max_size=6
)
ROWS = st.sampled_from([{}, {"contact": "first"}, {"contact": "repeat"}])
BY = list(DecisionVerdict)


@st.composite
def decisions(draw: st.DrawFn, names: list[str]) -> Decision:
    verdict = draw(st.sampled_from(BY))
    more: dict[str, object] = {}
    if verdict in (DecisionVerdict.POINTS, DecisionVerdict.DEDUCT):
        more["points"] = draw(st.sampled_from([1.0, 4.5, 12.0, 30.0]))
    if verdict is DecisionVerdict.DEDUCT:
        more["place_s"] = (draw(st.sampled_from([0.0, 2.0])), draw(st.sampled_from([2.0, 5.0])))
    return ruled(draw(st.sampled_from(names)), str(verdict), **more)


SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(rubrics(), LINES, ROWS, st.data())
def test_no_answer_to_an_objection_leaves_any_card_worse_off(rubric, lines, row, data):
    """After any decisions in review and since publication, over several objections."""
    words = call(*lines)
    names = [c.id for c in rubric.rubric.criteria()]
    draft = kept(score(rubric, words, row))
    former = data.draw(st.lists(decisions(names), max_size=4))
    public = Published.__new__(Published)
    public.rubric, public.by_machine = rubric, draft
    public.card = kept(score(rubric, words, row, decisions=former))
    public.decisions = list(former)
    for item in open_items([public.card], {}, {}):
        public.decide(ruled(item.criterion, "not_looked_at"))
    for decision in data.draw(st.lists(decisions(names), max_size=2)):
        public.decide(decision)
    asked = 0
    for _ in range(3):
        before = public.card
        failed = [c for c in before.criteria() if c.verdict is Verdict.FAIL and not c.trial]
        if not failed:
            break
        result = data.draw(st.sampled_from(failed))
        if result.lost > 0.5 and data.draw(st.booleans()):
            after = public.partly(result.id, result.lost - 0.5)
        else:
            after = public.uphold(result.id)
        asked += 1
        assert dearer(before, after) == ()
        assert not lower_total(before, after)
        # The band goes with the total, and nothing else has another verdict.
        assert {c.id: c.verdict for c in after.criteria() if c.id != result.id} == {
            c.id: c.verdict for c in before.criteria() if c.id != result.id
        }
        if data.draw(st.booleans()):
            public.decide(data.draw(decisions(names)))
    assume(asked)


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(rubrics(), LINES, ROWS, st.booleans(), st.data())
def test_a_decision_raises_nothing_that_nobody_decided_on(rubric, lines, row, published, data):
    words, terms = call(*lines), ScoringTerms(published=published)
    names = [c.id for c in rubric.rubric.criteria()]
    ruling = data.draw(st.lists(decisions(names), min_size=1, max_size=5))
    for number in range(len(ruling)):
        before = score(rubric, words, row, decisions=ruling[:number], terms=terms)
        after = score(rubric, words, row, decisions=ruling[: number + 1], terms=terms)
        last = ruling[number]
        if last.verdict is DecisionVerdict.NOT_LOOKED_AT:
            continue  # what nobody looked at lapses, and what it covered in the draft counts
        people = {
            d.criterion
            for d in ruling[: number + 1]
            if d.verdict is not DecisionVerdict.NOT_LOOKED_AT
        }
        assert set(dearer(before, after)) <= people

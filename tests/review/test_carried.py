"""A published card is carried, not judged again: the engine, the settings and the rubrics may have
changed since; what nobody decided on or corrected stays as it was published.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.call import Speaker
from qc_pipeline.cli import session
from qc_pipeline.job import score as job_score
from qc_pipeline.scoring import carry, score
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind
from qc_pipeline.scoring.evidence.outcome import Outcome, State
from qc_pipeline.scoring.evidence.view import Context
from qc_pipeline.scoring.operators.said_phrase import Said
from tests.fixtures import Clock, MadeOnce
from tests.weeks import FINE, PERIOD, RUBRIC, make_week, qc, qc_json, words_of
from tests.workspaces import hashes

WANG = ("--as", "wang", "--reason", "听录音核对")
SUN, ZHAO = ("--as", "sun"), ("--as", "zhao")
NOW = score.ENGINE_VERSION
OLD = "4 and a half"


def old_engine(patch: pytest.MonkeyPatch) -> None:
    """An engine that took 您好 for no greeting: every call lost the 20 points of `greeting` for
    its agent's first turn, which ends after 4.5 s at the latest.
    """
    evaluate = Said.evaluate

    def old(said: Said, ctx: Context) -> Outcome:
        if "您好" not in said.describe().zh:
            return evaluate(said, ctx)
        heard = Evidence(
            kind=EvidenceKind.MEASURE,
            start_s=1.0,
            end_s=2.0,
            speaker=Speaker.AGENT,
            turn=0,
            quote="没有问候",
        )
        return Outcome(state=State.NOT, measured=(heard,))

    patch.setattr(Said, "evaluate", old)
    for module in (score, job_score, carry):
        patch.setattr(module, "ENGINE_VERSION", OLD)


def counting(rubric: str) -> str:
    """The rubric with deductions that count without a person, whatever they cost."""
    if "confirm:" in rubric:
        return rubric
    for points in ("points: 20\n", "points: 30\n"):
        rubric = rubric.replace(points, f"{points}        confirm: machine\n", 1)
    return rubric


def unhear(folder: Path, recording: str) -> None:
    """The agent goes on for 12.3 s after the last word, and nobody knows what was said."""
    path = folder / "heard" / f"{recording}.json"
    body = json.loads(path.read_text(encoding="utf-8"))
    span = [body["duration_s"], round(body["duration_s"] + 12.3, 2)]
    body["duration_s"] = round(span[1] + 2, 2)
    body["speech"]["agent"].append(span)
    body["unheard"] = {"agent": [[*span, "no-words"]], "customer": []}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def draft_week(week: Path) -> Path:
    (week / "rubrics" / "mini.yaml").write_text(counting(RUBRIC), encoding="utf-8")
    return week


@pytest.fixture(scope="session")
def published_long_ago(made_once: MadeOnce) -> Path:
    def make(folder: Path) -> None:
        make_week(folder, more={"r7": FINE})
        (folder / "rubrics" / "mini.yaml").write_text(counting(RUBRIC), encoding="utf-8")
        unhear(folder, "r7")
        with pytest.MonkeyPatch.context() as patch:
            old_engine(patch)
            patch.setattr(session, "clock", lambda: Clock().now)
            qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
            qc(folder, "score", "-p", PERIOD)
            publish(folder)

    return made_once.folder("published-long-ago", make)


@pytest.fixture
def old_week(published_long_ago: Path, tmp_path: Path, clock: Clock) -> Iterator[Path]:
    """A published week that another engine had judged, on the day after its publication."""
    clock.set("2026-11-17T09:00:00")
    yield Path(shutil.copytree(published_long_ago, tmp_path / "old"))


def lines(card: Any) -> dict[str, Any]:
    return {c["id"]: c for s in card["sections"] for c in s["criteria"]}


def differing(before: Any, after: Any) -> set[str]:
    """The criteria whose lines are not the same to the last value."""
    old, new = lines(before), lines(after)
    assert list(old) == list(new)
    return {k for k in old if old[k] != new[k]}


def the_rest(card: Any) -> Any:
    """All of a card but its lines and what follows from them."""
    body = {k: v for k, v in card.items() if k not in ("sections", "parent", "inputs")}
    for figure in ("total", "band", "passed", "scorable_share", "points_lost"):
        del body[figure]
    made_from = {k: v for k, v in card["inputs"].items() if k != "decisions"}
    made_from["terms"] = {**made_from["terms"], "published": None}
    return body | {"inputs": made_from}


def test_the_old_engine_judged_otherwise(old_week: Path) -> None:
    """What the other tests rest on: judged again, the whole call would have another total."""
    card = qc_json(old_week, "show", "r3")
    assert card["inputs"]["engine"] == OLD
    # Of the first section 20 + 30 points count, and all are lost: 40 of 90.
    assert (lines(card)["greeting"]["lost"], lines(card)["taboo"]["lost"]) == (20, 30)
    assert card["total"] == 44.44
    again = qc_json(old_week, "rescore", "r3", "--rubric", card["rubric"]["sha256"][:12])
    assert [d["criterion"] for d in again["differences"]] == ["greeting"]
    assert again["total_after"] == 66.67


def test_an_upheld_objection_changes_its_criterion_and_the_total(old_week: Path) -> None:
    before = qc_json(old_week, "show", "r3")
    qc(old_week, "appeal", "open", "r3", "taboo", "--reason", "客户在复述", *SUN)
    qc(old_week, "appeal", "decide", "1", "--upheld", "--reason", "听录音属实", *ZHAO)
    after = qc_json(old_week, "show", "r3")
    assert differing(before, after) == {"taboo"}
    assert lines(after)["taboo"] == {
        **lines(before)["taboo"],
        "verdict": "pass",
        "lost": 0,
        "reason": "听录音属实",
        "decided_by": "person",
    }
    # 30 of 50 are kept, and all 40: 70 of 90.
    assert after["total"] == 77.78
    assert the_rest(after) == the_rest(before)
    assert after["inputs"]["engine"] == OLD
    # Given to the job once more nothing is written.
    cards = qc_json(old_week, "show", "r3", "--history")["cards"]
    qc(old_week, "run", "-p", PERIOD)
    qc(old_week, "score", "-p", PERIOD)
    assert qc_json(old_week, "show", "r3", "--history")["cards"] == cards
    assert qc_json(old_week, "show", "r3") == after


def test_a_decision_on_a_published_card_changes_its_criterion_and_the_total(
    old_week: Path,
) -> None:
    before = qc_json(old_week, "show", "r3")
    decide = ("review", "r3", "taboo", "--points", "5", *WANG)
    qc(old_week, *decide)
    after = qc_json(old_week, "show", "r3")
    assert differing(before, after) == {"taboo"}
    assert after["total"] == 72.22  # 25 and 40 of 90
    assert the_rest(after) == the_rest(before)
    # The same decision once more is none.
    qc(old_week, *decide)
    assert qc_json(old_week, "show", "r3") == after


def test_what_was_closed_can_be_confirmed_for_what_had_been_found(old_week: Path) -> None:
    """r4's taboo word was badly heard and held; publishing closed it without a deduction, and the
    closed line does not say any more what it would have cost."""
    before = qc_json(old_week, "show", "r4")
    assert (lines(before)["taboo"]["lost"], lines(before)["taboo"]["stake"]) == (0, 0)
    qc(old_week, "review", "r4", "taboo", "--confirm", "--as", "wang", "--notice", "复听后补扣")
    after = qc_json(old_week, "show", "r4")
    assert differing(before, after) == {"taboo"}
    assert (lines(after)["taboo"]["verdict"], lines(after)["taboo"]["lost"]) == ("fail", 30)
    assert after["total"] == 44.44


def test_an_invalid_recording_takes_every_line_out(old_week: Path) -> None:
    qc(old_week, "review", "r3", "--invalid", "--because", "system", "--as", "wang")
    after = qc_json(old_week, "show", "r3")
    assert {c["verdict"] for c in lines(after).values()} == {"unscorable"}
    assert (after["total"], after["inputs"]["engine"]) == (None, OLD)


def test_corrected_words_are_judged_where_evidence_lies_in_them(old_week: Path) -> None:
    before = qc_json(old_week, "show", "r3")
    file = words_of(old_week, "r3", ("你听不懂吗", "您听不清吗"))
    told = qc(old_week, "rescore", "r3", "--words", str(file), *WANG).out
    after = qc_json(old_week, "show", "r3")
    assert differing(before, after) == {"taboo"}
    taboo = lines(after)["taboo"]
    assert (taboo["verdict"], taboo["lost"], taboo["engine"]) == ("pass", 0, NOW)
    # The rest says which engine it is of by the card, and what it was told then.
    assert after["inputs"]["engine"] == OLD
    assert after["total"] == 77.78
    assert after["transcript_sha256"] != before["transcript_sha256"]
    assert f"judged again, by engine {NOW}: taboo" in told
    shown = qc(old_week, "show", "r3").out
    assert f"引擎 {NOW} 后来重评：服务禁语；其余由引擎 {OLD} 评定" in shown
    assert "the other 4 stand as they were published" in told
    cards = qc_json(old_week, "show", "r3", "--history")["cards"]
    qc(old_week, "run", "-p", PERIOD)
    assert qc_json(old_week, "show", "r3", "--history")["cards"] == cards
    # A second correction of other words leaves the first one's line alone.
    file = words_of(old_week, "r3", ("您好请问", "您好啊请问"))
    told = qc_json(old_week, "rescore", "r3", "--words", str(file), *WANG)
    assert told["judged_again"] == ["greeting"]
    last = qc_json(old_week, "show", "r3")
    assert differing(after, last) == {"greeting"}
    assert (lines(last)["greeting"]["verdict"], last["total"]) == ("pass", 100)


def test_corrected_words_are_judged_where_something_is_found_in_them(old_week: Path) -> None:
    """Nothing on the card of r1 lies in the customer's turn; what the corrected words hold does."""
    before = qc_json(old_week, "show", "r1")
    file = words_of(old_week, "r1", ("customer: 我要查账单", "agent: 说了多少遍了"))
    words = ("rescore", "r1", "--words", str(file), *WANG)
    assert "needs a correction notice" in qc(old_week, *words, expect=2).err
    qc(old_week, *words, "--notice", "听写有误")
    after = qc_json(old_week, "show", "r1")
    assert differing(before, after) == {"taboo"}
    assert (lines(after)["taboo"]["lost"], lines(after)["taboo"]["engine"]) == (30, NOW)
    assert lines(after)["taboo"]["evidence"][0]["turn"] == 1


def test_corrected_words_that_concern_nothing_change_no_line(old_week: Path) -> None:
    before = qc_json(old_week, "show", "r1")
    file = words_of(old_week, "r1", ("我要查账单", "我要查话费账单"))
    done = qc_json(old_week, "rescore", "r1", "--words", str(file), *WANG)
    assert (done["judged_again"], done["differences"]) == ([], [])
    after = qc_json(old_week, "show", "r1")
    assert after["sections"] == before["sections"]
    assert after["transcript_sha256"] != before["transcript_sha256"]


def test_a_split_turn_moves_the_numbers_of_carried_evidence_alone(old_week: Path) -> None:
    before = qc_json(old_week, "show", "r3")
    file = words_of(old_week, "r3", ("agent: 你听不懂吗", "agent: 你\n[+] 客户: 听不懂吗"))
    qc(old_week, "rescore", "r3", "--words", str(file), *WANG)
    after = qc_json(old_week, "show", "r3")
    assert differing(before, after) == {"taboo", "promise"}
    (old,), (new,) = (lines(c)["promise"]["evidence"] for c in (before, after))
    assert (old["turn"], new["turn"]) == (2, 3)
    assert {**new, "turn": 2} == old
    assert "engine" not in lines(after)["promise"]


def test_a_named_rubric_judges_the_whole_call_again_and_says_so(old_week: Path) -> None:
    before = qc_json(old_week, "show", "r3")
    sha256 = before["rubric"]["sha256"][:12]
    # Without one the card stands as it was published.
    plain = qc(old_week, "rescore", "r3").out
    assert "no criterion differs" in plain
    assert "published: what nothing concerned since stands (--rubric judges all again)" in plain
    assert qc_json(old_week, "rescore", "r3")["judged_again"] == []
    told = qc(old_week, "rescore", "r3", "--rubric", sha256).out
    assert f"all 5 criteria judged again, by engine {NOW}" in told
    assert "greeting (开头规范用语): fail -20 → pass" in told
    adopted = qc_json(old_week, "rescore", "r3", "--rubric", sha256, "--adopt", *WANG)
    assert (adopted["judged_again"], adopted["total_after"]) == ("all", 66.67)
    after = qc_json(old_week, "show", "r3")
    assert after["inputs"]["engine"] == NOW
    assert differing(before, after) == {"greeting"}


def test_back_under_the_published_rubric_the_published_lines_stand(old_week: Path) -> None:
    before = qc_json(old_week, "show", "r3")
    other = old_week / "other.yaml"
    text = (old_week / "rubrics" / "mini.yaml").read_text("utf-8")
    other.write_text(text.replace('version: "1"', 'version: "2"'), "utf-8")
    qc(old_week, "rescore", "r3", "--rubric", str(other), "--adopt", *WANG)
    assert qc_json(old_week, "show", "r3")["total"] == 66.67
    qc(old_week, "review", "r3", "taboo", "--points", "5", *WANG)
    back = qc_json(old_week, "rescore", "r3", "--adopt", *WANG, "--notice", "恢复原标准")
    assert back["total_after"] == 72.22
    after = qc_json(old_week, "show", "r3")
    assert differing(before, after) == {"taboo"}
    assert after["inputs"]["engine"] == OLD


def test_settings_changed_since_change_no_published_card(old_week: Path) -> None:
    shown = {r: qc_json(old_week, "show", r) for r in ("r1", "r2", "r3")}
    report = hashes(old_week / "report" / PERIOD)
    settings = old_week / "qc.toml"
    text = settings.read_text("utf-8")
    changed = "[asr]\nassumed_confidence = 0.1\nleast_heard = 1.0\ndoubtful_below = 0.99\n"
    settings.write_text(
        text.replace("[asr]\n", changed) + '\n[calls]\nown_numbers = ["10086"]\n', "utf-8"
    )
    qc(old_week, "run", "-p", PERIOD)
    assert {r: qc_json(old_week, "show", r) for r in shown} == shown
    assert hashes(old_week / "report" / PERIOD) == report
    # What is judged anew is judged under what the card was judged under.
    file = words_of(old_week, "r3", ("你听不懂吗", "您听不清吗"))
    qc(old_week, "rescore", "r3", "--words", str(file), *WANG)
    after = qc_json(old_week, "show", "r3")
    assert after["inputs"]["terms"] == {**shown["r3"]["inputs"]["terms"], "published": True}
    assert after["inputs"]["terms"]["own_numbers"] == []


def test_words_filled_in_after_publication_give_a_call_that_was_not_judged_a_total(
    old_week: Path,
) -> None:
    before = qc_json(old_week, "show", "r7")
    assert (before["total"], len(before["not_judged"])) == (None, 1)
    place = "# [?17.50-29.80 no-words] agent: "
    words = words_of(old_week, "r7", (place, place + "你听不懂吗账单明天寄到您家"))
    rescore = ("rescore", "r7", "--words", str(words), *WANG)
    assert "needs a correction notice" in qc(old_week, *rescore, expect=2).err
    done = qc_json(old_week, *rescore, "--notice", "补听")
    # What was not heard is judged; greeting and promise, heard all along, stand.
    assert done["judged_again"] == ["taboo", "abuse"]
    after = qc_json(old_week, "show", "r7")
    assert differing(before, after) == {"taboo", "abuse"}
    # Of 50 and 40 points the greeting's 20, which the old engine took, and 30 are lost.
    assert ("not_judged" in after, after["total"]) == (False, 44.44)
    assert after["hearing"]["agent"]["heard"] == 1


def test_decisions_after_publication_give_a_call_that_was_not_judged_a_total(
    old_week: Path,
) -> None:
    before = qc_json(old_week, "show", "r7")
    for criterion in ("taboo", "abuse"):
        qc(old_week, "review", "r7", criterion, "--overturn", *WANG)
    assert qc_json(old_week, "show", "r7")["total"] is None
    qc(old_week, "review", "r7", "tone", "--points", "2", *WANG, "--notice", "复听")
    after = qc_json(old_week, "show", "r7")
    assert differing(before, after) == {"taboo", "abuse", "tone"}
    # All 100 points count now, 20 of them and 2 are lost. The card goes on saying what it was.
    assert after["total"] == 78
    assert after["not_judged"] == before["not_judged"]


def test_a_draft_is_judged_as_a_whole(draft_week: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        old_engine(patch)
        qc(draft_week, "score", "-p", PERIOD)
    before = qc_json(draft_week, "show", "r3")
    qc(draft_week, "review", "r3", "taboo", "--points", "5", *WANG)
    after = qc_json(draft_week, "show", "r3")
    assert differing(before, after) == {"taboo", "greeting"}
    assert after["inputs"]["engine"] == NOW
    done = qc_json(draft_week, "rescore", "r2")
    assert done["judged_again"] == "all"


def test_publishing_closes_what_is_open_and_judges_nothing_again(
    draft_week: Path, clock: Clock
) -> None:
    """What people saw in review is what is published."""
    with pytest.MonkeyPatch.context() as patch:
        old_engine(patch)
        qc(draft_week, "score", "-p", PERIOD)
        qc(draft_week, "review", "r6", "abuse", "--confirm", "--as", "wang")
        qc(draft_week, "review", "r5", "promise", "--confirm", "--as", "li")
    before = qc_json(draft_week, "show", "r4")
    qc(draft_week, "publish", PERIOD, "--as", "qian")
    after = qc_json(draft_week, "show", "r4")
    assert differing(before, after) == {"taboo", "tone"}
    assert (after["provisional"], after["inputs"]["engine"]) == (False, OLD)
    assert after["total"] == before["total"]


def test_a_finding_that_was_overturned_in_review_can_be_confirmed_after_all(
    draft_week: Path, clock: Clock
) -> None:
    """What it costs is what the old engine had found, on the card before anybody decided."""
    with pytest.MonkeyPatch.context() as patch:
        old_engine(patch)
        qc(draft_week, "score", "-p", PERIOD)
        qc(draft_week, "review", "r3", "greeting", "--overturn", *WANG)
        publish(draft_week)
    before = qc_json(draft_week, "show", "r3")
    assert lines(before)["greeting"]["verdict"] == "pass"
    qc(draft_week, "review", "r3", "greeting", "--confirm", "--as", "wang", "--notice", "更正")
    after = qc_json(draft_week, "show", "r3")
    assert differing(before, after) == {"greeting"}
    greeting = lines(after)["greeting"]
    assert (greeting["verdict"], greeting["lost"], "engine" in greeting) == ("fail", 20, False)


def test_a_finding_that_no_card_tells_any_more_is_judged_anew_and_says_so(
    draft_week: Path, clock: Clock
) -> None:
    """Overturned under one engine, published under the next, confirmed under ours: the card's own
    engine had never been asked without the decision."""
    qc(draft_week, "score", "-p", PERIOD)
    qc(draft_week, "review", "r3", "taboo", "--overturn", *WANG)
    with pytest.MonkeyPatch.context() as patch:
        old_engine(patch)
        qc(draft_week, "score", "-p", PERIOD)
        publish(draft_week)
    before = qc_json(draft_week, "show", "r3")
    assert before["inputs"]["engine"] == OLD
    qc(draft_week, "review", "r3", "taboo", "--confirm", "--as", "wang", "--notice", "更正")
    after = qc_json(draft_week, "show", "r3")
    assert differing(before, after) == {"taboo"}
    taboo = lines(after)["taboo"]
    assert (taboo["verdict"], taboo["lost"], taboo["engine"]) == ("fail", 30, NOW)


def publish(folder: Path) -> None:
    qc(folder, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(folder, "review", "r5", "promise", "--confirm", "--as", "li")
    qc(folder, "publish", PERIOD, "--as", "qian")

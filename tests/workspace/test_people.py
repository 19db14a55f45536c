"""Who acts, on whose behalf, and the audit that keeps both."""

from __future__ import annotations

import getpass
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json

ME = getpass.getuser()


def audit(folder: Path, *words: str, expect: int = 0) -> Any:
    return qc_json(folder, "audit", *words, expect=expect)


def last(folder: Path, action: str) -> Any:
    return audit(folder, "--action", action)["lines"][-1]


def give_login(folder: Path, *people: str) -> None:
    """Let this test's own login be that of people in qc.toml."""
    path = folder / "qc.toml"
    text = path.read_text("utf-8")
    for key in people:
        text = text.replace(f"[people.{key}]\n", f'[people.{key}]\nlogin = "{ME}"\n')
    path.write_text(text, "utf-8")


def test_the_login_says_who_acts(week: Path) -> None:
    give_login(week, "wang")
    qc(week, "review", "r3", "taboo", "--overturn", "--reason", "复述客户")
    line = last(week, "decision.review")
    assert (line["who"], line["person"], line["for"]) == (ME, "王质检", None)
    assert line["why"] == "复述客户"
    assert datetime.fromisoformat(line["at"]).tzinfo is not None


def test_a_login_that_is_nobodys_is_asked_for_a_name(week: Path) -> None:
    refused = qc(week, "review", "r3", "taboo", "--confirm", expect=2).err
    assert f"say who you are with --as NAME; the login '{ME}' is nobody's in [people]" in refused


def test_a_shared_login_says_who_is_there(week: Path) -> None:
    give_login(week, "wang", "li")
    words = ("review", "r3", "taboo", "--confirm")
    refused = qc(week, *words, expect=2).err
    assert (
        f"the login '{ME}' is shared by 李质检, 王质检: say who you are with --as NAME" in refused
    )
    qc(week, *words, "--as", "li")
    assert last(week, "decision.review")["person"] == "李质检"


def test_another_name_than_the_logins_is_kept_with_it_and_said(week: Path) -> None:
    give_login(week, "wang")
    done = qc(week, "review", "r3", "taboo", "--confirm", "--as", "li")
    assert f"the login '{ME}' is 王质检's; the record keeps both names" in done.err
    line = last(week, "decision.review")
    assert (line["person"], line["what"]["login_of"]) == ("李质检", "王质检")


def test_a_deputy_acts_for_the_lead_and_both_are_kept(published_week: Path) -> None:
    words = ("appeal", "open", "r3", "taboo", "--reason", "语境不同")
    made = qc_json(published_week, *words, "--as", "zhou", "--for", "sun")
    assert (made["by"], made["for"]) == ("周副组长", "孙组长")
    line = last(published_week, "objection.open")
    assert (line["person"], line["for"], line["what"]["as"]) == ("周副组长", "孙组长", "deputy")
    assert "周副组长 (for 孙组长)" in qc(published_week, "appeal", "list").out


def test_a_deputy_who_names_nobody_acts_for_the_one_whose_role_it_is(published_week: Path) -> None:
    words = ("appeal", "open", "r3", "taboo", "--reason", "语境不同")
    made = qc_json(published_week, *words, "--as", "zhou")
    assert (made["by"], made["for"]) == ("周副组长", "孙组长")


def test_a_clerk_enters_what_somebody_with_the_role_decided(week: Path) -> None:
    with (week / "qc.toml").open("a", encoding="utf-8") as file:
        file.write('\n[people.chen]\nname = "陈文员"\n')
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "chen", "--for", "wang")
    line = last(week, "decision.review")
    assert (line["person"], line["for"], line["what"]["as"]) == ("陈文员", "王质检", "clerk")
    history = qc_json(week, "show", "r6", "--history")["decisions"][-1]
    assert (history["person"], history["for"]) == ("陈文员", "王质检")


def test_the_one_on_whose_behalf_it_is_needs_the_role(week: Path) -> None:
    words = ("review", "r6", "abuse", "--confirm", "--as", "wang")
    refused = qc(week, *words, "--for", "sun", expect=2).err
    assert "孙组长 may not do this: it is for the roles inspector, manager, reviewer" in refused
    refused = qc(week, *words, "--for", "sunn", expect=2).err
    assert "--for 'sunn' is nobody of [people] in qc.toml" in refused
    assert 'did you mean "sun"?' in refused
    assert audit(week, "--action", "decision.review")["lines"] == []


def test_a_deputy_of_two_says_for_whom(week: Path) -> None:
    path = week / "qc.toml"
    text = path.read_text("utf-8")
    for key in ("wang", "li"):
        text = text.replace(f"[people.{key}]\n", f'[people.{key}]\ndeputy = "zhou"\n')
    path.write_text(text, "utf-8")
    words = ("review", "r6", "abuse", "--confirm", "--as", "zhou")
    refused = qc(week, *words, expect=2).err
    assert "周副组长 stands in for 李质检, 王质检 here: say for whom with --for NAME" in refused
    qc(week, *words, "--for", "li")
    assert last(week, "decision.review")["for"] == "李质检"


def test_nobody_decides_through_somebody_else_what_they_may_not_decide(
    published_week: Path,
) -> None:
    qc(published_week, "appeal", "open", "r3", "taboo", "--reason", "x", "--as", "sun")
    take = ("appeal", "take", "1")
    refused = qc(published_week, *take, "--as", "sun", "--for", "zhao", expect=2).err
    assert "孙组长 raised the objection: somebody else decides it" in refused
    # The deputy stands beside the lead as one who may not decide, too.
    refused = qc(published_week, *take, "--as", "zhou", "--for", "zhao", expect=2).err
    assert "周副组长 or 赵复核 leads 一组" in refused
    qc(published_week, *take, "--as", "zhao")


def test_publishing_rescoring_and_corrections_keep_on_whose_behalf(
    week: Path, clock: Clock
) -> None:
    with (week / "qc.toml").open("a", encoding="utf-8") as file:
        file.write('\n[people.chen]\nname = "陈文员"\n')
    chen = ("--as", "chen", "--for", "qian")
    words = week / "words.txt"
    words.write_text(
        "[1.00-2.25] agent: 您好请讲\n[4.25-5.50] customer: 我要查账单\n"
        "[7.50-9.00] agent: 稍后给您回电\n",
        encoding="utf-8",
    )
    qc(week, "rescore", "r2", "--words", str(words), "--reason", "听录音", *chen)
    for recording, criterion in (("r6", "abuse"), ("r5", "promise")):
        qc(week, "review", recording, criterion, "--confirm", *chen)
    qc(week, "publish", PERIOD, *chen)
    for action in ("transcript.correct", "decision.review", "publication.published"):
        line = last(week, action)
        assert (line["person"], line["for"]) == ("陈文员", "钱经理"), action


def test_without_a_table_of_people_names_are_taken_as_they_are(week: Path) -> None:
    path = week / "qc.toml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("[people.wang]")], "utf-8")
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "某某", "--for", "另一人")
    line = last(week, "decision.review")
    assert (line["person"], line["for"]) == ("某某", "另一人")
    assert "某某 (for 另一人, as asked)" in qc(week, "audit").out


def test_looks_at_words_and_exports_leave_a_line(week: Path, tmp_path: Path) -> None:
    before = audit(week)["count"]
    qc(week, "show", "r3")
    qc(week, "show", "r3", "--history")  # scores and decisions, no words
    qc(week, "export", "-p", PERIOD, "-o", str(tmp_path / "out"))
    qc(week, "review")
    lines = audit(week)["lines"][before:]
    assert [line["action"] for line in lines] == ["look.card", "export", "look.review"]
    assert lines[0]["what"]["recording"] == "r3"
    assert lines[1]["what"]["period"] == PERIOD


def test_the_audit_is_filtered(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-17T08:00:00")
    qc(published_week, "appeal", "open", "r3", "taboo", "--reason", "x", "--as", "zhou")
    everything = audit(published_week)
    assert everything["count"] == len(everything["lines"])
    by_wang = audit(published_week, "--who", "wang")["lines"]
    assert {line["person"] for line in by_wang} == {"王质检"}
    assert [x["action"] for x in audit(published_week, "--who", "孙组长")["lines"]] == [
        "objection.open"
    ]
    decided = audit(published_week, "--action", "decision")["lines"]
    assert {x["action"] for x in decided} == {"decision.review", "decision.publish"}
    assert {
        x["what"]["recording"] for x in audit(published_week, "--recording", "r3")["lines"]
    } == {"r3"}
    day = audit(published_week, "--since", "2026-11-17", "--until", "2026-11-17")["lines"]
    assert [x["action"] for x in day] == ["objection.open"]
    assert audit(published_week, "--until", "2020-01-01")["lines"] == []
    assert len(audit(published_week, "--last", "2")["lines"]) == 2
    assert (
        "--since takes a day such as" in qc(published_week, "audit", "--since", "x", expect=2).err
    )


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "qc.sqlite") as connection:
        assert connection.execute(statement).rowcount == 1


def test_a_line_changed_by_hand_is_found_and_named(published_week: Path) -> None:
    assert audit(published_week)["broken_at"] is None
    line = last(published_week, "decision.review")
    what = json.dumps({**line["what"], "person": "李质检"}, ensure_ascii=False)
    change(published_week, f"UPDATE audit SET what = '{what}' WHERE seq = {line['seq']}")
    found = audit(published_week, expect=3)
    assert [(b["seq"], b["changed"]) for b in found["breaks"]] == [(line["seq"], True)]
    text = qc(published_week, "audit", "--last", "1", expect=3).out
    assert f"the chain is broken: line {line['seq']} was changed by hand" in text


def test_a_line_taken_out_is_found(published_week: Path) -> None:
    change(published_week, "DELETE FROM audit WHERE seq = 3")
    found = audit(published_week, expect=3)
    assert [(b["seq"], b["changed"]) for b in found["breaks"]] == [(4, False)]
    assert "line 4 does not follow from the line before" in found["breaks"][0]["what"]


def test_lines_cut_off_at_the_end_are_missed_by_a_head_noted_before(published_week: Path) -> None:
    head = audit(published_week)["head"]
    assert head in qc(published_week, "audit").out
    assert audit(published_week, "--head", head)["head_missing"] is False
    seq = audit(published_week)["lines"][-1]["seq"]
    change(published_week, f"DELETE FROM audit WHERE seq = {seq}")
    assert audit(published_week)["broken_at"] is None
    cut = qc(published_week, "audit", "--head", head, expect=3).out
    assert f"no line has the hash {head}" in cut


@pytest.mark.parametrize("command", [("publish", PERIOD), ("rescore", "--criterion", "taboo")])
def test_a_lead_may_not_do_an_inspectors_work(week: Path, command: tuple[str, ...]) -> None:
    words = (*command, *(("-p", PERIOD, "--reason", "x") if command[0] == "rescore" else ()))
    refused = qc(week, *words, "--as", "sun", expect=2).err
    assert "孙组长 may not do this" in refused
    assert refused.count("\n") == 1

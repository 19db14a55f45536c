"""`qc verify`: a record is clean, and what was changed by hand is found, with what and where."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.store.replay import replay
from qc_pipeline.store.transaction import Snapshot
from tests.fixtures import Clock
from tests.weeks import PERIOD, make_week, qc, qc_json

WANG = ("--as", "wang")


def database(folder: Path) -> Path:
    (found,) = folder.glob("*.sqlite") or folder.glob("**/*.sqlite")
    return found


def edit(folder: Path, *statements: str) -> None:
    """SQL as somebody who has the file runs it."""
    with closing(sqlite3.connect(database(folder))) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement


def faults(folder: Path) -> list[dict[str, Any]]:
    body = qc_json(folder, "verify", expect=3)
    assert body["clean"] is False
    found: list[dict[str, Any]] = body["faults"]
    assert found
    return found


def test_clean_record_says_what_was_held_against_what(answered_week: Path) -> None:
    told = qc(answered_week, "verify").out
    assert told.startswith("核对无误：审计 ")
    head = qc_json(answered_week, "verify")["head"]
    assert head in told
    qc(answered_week, "verify", "--head", head[:12])
    assert (
        "no line of the audit has the hash"
        in qc(answered_week, "verify", "--head", "0000", expect=3).out
    )
    assert "whole, audit chain unbroken" in qc(answered_week, "doctor", expect=None).out


def test_workspace_copied_whole_is_clean(answered_week: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(answered_week, tmp_path / "elsewhere"))
    qc(copy, "verify")


ROWS = {
    "card swapped": (
        "UPDATE outcomes SET scorecard_sha256 = (SELECT scorecard_sha256 FROM outcomes"
        " WHERE recording_id = 'r1' LIMIT 1) WHERE recording_id = 'r3'",
        "outcomes",
    ),
    "total set": ("UPDATE scorecards SET total = 99 WHERE recording_id = 'r3'", "scorecards"),
    "band set": ("UPDATE scorecards SET band = '合格' WHERE recording_id = 'r3'", "scorecards"),
    "findings emptied": ("DELETE FROM findings", "findings"),
    "finding changed": ("UPDATE findings SET lost = 0 WHERE criterion = 'taboo'", "findings"),
    "card's body changed": (
        "UPDATE contents SET body = replace(body, '\"lost\":30', '\"lost\":0')"
        " WHERE kind = 'scorecard' AND body LIKE '%\"lost\":30%'",
        None,
    ),
    "window moved": (
        "UPDATE publications SET objections_due = '2027-01-01' WHERE kind = 'published'",
        "publications",
    ),
    "publication deleted": ("DELETE FROM publications WHERE kind = 'published'", "publications"),
    "decider renamed": (
        "UPDATE objection_events SET person = '钱经理' WHERE state = 'rejected'",
        "objection_events",
    ),
    "decision deleted": ("DELETE FROM decisions WHERE recording_id = 'r2'", "decisions"),
    "decision added": (
        "INSERT INTO decisions (period, recording_id, criterion, verdict, person, at, source,"
        " decision_sha256, card_before, card_after) SELECT period, 'r1', criterion, verdict,"
        " person, at, source, decision_sha256, card_before, card_after FROM decisions LIMIT 1",
        "decisions",
    ),
    "agent swapped": ("UPDATE calls SET agent_id = 'a1' WHERE recording_id = 'r3'", "calls"),
    "probability changed": (
        "UPDATE picks SET probability = 0.5 WHERE recording_id = 'r1'", "picks",
    ),
    "call's row changed": (
        "UPDATE calls SET call_sha256 = (SELECT call_sha256 FROM calls WHERE recording_id = 'r1')"
        " WHERE recording_id = 'r2'",
        "calls",
    ),
    "appeal turned": (
        "UPDATE objection_events SET state = 'upheld' WHERE state = 'rejected'",
        "objection_events",
    ),
    "appeal withdrawn from sight": ("DELETE FROM objections", "objections"),
    "rubric exchanged": ("UPDATE rubrics SET version = '2'", "rubrics"),
    "settings exchanged": ("DELETE FROM settings", "settings"),
    "words exchanged": (
        "UPDATE transcriptions SET transcript_sha256 = (SELECT transcript_sha256 FROM"
        " transcriptions LIMIT 1)",
        "transcriptions",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_row_changed_by_hand_is_found_with_its_table(answered_week: Path, name: str) -> None:
    statement, table = ROWS[name]
    edit(answered_week, statement)
    assert table in [f["table"] for f in faults(answered_week)]


def test_line_that_made_the_row_is_named(answered_week: Path) -> None:
    edit(answered_week, "UPDATE objection_events SET state = 'upheld' WHERE state = 'rejected'")
    (gone, now) = faults(answered_week)
    assert gone["what"].startswith("a row of objection_events that line ")
    assert "objection.rejected 赵复核) is gone or was changed by hand" in gone["what"]
    lines = qc_json(answered_week, "audit")["lines"]
    assert next(x["action"] for x in lines if x["seq"] == gone["line"]) == "objection.rejected"
    assert "(upheld 赵复核), was changed or added by hand" in now["what"]


def last_lines(folder: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(database(folder))) as connection:
        return connection.execute("SELECT seq, action FROM audit ORDER BY seq").fetchall()


def test_audit_cut_or_emptied_is_found(answered_week: Path) -> None:
    seq = last_lines(answered_week)[-3][0]
    edit(answered_week, f"DELETE FROM audit WHERE seq >= {seq}")
    assert any("lines are missing at the audit's end" in f["what"] for f in faults(answered_week))
    edit(answered_week, "DELETE FROM audit")
    found = faults(answered_week)
    assert any("the last there is 0" in f["what"] for f in found)
    assert any("seal.json knows" in f["what"] for f in found)


def rewritten(folder: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """The audit as a patient forger writes it anew."""
    from qc_pipeline.store.audit_append import GENESIS, line_hash

    with closing(sqlite3.connect(database(folder))) as connection, connection:
        connection.row_factory = sqlite3.Row
        lines = [dict(r) for r in connection.execute("SELECT * FROM audit ORDER BY seq")]
        change(lines)
        previous = GENESIS
        connection.execute("DELETE FROM audit")
        for line in lines:
            line["previous"] = previous
            line["hash"] = line_hash(
                previous, line["at"], line["who"], line["action"], line["what"]
            )
            previous = line["hash"]
            connection.execute(
                "INSERT INTO audit VALUES (:seq, :at, :who, :action, :what, :previous, :hash)", line
            )


def test_audit_written_anew_is_found_three_ways(answered_week: Path, tmp_path: Path) -> None:
    def copy(name: str) -> Path:
        return Path(shutil.copytree(answered_week, tmp_path / name))

    one = copy("a line's text")
    edit(one, "UPDATE audit SET who = 'nobody' WHERE seq = 4")
    assert any("line 4 was changed by hand" in f["what"] for f in faults(one))

    def other_person(lines: list[dict[str, Any]]) -> None:
        lines[-1]["what"] = lines[-1]["what"].replace("王质检", "李质检")

    two = copy("the last line, with its hash")
    rewritten(two, other_person)
    assert any("audit.head knows" in f["what"] for f in faults(two))

    def taken_out(lines: list[dict[str, Any]]) -> None:
        del lines[5]
        for number, line in enumerate(lines, start=1):
            line["seq"] = number

    three = copy("the whole chain, a line less")
    rewritten(three, taken_out)
    found = [f["what"] for f in faults(three)]
    assert any("missing at the audit's end" in w for w in found)
    assert any("seal.json knows" in w for w in found)


def test_row_and_chain_written_anew_are_found_by_what_lies_outside(answered_week: Path) -> None:
    """Everything inside the database fits together again; head and seal do not."""
    edit(answered_week, "UPDATE picks SET probability = 0.5 WHERE recording_id = 'r1'")
    from qc_pipeline.store import tables
    from qc_pipeline.store.transaction import row_hash
    from tests.weeks import record_of

    gone = next(f for f in faults(answered_week) if f["table"] == "picks" and f["line"])
    with record_of(answered_week) as record, record.reading() as connection:
        rows = connection.execute(tables.picks.select()).all()
        now = {row_hash(tables.picks, row) for row in rows}

    def mended(lines: list[dict[str, Any]]) -> None:
        line = next(x for x in lines if x["seq"] == gone["line"])
        what = json.loads(line["what"])
        (new,) = now - set(what["hashes"]["picks"])
        (old,) = set(what["hashes"]["picks"]) - now
        line["what"] = line["what"].replace(old, new)

    rewritten(answered_week, mended)
    found = [f["what"] for f in faults(answered_week)]
    assert all("audit.head" in w or "seal.json" in w for w in found), found
    assert len(found) == 2


def test_head_outside_the_database_is_missed_and_not_to_be_made_up(answered_week: Path) -> None:
    head = answered_week / "audit.head"
    text = head.read_text("utf-8")
    head.unlink()
    assert "audit.head is gone" in faults(answered_week)[0]["what"]
    head.write_text("{}", "utf-8")
    assert "names no line" in faults(answered_week)[0]["what"]
    head.write_text(text, "utf-8")
    # What names a line that is not there is kept as it is, whatever is written since.
    head.write_text(json.dumps({"seq": 3, "hash": "0" * 64}), "utf-8")
    qc(answered_week, "review", "r1", "tone", "--overturn", "--reason", "x", *WANG)
    assert json.loads(head.read_text("utf-8"))["hash"] == "0" * 64
    assert any("its line 3 was written anew" in f["what"] for f in faults(answered_week))


def test_published_file_changed_gone_or_added_is_found(answered_week: Path) -> None:
    folder = answered_week / "report" / PERIOD
    page = folder / "index.html"
    text = page.read_text("utf-8")
    page.write_text(text.replace("66.67", "99.99"), "utf-8")
    assert [f["what"] for f in faults(answered_week)] == [
        f"{page} was changed since it was published"
    ]
    page.write_text(text, "utf-8")
    qc(answered_week, "verify")
    page.rename(folder / "other.html")
    found = [f["what"] for f in faults(answered_week)]
    assert found == [
        f"{page} is gone, a file of the published report",
        f"{folder / 'other.html'} is no file of the published report",
    ]
    (folder / "other.html").rename(page)
    seal = folder / "seal.json"
    kept = seal.read_text("utf-8")
    seal.write_text(kept.replace('"files_sha256": "', '"files_sha256": "0'), "utf-8")
    assert "names other files than the record" in faults(answered_week)[0]["what"]
    seal.unlink()
    assert faults(answered_week)[0]["what"] == f"{seal} is gone"
    seal.write_text("[]", "utf-8")
    assert "is no seal" in faults(answered_week)[0]["what"]


def test_lost_database_beside_published_reports_is_told(answered_week: Path) -> None:
    database(answered_week).unlink()
    found = [f["what"] for f in faults(answered_week)]
    assert any("was published, and the record knows nothing of it" in w for w in found)
    assert any("lines are missing at the audit's end" in w for w in found)


def test_clock_set_back_is_found(answered_week: Path, clock: Clock) -> None:
    clock.set("2026-11-10T09:00:00")
    qc(answered_week, "review", "r1", "tone", "--overturn", "--reason", "x", *WANG)
    found = [f["what"] for f in faults(answered_week)]
    assert any("a clock was set back" in w for w in found)
    assert any("decision.review" in w for w in found)


@pytest.mark.parametrize("reports", [(), ("--reports",)])
def test_purge_changes_rows_and_leaves_a_clean_record(
    answered_week: Path, clock: Clock, reports: tuple[str, ...]
) -> None:
    clock.set("2026-12-01T09:00:00")
    qc(answered_week, "appeal", "list")
    qc(
        answered_week,
        "purge",
        "--before",
        "2026-11-12",
        "--reason",
        "客户要求",
        *reports,
        "--as",
        "qian",
    )
    body = qc_json(answered_week, "verify")
    assert body["clean"] is True


def test_older_record_gets_a_baseline_and_is_proved_as_a_whole(
    answered_week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qc_pipeline.store import migrate

    edit(answered_week, "UPDATE alembic_version SET version_num = '0012'")
    lines = len(last_lines(answered_week))
    body = qc_json(answered_week, "verify")
    assert (body["clean"], body["baseline"], body["lines"]) == (True, lines + 1, lines + 1)
    assert body["rows_before_baseline"] == body["rows"] > 50
    assert "只能整体核对" in qc(answered_week, "verify").out
    assert migrate.BASELINE_SINCE in migrate.KNOWN
    qc(answered_week, "review", "r1", "tone", "--overturn", "--reason", "x", *WANG)
    qc(answered_week, "purge", "--before", "2026-11-12", "--reason", "客户要求", "--as", "qian")
    qc(answered_week, "verify")
    edit(answered_week, "UPDATE picks SET probability = 0.5 WHERE recording_id = 'r1'")
    (found,) = (f for f in faults(answered_week) if f["table"] == "picks")
    assert "picks: of its 6 rows from before line" in found["what"]
    # What came since is proved row by row.
    edit(
        answered_week,
        "UPDATE decisions SET person = '李质检' WHERE seq = (SELECT max(seq) FROM decisions)",
    )
    assert any("decision.review" in f["what"] for f in faults(answered_week))


def test_report_whose_writer_was_stopped_before_the_seal_is_sealed_by_the_next_run(
    answered_week: Path,
) -> None:
    seal = answered_week / "report" / PERIOD / "seal.json"
    seal.unlink()
    qc(answered_week, "verify", expect=3)
    qc(answered_week, "report", "-p", PERIOD)
    assert seal.is_file()
    qc(answered_week, "verify")


@pytest.mark.postgres
def test_edits_by_hand_are_found_on_postgresql(
    tmp_path: Path, postgres_url: str, clock: Clock
) -> None:
    from qc_pipeline.store.connection import open_engine

    folder = make_week(tmp_path / "week", url=postgres_url)
    for words in (
        ("review", "r6", "abuse", "--confirm", *WANG),
        ("review", "r5", "promise", "--confirm", *WANG),
        ("publish", PERIOD, "--as", "qian"),
        ("appeal", "open", "r3", "taboo", "--reason", "误判", "--as", "sun"),
        ("appeal", "decide", "1", "--rejected", "--reason", "属实", "--as", "zhao"),
        ("review", "r2", "tone", "--overturn", "--reason", "听后符合", *WANG),
    ):
        qc(folder, *words)
    assert qc_json(folder, "verify")["clean"] is True
    engine = open_engine(postgres_url)
    # No trigger and no foreign key stands in the way of who owns the database.
    before = "SET session_replication_role = replica"
    for name, (statement, table) in ROWS.items():
        with engine.connect() as connection:
            changing = connection.begin()
            connection.exec_driver_sql(before)
            wanted = statement.replace("%", "%%")
            assert connection.exec_driver_sql(wanted).rowcount != 0, name
            found = [f.table for f in replay(Snapshot(connection, lambda: clock.now)).faults]
            changing.rollback()
        assert table in found, (name, found)
    engine.dispose()
    assert qc_json(folder, "verify")["clean"] is True

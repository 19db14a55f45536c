"""The unit of work: one connection, all or nothing, and an audit line that names what it made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qc_pipeline.store import tables
from qc_pipeline.store.audit_trail import audit_lines
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import keep_rubric, kept_rubrics
from qc_pipeline.store.transaction import Transaction, row_hash
from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, words_of


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Record]:
    url = f"sqlite:///{tmp_path / 'qc.sqlite'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    now = datetime(2026, 11, 16, 9, tzinfo=UTC)
    opened = Record(url, now=lambda: now, who="test")
    yield opened
    opened.close()


def keep(tx: Transaction, rubric: str) -> str:
    return keep_rubric(tx, source=f"rubric: {rubric}\n", rubric_id=rubric, version="1")


def rows_of(record: Record) -> list[Any]:
    with record.reading() as connection:
        query = sa.select(tables.rubrics).order_by(tables.rubrics.c.rubric_id)
        return list(connection.execute(query))


def test_an_audit_line_names_the_rows_its_act_made_and_no_others(record: Record) -> None:
    with record.transaction() as tx:
        keep(tx, "a")
        keep(tx, "b")
    lines = audit_lines(record)
    hashes = [row_hash(tables.rubrics, row) for row in rows_of(record)]
    assert [line.what["hashes"] for line in lines] == [{"rubrics": [h]} for h in hashes]
    assert hashes[0] != hashes[1]


def test_a_row_changed_by_hand_no_longer_has_the_hash_of_its_line(record: Record) -> None:
    with record.transaction() as tx:
        keep(tx, "a")
    with record.transaction() as tx:
        tx.connection.execute(tables.rubrics.update().values(version="2"))
    (row,) = rows_of(record)
    (line,) = audit_lines(record)
    assert row_hash(tables.rubrics, row) not in line.what["hashes"]["rubrics"]


def test_a_changed_row_is_named_as_it_stands_afterwards(record: Record) -> None:
    with record.transaction() as tx:
        keep(tx, "a")
        keep(tx, "b")
    with record.transaction() as tx:
        changed = tx.update(tables.rubrics, tables.rubrics.c.rubric_id == "b", version="2")
        tx.note("test.change", {})
    second = rows_of(record)[1]
    assert [(row.rubric_id, row.version) for row in changed] == [("b", "2")]
    assert second.version == "2"
    last = audit_lines(record)[-1]
    assert last.what["hashes"] == {"rubrics": [row_hash(tables.rubrics, second)]}


def test_the_same_row_has_the_same_hash_on_both_databases(
    tmp_path: Path, postgres_url: str
) -> None:
    now = datetime(2026, 11, 16, 9, tzinfo=UTC)
    found = []
    for url in (f"sqlite:///{tmp_path / 'qc.sqlite'}", postgres_url):
        record = Record(url, now=lambda: now, who="test")
        with record.transaction() as tx:
            sample = {
                "period": "2026-W46",
                "start_day": "2026-11-09",
                "end_day": "2026-11-15",
                "seed": "s",
                "plan_sha256": "p",
                "frame_sha256": "f",
                "reason": None,
            }
            tx.insert(tables.contents, sha256="0" * 64, kind="sample", body="{}")
            seq = tx.insert(tables.samples, sample_sha256="0" * 64, **sample).seq
            pick = tx.insert(
                tables.picks,
                sample_seq=seq,
                recording_id="r1",
                stratum="短",
                origin="drawn",
                probability=1 / 3,
                relisten=True,
                inspector=None,
            )
            found.append(row_hash(tables.picks, pick))
        record.close()
    assert found[0] == found[1]


def test_what_fails_leaves_nothing(record: Record) -> None:
    with pytest.raises(RuntimeError, match="in the middle"), record.transaction() as tx:
        keep(tx, "a")
        raise RuntimeError("in the middle")
    assert rows_of(record) == []
    assert audit_lines(record) == ()


def test_an_act_reads_what_it_has_written_and_others_do_not(record: Record) -> None:
    with record.transaction() as tx:
        sha256 = keep(tx, "a")
        assert len(kept_rubrics(tx, sha256)) == 1
        assert kept_rubrics(record, sha256) == ()
    assert len(kept_rubrics(record, sha256)) == 1


def test_a_snapshot_stays_as_it_was_when_others_write(record: Record) -> None:
    with record.snapshot() as before:
        assert kept_rubrics(before, "") == ()
        with record.transaction() as tx:
            keep(tx, "a")
        assert kept_rubrics(before, "") == ()
    assert len(kept_rubrics(record, "")) == 1


@pytest.fixture
def most_at_once() -> Iterator[list[int]]:
    """How many connections are in use after each that was taken."""
    in_use = 0
    seen: list[int] = []

    def taken(*_: Any) -> None:
        nonlocal in_use
        in_use += 1
        seen.append(in_use)

    def given_back(*_: Any) -> None:
        nonlocal in_use
        in_use -= 1

    sa.event.listen(sa.pool.Pool, "checkout", taken)
    sa.event.listen(sa.pool.Pool, "checkin", given_back)
    yield seen
    sa.event.remove(sa.pool.Pool, "checkout", taken)
    sa.event.remove(sa.pool.Pool, "checkin", given_back)


def test_no_act_opens_a_second_connection_beside_its_own(
    scored_week: Path, tmp_path: Path, clock: Clock, most_at_once: list[int]
) -> None:
    week = tmp_path / "week"
    shutil.copytree(scored_week, week)
    words = words_of(week, "r2", ("喂请讲一下", "您好请讲一下"))
    del most_at_once[:]
    for act in (
        ("score",),
        ("review", "r6", "abuse", "--confirm", "--as", "wang"),
        ("review", "r5", "promise", "--confirm", "--as", "li"),
        ("rescore", "r2", "--words", str(words), "--as", "wang", "--reason", "听录音"),
        ("rescore", "r1", "--rubric", str(week / "rubrics" / "mini.yaml")),
        ("coach", "add", "a2", "taboo", "--recording", "r3", "--advice", "慢", "--as", "sun"),
        ("coach", "acknowledge", "1", "--as", "sun"),
        ("calibrate", "draw", "--calls", "3", "--as", "qian"),
        ("followup", "open", "--by-rule", "--as", "wang"),
        ("publish", PERIOD, "--as", "qian"),
        ("appeal", "open", "r3", "taboo", "--reason", "语境", "--as", "sun"),
        ("appeal", "take", "1", "--as", "zhao"),
        ("appeal", "decide", "1", "--upheld", "--reason", "成立", "--as", "zhao"),
        ("report",),
        ("purge", "--before", "2026-11-11", "--as", "qian"),
    ):
        qc(week, *act)
        assert max(most_at_once) == 1, act

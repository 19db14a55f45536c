"""Decisions on both databases: in order, none lost, none doubled; older files are migrated."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from qc_pipeline.errors import SurroundingsError
from qc_pipeline.review.decide import one_decision, take_decisions
from qc_pipeline.scoring.decisions import DecisionVerdict
from qc_pipeline.store.audit_trail import audit_break
from qc_pipeline.store.decisions import decisions_of
from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import kept_rubric
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.workspace.settings import load_settings
from tests.weeks import PERIOD

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.fixture
def week(week_of_either: Path) -> Path:
    return week_of_either


def test_two_people_at_the_same_moment_are_both_kept_in_order(week: Path) -> None:
    settings = load_settings(week)
    criteria = ["taboo", "greeting", "promise", "abuse", "tone"]
    start = threading.Barrier(2)
    failed: list[BaseException] = []

    def decide(person: str) -> None:
        record = Record(settings.store_url(), now=lambda: NOON, who=person)
        try:
            kept = kept_sample(record, PERIOD)
            assert kept is not None
            start.wait()
            for criterion in criteria:
                new = one_decision(
                    recording_id="r4",
                    criterion=criterion,
                    verdict=DecisionVerdict.POINTS
                    if criterion != "abuse"
                    else DecisionVerdict.OVERTURN,
                    person=person,
                    at=NOON.isoformat(),
                    points=None if criterion == "abuse" else 1.0,
                    cause=None,
                    reason=f"{person} heard it",
                    seen=None,
                )
                take_decisions(record, settings, kept, [new])
        except BaseException as error:
            failed.append(error)
        finally:
            record.close()

    threads = [threading.Thread(target=decide, args=(p,)) for p in ("wang", "li")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    record = Record(settings.store_url(), now=lambda: NOON, who="check")
    kept = decisions_of(record, PERIOD)["r4"]
    assert len(kept) == 10
    for person in ("wang", "li"):
        assert [k.decision.criterion for k in kept if k.decision.person == person] == criteria
    # Each stands on the card that the one before it made: nothing was decided over a stale card.
    for former, later in itertools.pairwise(kept):
        assert later.card_before == former.card_after
    assert record_faults(record) == ()
    assert audit_break(record) is None
    record.close()


def test_a_file_of_the_first_version_is_copied_and_brought_up_to_date(tmp_path: Path) -> None:
    from alembic import command

    from qc_pipeline.store import migrate

    path = tmp_path / "qc.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0001")
        connection.execute(
            sa.text("INSERT INTO contents VALUES ('s', 'rubric', 'rubric: mini', NULL)")
        )
    engine.dispose()
    record = Record(f"sqlite:///{path}", now=lambda: NOON, who="wang")
    assert kept_rubric(record, "s") == "rubric: mini"
    assert decisions_of(record, PERIOD) == {}
    record.close()
    copy = tmp_path / f"qc.sqlite.before-{migrate.HEAD}-0001"
    with sqlite3.connect(copy) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert old.execute("SELECT body FROM contents").fetchall() == [("rubric: mini",)]
        tables = {r[0] for r in old.execute("SELECT name FROM sqlite_master")}
    old.close()
    assert "decisions" not in tables


def old_file(path: Path) -> Path:
    """A file of the first version."""
    from alembic import command

    from qc_pipeline.store import migrate

    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0001")
    engine.dispose()
    return path


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_of_many_who_open_an_older_file_at_once_one_migrates_it(tmp_path: Path) -> None:
    from qc_pipeline.store import migrate

    path = old_file(tmp_path / "qc.sqlite")
    start = threading.Barrier(4)
    failed: list[BaseException] = []

    def open_it() -> None:
        start.wait()
        try:
            Record(f"sqlite:///{path}", now=lambda: NOON, who="wang").close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert revision(path) == migrate.HEAD
    # The copy is of the file as it was: nobody copied it once more afterwards.
    assert revision(tmp_path / f"qc.sqlite.before-{migrate.HEAD}-0001") == "0001"


def test_an_older_file_that_cannot_be_copied_is_left_as_it_is(tmp_path: Path) -> None:
    from qc_pipeline.store import migrate

    path = old_file(tmp_path / "qc.sqlite")
    (tmp_path / f"qc.sqlite.before-{migrate.HEAD}-0001.part").mkdir()
    with pytest.raises(SurroundingsError, match="cannot be copied before it is brought up to date"):
        Record(f"sqlite:///{path}", now=lambda: NOON, who="wang")
    assert revision(path) == "0001"


def test_migrated_tables_are_those_of_the_code(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from qc_pipeline.store.tables import metadata

    Record(f"sqlite:///{tmp_path / 'qc.sqlite'}", now=lambda: NOON, who="wang").close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'qc.sqlite'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []

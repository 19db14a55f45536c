"""`qc doctor` tells how the record is, and leaves it as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store.connection import open_engine
from qc_pipeline.workspace.settings import load_settings
from tests.weeks import qc_json
from tests.workspaces import hashes


def record_of(folder: Path, expect: int = 0) -> list[dict[str, Any]]:
    return [f for f in qc_json(folder, "doctor", expect=expect) if f["subject"] == "record"]


def test_a_record_that_is_whole_is_said_to_be(week: Path) -> None:
    (found,) = record_of(week)
    assert (found["state"], found["text"]) == ("good", "whole, audit chain unbroken")


def test_every_body_and_line_that_was_changed_by_hand_is_told(week: Path) -> None:
    engine = sa.create_engine(load_settings(week).store_url())
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE contents SET body = replace(body, '您好', '早安') WHERE kind = 'rubric'"
            )
        )
        connection.execute(sa.text("UPDATE audit SET who = 'nobody' WHERE seq = 2"))
    engine.dispose()
    texts = [f["text"] for f in record_of(week, expect=4)]
    assert any("a rubric was changed by hand" in text for text in texts)
    assert "the audit's chain is broken: line 2 was changed by hand" in texts


def test_a_file_that_is_damaged_is_told(week: Path) -> None:
    file = week / "qc.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    (found, *_) = record_of(week, expect=4)
    assert found["state"] == "bad"
    assert "damaged" in found["text"] or "malformed" in found["text"]


def test_no_record_and_an_older_one_are_left_as_they_are(week: Path) -> None:
    from alembic import command

    from qc_pipeline.store import migrate

    for file in week.glob("qc.sqlite*"):
        file.unlink()
    assert record_of(week)[0]["text"].startswith("none yet")
    assert not (week / "qc.sqlite").exists()
    engine = open_engine(f"sqlite:///{week / 'qc.sqlite'}")
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0002")
    engine.dispose()
    before = hashes(week)
    (found,) = record_of(week)
    assert found["state"] == "warning"
    assert found["text"].startswith("of an older version (0002, ")
    assert hashes(week) == before


def test_a_newer_record_is_refused_in_one_sentence(week: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{week / 'qc.sqlite'}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    (found,) = record_of(week, expect=4)
    assert "is of a newer version (revision 9999" in found["text"]

"""`qc store copy`: the whole record in another database, checked, and worked with there."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.weeks import PERIOD, qc, qc_json

AS = ("--as", "qian")


@pytest.fixture
def week(scored_week: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "week"
    shutil.copytree(scored_week, folder)
    qc(folder, "review", "r3", "taboo", "--confirm", "--as", "wang")
    return folder


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as database:
        names = [
            r[0]
            for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if r[0] not in ("alembic_version", "audit")
        ]
        return {n: sorted(database.execute(f"SELECT * FROM {n}"), key=repr) for n in names}


def use(folder: Path, url: str) -> None:
    text = (folder / "qc.toml").read_text(encoding="utf-8")
    (folder / "qc.toml").write_text(text + f'\n[store]\nurl = "{url}"\n', encoding="utf-8")


def test_copy_has_every_row_and_can_be_worked_with(week: Path) -> None:
    told = qc(week, "store", "copy", "sqlite:///other.sqlite", *AS).out
    assert "every row and hash is the same there" in told
    assert rows(week / "other.sqlite") == rows(week / "qc.sqlite")
    lines = qc_json(week, "audit")["lines"]
    assert (lines[-1]["action"], lines[-1]["what"]["person"]) == ("store.copy", "钱经理")
    cards = {r: qc_json(week, "show", r)["total"] for r in ("r1", "r3", "r5")}
    use(week, "sqlite:///other.sqlite")
    assert {r: qc_json(week, "show", r)["total"] for r in cards} == cards
    qc(week, "review", "r2", "greeting", "--confirm", "--as", "li")
    assert "the chain is whole" in qc(week, "audit").out


def test_a_database_that_is_not_empty_is_refused_and_left_as_it_is(week: Path) -> None:
    qc(week, "store", "copy", "sqlite:///other.sqlite", *AS)
    before = rows(week / "other.sqlite")
    refused = qc(week, "store", "copy", "sqlite:///other.sqlite", *AS, expect=2)
    assert "is not empty (table " in refused.err
    assert rows(week / "other.sqlite") == before
    own = qc(week, "store", "copy", "sqlite:///qc.sqlite", *AS, expect=2)
    assert own.err.strip() == "that is the record's own database; name another one"


def test_what_is_no_address_or_not_there_is_one_sentence(week: Path) -> None:
    wrong = qc(week, "store", "copy", "other.sqlite", *AS, expect=2)
    assert "not a database address: 'other.sqlite'" in wrong.err
    gone = qc(week, "store", "copy", "sqlite:///no/where.sqlite", *AS, expect=4)
    assert "the folder of the database is not there" in gone.err
    refused = qc(week, "store", "copy", "sqlite:///x.sqlite", "--as", "wang", expect=2)
    assert "王质检 may not do this" in refused.err


def test_a_record_changed_by_hand_is_not_copied(week: Path) -> None:
    with sqlite3.connect(week / "qc.sqlite") as database:
        database.execute(
            "UPDATE contents SET body = replace(body, '您好', '你好') WHERE kind = 'transcript'"
        )
    told = qc(week, "store", "copy", "sqlite:///other.sqlite", *AS, expect=4)
    assert "the record does not verify (a transcript was changed by hand" in told.err
    assert not any(rows(week / "other.sqlite").values())


@pytest.mark.postgres
def test_to_postgresql_and_back_is_the_same_record(week: Path, postgres_url: str) -> None:
    original = rows(week / "qc.sqlite")
    told = qc_json(week, "store", "copy", postgres_url, *AS)
    assert told["rows"]["scorecards"] == len(original["scorecards"])
    use(week, postgres_url)
    qc(week, "store", "copy", "sqlite:///back.sqlite", *AS)
    assert rows(week / "back.sqlite") == original
    # PostgreSQL goes on counting after the rows that came over, and refuses a second copy.
    qc(week, "review", "r2", "greeting", "--confirm", "--as", "li")
    qc(week, "score", "-p", PERIOD)
    assert "the chain is whole" in qc(week, "audit").out


@pytest.mark.postgres
def test_the_copy_of_a_password_is_not_shown(week: Path, postgres_url: str) -> None:
    with_password = postgres_url.replace("qc@", "qc:geheim@")
    told = qc(week, "store", "copy", with_password, *AS)
    assert "geheim" not in told.out + told.err
    assert "geheim" not in qc(week, "audit").out

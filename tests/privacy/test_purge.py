"""`qc purge`, as a manager runs it: nothing purged is found any more, all else still holds."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from qc_pipeline.audio import measures
from qc_pipeline.store.record import Record
from tests.fixtures import at
from tests.privacy.weeks import OLD, SECRETS, make_private_week, texts_below
from tests.weeks import PERIOD, qc, qc_json, transcript

pytestmark = pytest.mark.usefixtures("clock")

CUSTOMER = ("purge", "--customer", "KU-774193", "--as", "qian")
WORDS = (*SECRETS, "喂张伟先生请讲一下", "五六七八九零一二三", "银行卡号", "催问退款", "KU-774193")
"""What is p1's and p2's alone: names, numbers, quotations, words, the customer's id."""


@pytest.fixture(scope="module")
def made(private_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week with a report, an export, a review page, a decision, a correction, a calibration, and
    measures taken again.
    """
    folder = tmp_path_factory.mktemp("private") / "week"
    shutil.copytree(private_week, folder)
    with at("2026-11-16T08:30:00"):
        _used(folder)
    return folder


def _used(folder: Path) -> None:
    qc(folder, "report", "-p", PERIOD)
    qc(folder, "report", "-p", PERIOD, "--audience", "lead:一组")
    reason = "客户张伟先生说电话13800138000"
    qc(folder, "review", "p1", "taboo", "--overturn", "--reason", reason, "--as", "wang")
    qc(folder, "review", "--page")
    correct_words(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measures, "MEASURES_VERSION", "later")
        assert qc_json(folder, "transcribe", "-p", PERIOD)["measured_anew"] == 8
    problem = ("--problem", "张伟先生催问退款", "--required", "回电13800138000")
    qc(folder, "followup", "open", "p1", *problem, "--as", "wang")
    qc(folder, "calibrate", "draw", "--as", "qian", "--format", "csv", "-i", "li", "-i", "赵复核")
    qc(folder, "export", "-p", PERIOD, "-o", str(folder / "out"))


def correct_words(folder: Path) -> None:
    """p2's card number corrected by hand: new words, the edit and its reason are kept."""
    body = transcript("p2", OLD["p2"], 0.98)
    lines = [
        f"[{t['start_s']:.2f}-{t['end_s']:.2f}] {t['speaker']}: {t['text']}" for t in body["turns"]
    ]
    lines[2] = lines[2].replace("卡号", "银行卡号")
    words = folder / "p2.txt"
    words.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reason = "张伟说的是银行卡号"
    qc(folder, "rescore", "p2", "--words", str(words), "--reason", reason, "--as", "wang")
    words.unlink()


@pytest.fixture
def private(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "week"))


def bytes_of_database(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.glob("qc.sqlite*")))


def holds(data: bytes, text: str) -> bool:
    return text.encode() in data or json.dumps(text)[1:-1].encode() in data


def test_words_are_there_before(private: Path) -> None:
    data = bytes_of_database(private)
    for text in WORDS:
        assert holds(data, text), text


def test_nothing_purged_is_found_in_database_exports_or_a_fresh_report(
    private: Path, tmp_path: Path
) -> None:
    scores = {r: qc_json(private, "show", r) for r in ("p1", "p2", "r3")}
    before = {r: c["total"] for r, c in scores.items()}
    hashes = {c["sha256"] for c in qc_json(private, "show", "p1", "--history")["cards"]}
    done = qc_json(private, *CUSTOMER, "--reason", "客户要求删除")
    assert done["calls"] == ["p1", "p2"]
    assert done["wiped"] is True
    data = bytes_of_database(private)
    for text in WORDS:
        assert not holds(data, text), text
    out, plain = tmp_path / "out", tmp_path / "plain"
    told = qc(private, "export", "-p", PERIOD, "-o", str(out))
    assert "2 calls were purged (p1 is one): their transcripts are not in the export" in told.err
    qc(private, "export", "-p", PERIOD, "-o", str(plain), "--unmasked", "--as", "qian")
    report = Path(qc(private, "report", "-p", PERIOD).out.splitlines()[-1]).parent
    bare = qc(private, "report", "-p", PERIOD, "--unmasked", "--as", "qian").out.splitlines()[-1]
    for folder in (out, plain, report, Path(bare).parent):
        words = texts_below(folder)
        for text in WORDS:
            assert text not in words, (folder, text)
        assert "你听不懂吗" in words, "r3's words are still there"
    # Scores, hashes and the audit still verify.
    assert {r: qc_json(private, "show", r)["total"] for r in before} == before
    assert {c["sha256"] for c in qc_json(private, "show", "p1", "--history")["cards"]} == hashes
    assert qc(private, "audit").out.splitlines()[-1].startswith(("the chain is whole", "head"))
    assert "good     record: whole, audit chain unbroken" in qc(private, "doctor", expect=None).out
    line = next(x for x in qc_json(private, "audit")["lines"] if x["action"] == "purge")
    assert (line["what"]["calls"], line["what"]["customer"], line["why"]) == (
        2,
        True,
        "客户要求删除",
    )


def test_purged_call_says_so_wherever_it_is_asked_for(private: Path) -> None:
    qc(private, *CUSTOMER)
    shown = qc(private, "show", "p1").out
    assert "原话、引用与客户信息已于 2026-11-16 清除" in shown
    assert qc_json(private, "show", "p1")["purged"]["at"].startswith("2026-11-16")
    sentence = (
        "p1: its words and personal fields were purged on 2026-11-16; its scores stay, and nothing "
        "can be judged or changed any more"
    )
    assert qc(private, "rescore", "p1", expect=2).err.strip() == sentence
    assert qc(private, "review", "p1", expect=2).err.strip() == sentence
    decide = ("review", "p1", "greeting", "--overturn", "--because", "rule", "--as", "wang")
    assert "p1: its words were purged on 2026-11-16" in qc(private, *decide, expect=2).err
    queue = qc(private, "review")
    assert "note: 2 calls were purged and cannot be reviewed" in queue.err
    assert "p1" not in queue.out
    assert "the words were purged on 2026-11-16" in qc(private, "followup", "list").out
    history = qc(private, "show", "p1", "--history").out
    assert "taboo: overturn by 王质检" in history
    assert "13800138000" not in history


def test_the_weekly_job_takes_nothing_purged_in_again(private: Path) -> None:
    qc(private, *CUSTOMER)
    total = qc_json(private, "show", "p1")["total"]
    told = qc(private, "transcribe", "-p", PERIOD, "--from", str(private / "heard"))
    assert "p1 was purged on 2026-11-16: not taken in" in told.err
    qc(private, "score", "-p", PERIOD)
    qc(private, "run", "-p", PERIOD, expect=None)
    assert qc_json(private, "show", "p1")["total"] == total
    assert not holds(bytes_of_database(private), "中关村南大街")


def test_files_that_still_hold_words_are_listed_and_reports_written_again(private: Path) -> None:
    done = qc_json(private, *CUSTOMER)
    # The audit names the export of the week that this one is a copy of, too.
    here = [x for x in done["still_hold"] if Path(x["path"]).is_relative_to(private)]
    held = sorted((x["kind"], Path(x["path"]).name) for x in here)
    lead = next(p.name for p in (private / "report").iterdir() if "lead" in p.name)
    assert held == [
        ("calibration sheet", "李质检.csv"),
        ("calibration sheet", "赵复核.csv"),
        ("export", "out"),
        ("report", PERIOD),
        ("report", lead),
        ("review page", "review"),
    ]
    again = qc_json(private, *CUSTOMER, "--reports")
    assert again["calls"] == []
    assert sorted(Path(x["path"]).name for x in again["rewritten"]) == sorted(
        [PERIOD, lead, "review"]
    )
    assert {x["kind"] for x in again["still_hold"]} == {"calibration sheet", "export"}
    assert not (private / "review").exists()
    words = texts_below(private / "report")
    for text in WORDS:
        assert text not in words, text
    assert "原话与录音片段已于 2026-11-16 清除" in words


def test_dry_run_tells_and_changes_nothing(private: Path) -> None:
    data = bytes_of_database(private)
    told = qc(private, *CUSTOMER, "--dry-run").out
    assert "would purge 2 calls of one customer" in told
    assert "2 rows of the call list are of these calls: the list is yours to change" in told
    for text in WORDS:
        assert holds(bytes_of_database(private), text) == holds(data, text)
    assert qc(private, "rescore", "p1").code == 0


def test_calls_before_a_day_go_and_later_ones_stay(private: Path) -> None:
    done = qc_json(private, "purge", "--before", "2026-11-12", "--as", "qian")
    assert done["calls"] == ["r1", "r2", "r3"]
    data = bytes_of_database(private)
    assert not holds(data, "喂请讲一下")
    assert holds(data, "中关村南大街")
    assert qc_json(private, "show", "r3")["total"] is not None
    assert qc(private, "rescore", "p1").code == 0


def test_without_a_day_retention_says_which(private: Path) -> None:
    done = qc_json(private, "purge", "--as", "qian")
    # Five years before 16 November 2026.
    assert (done["before"], done["calls"]) == ("2021-11-16", [])


def test_only_a_manager_purges_and_mistakes_change_nothing(private: Path) -> None:
    assert "王质检 may not do this" in qc(private, "purge", "--as", "wang", expect=2).err
    both = ("purge", "--before", "2026-11-12", "--customer", "KU-774193", "--as", "qian")
    assert "not both" in qc(private, *both, expect=2).err
    wrong = qc(private, "purge", "--before", "12.11.2026", "--as", "qian", expect=2)
    assert "--before takes a day such as 2021-11-26, not '12.11.2026'" in wrong.err
    assert holds(bytes_of_database(private), "中关村南大街")


def test_what_a_purge_left_changed_by_hand_is_found(private: Path) -> None:
    qc(private, *CUSTOMER)
    with sqlite3.connect(private / "qc.sqlite") as database:
        changed = database.execute(
            "UPDATE contents SET remains = replace(remains, '\"lost\":20', '\"lost\":0') "
            "WHERE kind = 'scorecard' AND remains LIKE '%\"lost\":20%'"
        ).rowcount
    assert changed
    told = qc(private, "doctor", expect=None).out
    assert "what the purge of 2026-11-16 left was changed by hand" in told


def test_published_scores_and_objections_outlive_a_purge(private: Path) -> None:
    qc(private, "review", "r5", "promise", "--confirm", "--as", "wang")
    qc(private, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(private, "publish", PERIOD, "--as", "qian")
    qc(private, "appeal", "open", "p2", "greeting", "--reason", "张伟先生没有说话", "--as", "sun")
    spared = qc_json(private, *CUSTOMER, expect=3)
    assert (spared["calls"], spared["spared"]) == (["p1"], ["p2"])
    qc(private, "appeal", "decide", "1", "--rejected", "--reason", "听录音属实", "--as", "赵复核")
    qc(private, *CUSTOMER, "--reports")
    for text in WORDS:
        assert not holds(bytes_of_database(private), text), text
        assert text not in texts_below(private / "report"), text
    listed = qc(private, "appeal", "list").out
    assert "p2 greeting  [驳回]" in listed
    assert "张伟" not in listed
    assert "published" in qc(private, "publish", PERIOD, "--as", "qian").out
    # No greeting, 20 of the 90 points that anybody judged: 70 / 90.
    assert qc_json(private, "show", "p2")["total"] == 77.78


def test_publishing_sets_purged_cards_aside_that_nobody_decided(private: Path) -> None:
    qc(private, "review", "r5", "promise", "--confirm", "--as", "wang")
    qc(private, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(private, *CUSTOMER)
    qc(private, "publish", PERIOD, "--as", "qian")
    failed = qc(private, "show", "p1", expect=3).out
    assert "failed at find: purged on 2026-11-16 before it was reviewed" in failed


def test_purge_cut_off_before_the_wiping_is_finished_by_the_next(
    private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def killed(self: Record) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Record, "wipe", killed)
        qc(private, *CUSTOMER, expect=130)
    again = qc_json(private, *CUSTOMER)
    assert (again["calls"], again["wiped"]) == ([], True)
    for text in WORDS:
        assert not holds(bytes_of_database(private), text), text


@pytest.mark.postgres
def test_purge_on_postgresql_leaves_no_word_in_its_tables(
    tmp_path: Path, postgres_url: str
) -> None:
    import sqlalchemy as sa

    folder = make_private_week(tmp_path / "week", url=postgres_url)
    total = qc_json(folder, "show", "p2")["total"]
    assert qc_json(folder, *CUSTOMER)["wiped"] is True
    engine = sa.create_engine(postgres_url)
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        found = "\n".join(
            str(tuple(row))
            for t in tables
            for row in connection.execute(sa.text(f"SELECT * FROM {t}"))
        )
    engine.dispose()
    for text in ("张伟", "一三八零零一三八零零零", "13800138000", "中关村南大街", "张先生的工单"):
        assert text not in found, text
    assert qc_json(folder, "show", "p2")["total"] == total
    assert "whole, audit chain unbroken" in qc(folder, "doctor", expect=None).out

"""A whole period: draft, review, published, an objection upheld, the rule behind it corrected."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures import Clock
from tests.weeks import FINE, PERIOD, RUBRIC, make_week, qc, qc_json
from tests.workspaces import hashes

REPEATED = (FINE[0], ("customer", "请您再说一次"), ("agent", "说了多少遍了"), FINE[2])


def totals(folder: Path) -> dict[str, float]:
    return {f"r{n}": qc_json(folder, "show", f"r{n}")["total"] for n in range(1, 9)}


def test_from_draft_to_the_corrected_scores_of_all_calls_with_a_hit(
    tmp_path: Path, clock: Clock, database_url: str | None
) -> None:
    folder = make_week(tmp_path / "week", url=database_url, more={"r7": REPEATED, "r8": REPEATED})
    report = folder / "report" / PERIOD
    qc(folder, "report", "-p", PERIOD)
    assert "草稿" in (report / "index.html").read_text("utf-8")

    # Words that were misheard are corrected: r2 did greet.
    heard = folder / "words.txt"
    heard.write_text(
        "[1.00-2.25] agent: 您好请讲\n[4.25-5.50] customer: 我要查账单\n"
        "[7.50-9.00] agent: 稍后给您回电\n",
        encoding="utf-8",
    )
    qc(folder, "rescore", "r2", "--words", str(heard), "--reason", "听录音", "--as", "wang")

    # Review: what was proposed and held is decided, the rest is left.
    qc(folder, "publish", PERIOD, "--as", "qian", expect=2)
    qc(folder, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(folder, "review", "r5", "promise", "--confirm", "--as", "wang")
    qc(folder, "review", "r4", "taboo", "--confirm", "--as", "wang")
    qc(folder, "publish", PERIOD, "--as", "qian")
    published = totals(folder)
    taboo = 66.67  # (50 - 30 + 40) of 90
    assert published == {
        "r1": 100, "r2": 100, "r3": taboo, "r4": taboo, "r5": 55.56, "r6": 0,
        "r7": taboo, "r8": taboo,
    }  # fmt: skip
    files = hashes(report)
    del files["corrections.html"]

    # The lead of r7 objects; the phrase turns out not to belong on the list.
    clock.set("2026-11-18T20:00:00")
    qc(folder, "appeal", "open", "r7", "taboo", "--reason", "陈述事实", "--as", "sun")
    clock.set("2026-11-19T09:00:00")
    qc(folder, "appeal", "take", "1", "--as", "zhao")
    decide = ("appeal", "decide", "1", "--upheld", "--because", "rule", "--reason", "词表过严")
    done = qc_json(folder, *decide, "--as", "zhao")
    assert (done["total_before"], done["total_after"]) == (taboo, 100)

    # The list is mended; in the same go another rule becomes harder, which must touch nobody.
    rubric = RUBRIC.replace(", 说了多少遍了", "").replace("[您好]", "[早上好]")
    (folder / "rubrics" / "mini.yaml").write_text(rubric, "utf-8")
    words = (
        "rescore",
        "--criterion",
        "taboo",
        "-p",
        PERIOD,
        "--as",
        "zhao",
        "--reason",
        "词表更正",
    )
    corrected = qc_json(folder, *words)
    assert [c["recording_id"] for c in corrected["changed"]] == ["r4", "r8"]
    assert corrected["same"] == ["r3"]
    # So little of r4 was understood that nobody can say the words were not said.
    assert totals(folder) == {**published, "r4": None, "r7": 100, "r8": 100}
    assert qc_json(folder, *words)["changed"] == []

    # The published report stays as it was; the page beside it tells.
    qc(folder, "run", "-p", PERIOD)
    now = hashes(report)
    page = (report / "corrections.html").read_text("utf-8")
    del now["corrections.html"]
    assert now == files
    assert page.count("66.67 → 100.00") == 2
    assert "词表更正" in page
    assert "词表过严" in page
    qc(folder, "audit")
    assert qc_json(folder, "audit")["broken_at"] is None

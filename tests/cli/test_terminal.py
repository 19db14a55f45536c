"""`qc` at a terminal and into a pipe: tables, the bar of a job, and nothing left behind."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.progress import Task, TaskID

from qc_pipeline.cli.progress_bar import TimeLeft
from qc_pipeline.report.words.catalog import LANGUAGES, texts
from qc_pipeline.report.words.strata import stratum_label
from qc_pipeline.report.words.translate import Translator
from tests.cli.test_sample_command import workspace
from tests.pseudo_terminal import at_terminal, cells, here_at_terminal, qc_at_terminal
from tests.weeks import PERIOD, qc, qc_json

PACKAGE = Path(__file__).parents[2] / "qc_pipeline"
PROBLEM = "客户要求退款，坐席答应三天内回电，至今没有回电记录，请今天内联系客户"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"

JOB = """
import sys, time
from qc_pipeline.cli.progress import TerminalProgress
from qc_pipeline.message import Message
with TerminalProgress({language!r}) as progress:
    progress.say("drawn [red]4[/red]")
    progress.stage("transcribe", 4)
    for name in ("r1", "[red]r2\\x1b[31m", "r3", "r4"):
        time.sleep({pause_s})
        if name == "r3":
            why = Message.of("audio.folder")
            progress.step(Message.of("progress.failed", recording=name, stage="audio", why=why))
        else:
            progress.step(Message.of("progress.heard", recording=name, turns=3))
    {then}
print("done")
"""


def written(language: str, then: str, pause_s: float) -> str:
    return JOB.format(language=language, then=then, pause_s=pause_s)


def job(
    language: str = "zh", then: str = "time.sleep(0.4)", pause_s: float = 0.05
) -> Callable[[], None]:
    """It pauses before each step; the bar is drawn anew ten times a second."""
    code = compile(written(language, then, pause_s), "job", "exec")
    return lambda: exec(code, {"__name__": "__main__"})  # noqa: S102 - a program of our own


def test_a_job_shows_how_far_it_is_in_the_reader_s_language_and_leaves_only_what_was_said() -> None:
    shown = here_at_terminal(job(pause_s=0.3))
    assert shown.code == 0
    assert shown.screen == [
        "drawn [red]4[/red]",
        "r3: failed (audio): the path is a folder, not a recording",
        "done",
        "",
    ]
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.written)
    assert re.search(r"转写 \S+ 0/4 剩余时间待定", plain)
    assert re.search(r"转写 \S+ 2/4 剩余时间待定 \[red\]r2 \[31m：3 轮", plain)
    assert re.search(r"转写 \S+ 4/4 剩余 0:00:00 r4：3 轮", plain)
    assert shown.written.rindex(SHOW) > shown.written.rindex(HIDE)
    english = here_at_terminal(job("en", pause_s=0.3)).written
    assert "transcribe " in english
    assert "0:00:00 left" in english


def test_ctrl_c_takes_the_bar_away_and_leaves_the_cursor() -> None:
    shown = here_at_terminal(
        job(then="progress.say('waits'); progress.say('now'); time.sleep(60)"), interrupt_at="now"
    )
    assert "转写" in shown.written
    assert shown.code != 0
    assert shown.screen[:3] == [
        "drawn [red]4[/red]",
        "r3: failed (audio): the path is a folder, not a recording",
        "waits",
    ]
    # What follows is what was being said when it came, and Python's own traceback: `qc` prints a
    # line there.
    assert any("Traceback" in line for line in shown.screen[3:6])
    assert shown.written.rindex(SHOW) > shown.written.rindex(HIDE)
    assert not [line for line in shown.screen if "━" in line]


def test_an_error_is_told_after_the_bar_is_gone() -> None:
    shown = here_at_terminal(job(then="raise ValueError('broken')"))
    assert shown.screen[-2] == "ValueError: broken"
    assert not [line for line in shown.screen if "━" in line]


def test_a_killed_job_has_left_the_cursor_where_it_was() -> None:
    shown = here_at_terminal(job(then="import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert shown.code == -9
    assert shown.written.rindex(SHOW) > shown.written.rindex(HIDE)


def test_no_color_and_a_dumb_terminal_are_respected() -> None:
    grey = here_at_terminal(job(), env={"NO_COLOR": "1"}).written
    assert "转写" in grey
    assert not re.search(r"\x1b\[[0-9;]*m", grey)
    dumb = here_at_terminal(job(), env={"TERM": "dumb"})
    assert "\x1b" not in dumb.written
    assert dumb.screen == [
        "drawn [red]4[/red]",
        "r3: failed (audio): the path is a folder, not a recording",
        "done",
        "",
    ]


def test_without_a_terminal_progress_is_plain_lines(tmp_path: Path) -> None:
    words = [sys.executable, "-c", written("zh", "time.sleep(0.4)", 0.05)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (
        "done\n",
        "drawn [red]4[/red]\nr3: failed (audio): the path is a folder, not a recording\n",
    )


def test_what_is_said_without_a_bar_holds_no_control_characters_at_a_terminal() -> None:
    code = (
        "from qc_pipeline.cli.progress import TerminalProgress\n"
        "from qc_pipeline.cli.card_text import print_plain\n"
        "with TerminalProgress('zh') as progress: progress.say('r\\x1b[31m1\\nr2')\n"
        "print_plain('r\\x1b[31m3')"
    )
    words = [sys.executable, "-c", code]
    shown = at_terminal(words)
    assert shown.screen == ["r [31m1", "r2", "r [31m3", ""]
    assert "\x1b" not in shown.written
    piped = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (piped.stdout, piped.stderr) == ("r\x1b[31m3\n", "r\x1b[31m1\nr2\n")


def test_what_goes_to_a_file_beside_the_bar_is_nothing_of_the_bar(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        shown = here_at_terminal(job(then="print('inside')"), out=file.fileno())
    assert (tmp_path / "out").read_text(encoding="utf-8") == "inside\ndone\n"
    assert "inside" not in shown.written


def test_time_left_is_the_pace_after_the_first_call() -> None:
    # Calls done after 100, 110 and 120 s: 10 s each, 7 of 10 are left, and 5 s of them have passed.
    def left(done: int, *steps_s: float, total: int = 10) -> str:
        task = Task(
            TaskID(0), "", total, done, fields={"steps_s": steps_s}, _get_time=lambda: 125.0
        )
        task.start_time = 0.0
        return TimeLeft(Translator("zh")).render(task).plain

    assert left(3, 100.0, 120.0) == "剩余 0:01:05"
    assert left(2, 100.0, 110.0) == "剩余时间待定"
    assert left(10, 100.0, 120.0) == "剩余 0:00:00"
    assert left(3, 100.0, 120.0, total=1003) == "剩余 2:46:35"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_has_a_word(language: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    stages = set(re.findall(r'\.stage\("([^"]+)"', code))
    assert {"transcribe", "score"} <= stages
    assert {f"progress_stage.{stage.replace(' ', '-')}" for stage in stages} == {
        key for key in texts(language) if key.startswith("progress_stage.")
    }


def test_help_does_not_load_rich() -> None:
    heavy = {"rich", "qc_pipeline.report.model", "sqlalchemy", "numpy"}
    code = (
        "import sys, qc_pipeline.cli.main; "
        f"found = {heavy} & set(sys.modules); sys.exit(str(found) if found else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture(scope="module")
def week(scored_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six calls scored and two follow-ups; a handler's name looks like markup."""
    folder = Path(shutil.copytree(scored_week, tmp_path_factory.mktemp("week") / "w"))
    for recording, problem, handler in (
        (
            "r2",
            "客户要求退款，坐席答应三天内回电，至今没有回电记录，请今天内联系客户",
            "[red]王小明",
        ),
        ("r4", "没有开头语", "李"),
    ):
        qc(folder, "followup", "open", recording, "--problem", problem, "--required", "回电",
           "--due", "2099-01-05", "--handler", handler, "--as", "wang")  # fmt: skip
    return folder


def test_followups_are_listed_in_columns_at_a_terminal(week: Path) -> None:
    shown = qc_at_terminal("followup", "list", "-C", str(week))
    assert shown.written.count("\x1b[1m") == 6  # the heads are bold, and nothing else is anything
    assert shown.screen == [
        "编号  状态    录音编号  业务组  处理人       期限",
        "────  ──────  ────────  ──────  ───────────  ──────────",
        "   1  待反馈  r2        一组    [red]王小明  2099-01-05",
        "    2026-W46  客户要求退款，坐席答应三天内回电，至今没有回电记录，请今天内联系客",
        "      户",
        "   2  待反馈  r4        二组    李           2099-01-05",
        "    2026-W46  没有开头语",
        "2 follow-ups, overdue 0, answered in time n/a (0 of 0)",
        "",
    ]


def test_followups_in_a_pipe_are_lines_as_ever(week: Path) -> None:
    assert qc(week, "followup", "list").out == (
        "1  [待反馈]  2026-W46  r2  一组 [red]王小明, due 2099-01-05: "
        f"{PROBLEM}\n"
        "2  [待反馈]  2026-W46  r4  二组 李, due 2099-01-05: 没有开头语\n"
        "2 follow-ups, overdue 0, answered in time n/a (0 of 0)\n"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lists_fit_the_terminal(week: Path, width: int) -> None:
    for words in (("review",), ("followup", "list"), ("audit", "--last", "5"), ("sample",)):
        shown = qc_at_terminal(*words, "-C", str(week), width=width)
        assert shown.code == 0, shown.written
        assert "───" in shown.written or width == 60
        table = [line for line in shown.screen if not line.startswith("the chain is whole")]
        assert max(map(cells, table)) <= width, words


def test_the_tables_of_a_draw_are_aligned(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    piped = qc(folder, "sample", "-p", PERIOD).out.splitlines()
    assert piped[1] == "   frame      plan   drawn            rate  stratum"
    shown = qc_at_terminal("sample", "-p", PERIOD, "-C", str(folder)).screen
    assert shown[0] == piped[0]
    head, rule, *rows = shown[1 : 1 + len(piped[1:]) + 1]
    assert re.split(" {2,}", head.strip()) == ["总体", "应抽", "实抽", "抽取率", "分层"]
    # Every figure of the pipe's table stands under its rule, to the right.
    ends = [m.end() for m in re.finditer("─+", rule)]
    starts = [m.start() for m in re.finditer("─+", rule)]
    table = [line for line in piped[2:] if re.match(r" +\d+ +[\d.]+ +\d+ +[\d.–]+  ", line)]
    assert table
    keys = [row["stratum"] for row in qc_json(folder, "sample", "-p", PERIOD)["strata"]]
    for before, after, key in zip(table, rows, [*keys, "Σ"], strict=False):
        figures = before.split()[:4]
        assert [after[s:e].strip() for s, e in zip(starts[:4], ends[:4], strict=True)] == figures
        assert all(after[e : e + 2] == "  " for e in ends[:4])
        assert before[44:] == stratum_label(Translator("en"), key)
        assert after[starts[4] :] == stratum_label(Translator("zh"), key)
    assert [start - end for end, start in zip(ends[:-1], starts[1:], strict=True)] == [2] * 4


def test_qc_that_is_interrupted_says_so_in_a_line(week: Path) -> None:
    code = (
        "import sys, time; from qc_pipeline.review import page\n"
        "def slow(*_, step, **__):\n    step('r1'); print(end='', flush=True); time.sleep(60)\n"
        "page.write_review_page = slow\n"
        f"sys.argv = ['qc', 'review', '--page', '-C', {str(week)!r}]\n"
        "from qc_pipeline.cli.main import main; main()"
    )
    shown = at_terminal([sys.executable, "-c", code], interrupt_at=" r1")
    assert shown.code == 130
    assert "剪辑录音" in shown.written
    assert shown.screen == ["interrupted; what was finished is kept", ""]
    assert shown.written.rindex(SHOW) > shown.written.rindex(HIDE)

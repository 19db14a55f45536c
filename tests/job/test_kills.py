"""The process dies by SIGKILL at random moments of any command, two hundred times on each database.

A week's whole life – draw, words taken in, job, review by flags, page and file, another rubric to
look at and in force, corrected words, publication, objections, a rule corrected, report – is walked
command by command. Whoever was killed gives the same command again. What was acknowledged is in the
record, once, with its line in the audit; of the command that died there is all of a transaction or
nothing.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.store.appeals import appeals_of
from qc_pipeline.store.audit_trail import audit_break, audit_lines
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.decisions import decisions_of
from qc_pipeline.store.integrity import record_faults
from qc_pipeline.store.publications import publications_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.rescorings import rescorings_of
from qc_pipeline.store.samples import drawn_periods, kept_sample
from tests.in_process import COMMAND
from tests.weeks import FINE, PEOPLE, RUBRIC, SETTINGS, qc, qc_json, record_of, transcript
from tests.workspaces import hashes, in_child

pytestmark = pytest.mark.slow

KILLS = 200
MOST_S = 900.0  # only a guard against hanging
WEEKS = 24
FIRST_MONDAY = date(2026, 6, 1)  # of 2026-W23

RUDE = (FINE[0], ("agent", "你听不懂吗"), FINE[2])
TAUNT = (FINE[0], ("customer", "什么"), ("agent", "说了多少遍了"), FINE[2])
NO_PROMISE = (FINE[0], ("customer", "我要查账单"), ("agent", "好的再见"))

Effects = Counter[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command, and the rows that it adds: all of `effects` once it was acknowledged.

    `objection` is the recording whose objection's number goes where N stands.
    """

    words: tuple[str, ...]
    effects: tuple[tuple[Any, ...], ...] = ()
    objection: str = ""


def steps_of(folder: Path, week: int) -> list[Step]:
    """A week's life. Calls: a says a taboo word, b promises nothing, c says another taboo word."""
    period = f"2026-W{23 + week}"
    a, b, c = (f"{name}{week:02}" for name in "abc")
    here = folder / "by-hand"
    of = ("-p", period)

    def decision(recording: str, criterion: str, source: str) -> tuple[Any, ...]:
        return ("decision", period, recording, criterion, source)

    def public(kind: str) -> tuple[Any, ...]:
        return ("publication", period, kind)

    return [
        Step(words=("sample", *of), effects=(("sample", period),)),
        Step(words=("transcribe", *of, "--from", str(here / f"heard{week:02}"))),
        Step(words=("run", *of)),
        Step(
            words=("review", b, "promise", "--confirm", "--as", "li", *of),
            effects=(decision(b, "promise", "review"),),
        ),
        Step(words=("review", "--page", *of)),
        Step(
            words=("review", "--file", str(here / f"decisions{week:02}.json")),
            effects=(decision(a, "tone", "review"),),
        ),
        Step(
            words=("rescore", a, "--rubric", str(here / "second.yaml"), *of),
            effects=(("rescoring", period, a, "what_if"),),
        ),
        Step(
            words=(
                "rescore",
                c,
                "--rubric",
                str(here / "second.yaml"),
                "--adopt",
                "--as",
                "wang",
                "--reason",
                "特殊业务",
                *of,
            ),
            effects=(("rescoring", period, c, "adopted"),),
        ),
        Step(
            words=(
                "rescore",
                a,
                "--words",
                str(here / f"words{week:02}.txt"),
                "--as",
                "wang",
                "--reason",
                "听录音",
                *of,
            ),
            effects=(("correction", a),),
        ),
        Step(
            words=("publish", period, "--as", "qian"),
            effects=(
                decision(b, "tone", "publish"),
                decision(c, "tone", "publish"),
                public("published"),
                public("report"),
            ),
        ),
        Step(
            words=("appeal", "open", a, "taboo", "--reason", "语境", "--as", "sun", *of),
            effects=(("objection", period, a, "open"),),
        ),
        Step(
            words=("appeal", "take", "N", "--as", "zhao"),
            effects=(("objection", period, a, "taken"),),
            objection=a,
        ),
        Step(
            words=("appeal", "decide", "N", "--upheld", "--reason", "成立", "--as", "zhao"),
            effects=(("objection", period, a, "upheld"), decision(a, "taboo", "objection")),
            objection=a,
        ),
        Step(
            words=("appeal", "open", b, "promise", "--reason", "语境", "--as", "sun", *of),
            effects=(("objection", period, b, "open"),),
        ),
        Step(
            words=("appeal", "withdraw", "N", "--as", "sun"),
            effects=(("objection", period, b, "withdrawn"),),
            objection=b,
        ),
        Step(
            words=("appeal", "extend", period, "--reason", "停机", "--as", "zhao"),
            effects=(public("extension"),),
        ),
        Step(
            words=(
                "rescore",
                "--criterion",
                "taboo",
                "--rubric",
                str(here / "mended.yaml"),
                "--as",
                "zhao",
                "--reason",
                "词表更正",
                *of,
            ),
            effects=(decision(c, "taboo", "rule"),),
        ),
        Step(words=("report", *of)),
    ]


TOTALS = {"a": 97.0, "b": 55.56, "c": 100.0}
"""At a week's end. a: 3 of 100 for its tone; b: the 40 of its promise of the 90 that were judged
(tone was not looked at); c: nothing after the list was mended, of 90.
"""

ALREADY = (
    "is not decided yet",
    "is in review by",
    "is upheld since",
    "is withdrawn since",
    "was extended before",
)
"""What a command says that had been done when its process died, before it could say so."""


def make_year(folder: Path, url: str | None) -> None:
    here = folder / "by-hand"
    (folder / "recordings").mkdir(parents=True)
    (folder / "rubrics").mkdir()
    here.mkdir()
    (folder / "rubrics" / "mini.yaml").write_text(RUBRIC, "utf-8")
    (here / "second.yaml").write_text(RUBRIC.replace('version: "1"', 'version: "2"'), "utf-8")
    (here / "mended.yaml").write_text(RUBRIC.replace(", 说了多少遍了", ""), "utf-8")
    store = "" if url is None else f'\n[store]\nurl = "{url}"\n'
    (folder / "qc.toml").write_text(SETTINGS + PEOPLE + store, "utf-8")
    rows = ["recording_id,path,start_time,agent_id,agent_name,team,duration_s"]
    for week in range(WEEKS):
        heard = here / f"heard{week:02}"
        heard.mkdir()
        day = FIRST_MONDAY + timedelta(days=7 * week)
        for name, lines in (("a", RUDE), ("b", NO_PROMISE), ("c", TAUNT)):
            call = f"{name}{week:02}"
            body = transcript(call, lines, 0.98)
            (heard / f"{call}.json").write_text(json.dumps(body, ensure_ascii=False), "utf-8")
            rows.append(
                f"{call},{call}.wav,{day}T10:00:00,agent-{name},坐席{name},一组,{body['duration_s']}"
            )
        turns = transcript("a", RUDE, 0.98)["turns"]
        spoken = "\n".join(
            f"[{t['start_s']:.2f}-{t['end_s']:.2f}] {t['speaker']}: {t['text']}" for t in turns
        )
        (here / f"words{week:02}.txt").write_text(spoken.replace("吗", "吗嘛"), "utf-8")
        decided = {
            "format": "qc-decisions/1",
            "period": f"2026-W{23 + week}",
            "person": "wang",
            "decisions": [
                {
                    "recording_id": f"a{week:02}",
                    "criterion": "tone",
                    "verdict": "points",
                    "points": 3,
                    "reason": "生硬",
                    "at": "2026-11-16T09:00:00+08:00",
                    "token": f"token of week {week:02}",
                }
            ],
        }
        (here / f"decisions{week:02}.json").write_text(json.dumps(decided), "utf-8")
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", "utf-8")


def words_of_step(folder: Path, step: Step) -> list[str]:
    words = list(step.words)
    if step.objection:
        with record_of(folder) as record:
            (made,) = (o for o in appeals_of(record) if o.recording_id == step.objection)
        words[words.index("N")] = str(made.number)
    return words


def walk(folder: Path, steps: Sequence[Step], first: int, last: int) -> None:
    """Give the commands from `first` on, and say of each when it is done, until killed."""
    for number in range(first, last):
        begun = time.monotonic()
        words = words_of_step(folder, steps[number])
        code = COMMAND.main([*words, "-C", str(folder)], prog_name="qc", standalone_mode=False) or 0
        if code != 0 and (code, number) != (2, first):
            print(f"unexpected status {code} of {words}", flush=True)
            return
        print(f"acknowledged {number} {code} {time.monotonic() - begun:.3f}", flush=True)


def acknowledged(log: Path) -> Iterator[tuple[int, int, float]]:
    """(step, exit status, seconds) of the commands that ended."""
    text = log.read_text("utf-8")
    assert "Traceback" not in text, text
    assert "unexpected" not in text, text
    for line in text.splitlines():
        if line.startswith("acknowledged "):
            number, code, took_s = line.split()[1:]
            if code == "2":
                assert any(told in text for told in ALREADY), text
            yield int(number), int(code), float(took_s)


def in_record(record: Record) -> Effects:
    """Every row that somebody's act added."""
    found: Effects = Counter()
    names = [name for name, _, _ in drawn_periods(record)]
    found.update(("sample", name) for name in names)
    for name in names:
        for recording, kept in decisions_of(record, name).items():
            found.update(
                ("decision", name, recording, k.decision.criterion, k.source) for k in kept
            )
        sample = kept_sample(record, name)
        assert sample is not None
        for pick in sample.sample.picks:
            call = pick.recording_id
            found.update(("correction", call) for _ in corrections_of(record, call))
    found.update(("rescoring", r.period, r.recording_id, r.kind) for r in rescorings_of(record))
    found.update(("publication", p.period, p.kind) for p in publications_of(record))
    for o in appeals_of(record):
        found[("objection", o.period, o.recording_id, "open")] += 1
        found.update(("objection", o.period, o.recording_id, e.state) for e in o.events)
    return found


def in_audit(record: Record) -> Counter[str]:
    """How many lines the audit has of each kind of act."""
    kinds = {
        "sample.draw": "sample",
        "transcript.correct": "correction",
        "scorecard.what_if": "rescoring",
        "scorecard.adopted": "rescoring",
    }
    lines = (line.action for line in audit_lines(record))
    return Counter(
        kinds.get(action, action.split(".")[0])
        for action in lines
        if action in kinds or action.split(".")[0] in ("decision", "objection", "publication")
    )


def test_two_hundred_kills_lose_nothing_acknowledged_and_double_nothing(
    tmp_path: Path, database_url: str | None
) -> None:
    folder, log = tmp_path / "year", tmp_path / "log"
    make_year(folder, database_url)
    steps = [step for week in range(WEEKS) for step in steps_of(folder, week)]
    a_week = len(steps) // WEEKS

    # The first week loads the program into this process, whose children have it from birth; the
    # second, left alone too, tells how long each command takes.
    for step in steps[:a_week]:
        qc(folder, *words_of_step(folder, step))
    with log.open("w") as out:
        os.waitpid(in_child(lambda: walk(folder, steps, a_week, 2 * a_week), out.fileno()), 0)
    usual_s = [took_s for _, code, took_s in acknowledged(log) if code == 0]
    assert len(usual_s) == a_week, log.read_text("utf-8")

    moments = random.Random(200)
    following, kills, begun = 2 * a_week, 0, time.monotonic()
    struck: Counter[int] = Counter()
    while kills < KILLS and following < len(steps) and time.monotonic() - begun < MOST_S:
        with log.open("w") as out:
            child = in_child(
                lambda first=following: walk(folder, steps, first, len(steps)), out.fileno()
            )
            # Longer with every kill of the same command, so that a busy machine gets on, too.
            longest_s = (0.02 + usual_s[following % a_week]) * 1.25 ** (1 + struck[following])
            time.sleep(moments.uniform(0.005, longest_s))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        kills += 1
        ended = list(acknowledged(log))
        for number, code, took_s in ended:
            if code == 0:  # as fast as the machine is now, whatever else ran on it before
                usual_s[number % a_week] = took_s
        following = max([number for number, _, _ in ended], default=following - 1) + 1
        struck[following] += 1
    assert kills == KILLS, f"{kills} kills in {time.monotonic() - begun:.0f} s, step {following}"
    # Which commands are struck is chance: of the shortest, one or two may get off.
    assert len({number % a_week for number in struck}) >= a_week - 3, f"only {sorted(struck)}"

    with record_of(folder) as record:
        expected: Effects = Counter(e for step in steps[:following] for e in step.effects)
        found = in_record(record)
        assert expected - found == Counter(), "something acknowledged is lost"
        left = found - expected
        assert all(n == 1 and e in steps[following].effects for e, n in left.items()), left
        assert in_audit(record) == Counter(e[0] for e in found.elements())
        assert record_faults(record) == ()
        assert audit_break(record) is None

    # Given again, the command that died is finished; so is its week.
    finished = following // a_week + 1
    with log.open("w") as out:
        child = in_child(lambda: walk(folder, steps, following, finished * a_week), out.fileno())
        os.waitpid(child, 0)
    assert max(number for number, _, _ in acknowledged(log)) == finished * a_week - 1
    with record_of(folder) as record:
        whole = Counter(e for step in steps[: finished * a_week] for e in step.effects)
        assert in_record(record) == whole
        published = [p for p in publications_of(record) if p.kind == "report"]
        assert len(published) == finished
        for public in published:
            # The files of the published report are those that were noted, none is half written.
            files = hashes(folder / "report" / public.period)
            del files["corrections.html"], files["seal.json"]
            assert files == public.body["files"]
    for week in (0, 2, finished - 1):
        for name, total in TOTALS.items():
            assert qc_json(folder, "show", f"{name}{week:02}")["total"] == total
    assert "record: whole, audit chain unbroken" in qc(folder, "doctor", expect=None).out

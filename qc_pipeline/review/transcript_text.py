"""The text in which a person corrects a transcript: how it is written, and its lines read. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qc_pipeline.call import Speaker, Transcript, Turn
from qc_pipeline.errors import Problem
from qc_pipeline.review.filled_stretches import STRETCH, find_stretch, stretch_lines

HEAD = """\
# {recording}
# 可以改每行的说话人(agent 坐席 / customer 客户)和文字;时间不能改,行不能删。# 开头的行不读。
# 拆分:在下面加一行 [+] 说话人: 文字;要自己定时刻(秒)就写 [+3.50]。合并到上一行:说话人写成 ^。
# Correct speaker and text; leave the times, remove no line. To split a turn, add a line below it:
# [+] speaker: text, or [+3.50] with the second of the cut. To join the line above: ^ as speaker.
"""
UNHEARD_HEAD = """\
# 没听清的地方写成 # [?起-止 原因] 说话人: 听清了就在冒号后写上文字(# 去不去掉都行),没听清就不动。
# Where nothing was understood stands # [?start-end why] speaker: write what you hear behind the
# colon (the # may stay), or leave it.
"""
LINE = re.compile(r"\[(\d+\.\d\d)-(\d+\.\d\d)\]\s*([^\s:\uff1a]+)\s*[:\uff1a][ \t]*(.*)")
CUT = re.compile(
    r"[\[【]\s*[+\uff0b]\s*(\d+(?:\.\d{1,2})?)?\s*[\]】]"
    r"\s*([^\s:\uff1a]+)\s*[:\uff1a][ \t]*(.*)"
)
JOIN = "^"
SPEAKERS = {
    "agent": Speaker.AGENT,
    "坐席": Speaker.AGENT,
    "customer": Speaker.CUSTOMER,
    "客户": Speaker.CUSTOMER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it was written; `speaker` None joins the turn above, `cut_s` begins a piece."""

    number: int
    speaker: Speaker | None
    text: str
    cut_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLines:
    """The lines of an old turn, `source` being its number: its own, and those that cut pieces off.

    `source` None: of an unheard stretch, which stands as a turn without words.
    """

    old: Turn
    source: int | None
    lines: list[Line]


class WrongLineError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def as_text(transcript: Transcript) -> str:
    """One line a turn: `[start-end] speaker: text`, seconds; unheard stretches as comments at their
    places.
    """
    lines = [
        (t.start_s, f"[{t.start_s:.2f}-{t.end_s:.2f}] {t.speaker}: {one_line(t.text)}")
        for t in transcript.turns
    ]
    stretches = list(stretch_lines(transcript))
    head = HEAD.format(recording=one_line(transcript.recording_id))
    if stretches:
        head += UNHEARD_HEAD
        # Stable: the turns stay in their order.
        lines = sorted((*lines, *stretches), key=lambda line: line[0])
    return head + "\n".join(line for _, line in lines) + "\n"


def read_groups(
    text: str, transcript: Transcript, name: str, problems: list[Problem]
) -> list[TurnLines]:
    """The lines of each old turn and of each unheard stretch that was filled, in order."""
    turns = transcript.turns
    groups: list[TurnLines] = []
    seen = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        stretch = STRETCH.fullmatch(raw.strip())
        if not raw.strip() or (raw.lstrip().startswith("#") and stretch is None):
            continue
        if stretch is not None and not stretch[4].strip():
            continue
        cut = CUT.fullmatch(raw.strip())
        try:
            if stretch is not None:
                groups.append(_filled(stretch, number, transcript, groups))
            elif cut is not None:
                if seen == 0 and not groups:
                    raise WrongLineError(
                        Problem(path="", message="no turn stands above to be split")
                    )
                line = Line(
                    number=number,
                    speaker=_speaker(cut[2], joins=False),
                    text=cut[3].strip(),
                    cut_s=float(cut[1]) if cut[1] else None,
                )
                if groups:
                    groups[-1].lines.append(line)
            else:
                seen += 1
                old = turns[seen - 1] if seen <= len(turns) else None
                own = _own_line(raw, number, old)
                groups.append(TurnLines(old=turns[seen - 1], source=seen - 1, lines=[own]))
        except WrongLineError as wrong:
            problems.append(replace(wrong.problem, path=name, line=number))
    if seen < len(turns):
        problems.append(
            Problem(
                path=name,
                message="lines are missing",
                found=f"{seen} turns",
                allowed=f"{len(turns)}: leave the text empty where nothing was said",
            )
        )
    return [] if problems else groups


def _filled(
    written: re.Match[str], number: int, transcript: Transcript, groups: Sequence[TurnLines]
) -> TurnLines:
    """An unheard stretch and the words that a person wrote there."""
    speaker = _speaker(written[3], joins=False)
    old = find_stretch(transcript, speaker, float(written[1]), float(written[2]))
    place = f"[?{written[1]}-{written[2]}]"
    if old is None:
        message = "no such stretch was left unheard; `qc rescore REC --edit` lists them"
        raise WrongLineError(Problem(path="", message=message, found=place))
    if any(group.source is None and group.old == old for group in groups):
        message = "written twice; a line below it that begins with [+] divides a stretch"
        raise WrongLineError(Problem(path="", message=message, found=place))
    line = Line(number=number, speaker=speaker, text=written[4].strip())
    return TurnLines(old=old, source=None, lines=[line])


def _own_line(raw: str, number: int, old: Turn | None) -> Line:
    if old is None:
        message = "a line too many: no turn is left for it; a line that splits begins with [+]"
        raise WrongLineError(Problem(path="", message=message))
    found = LINE.fullmatch(raw.strip())
    place = f"[{old.start_s:.2f}-{old.end_s:.2f}]"
    if found is None or f"[{found[1]}-{found[2]}]" != place:
        raise WrongLineError(
            Problem(
                path="", message="not a turn of this call", found=repr(raw[:40]),
                allowed=f"{place} {old.speaker}: …",
            )
        )  # fmt: skip
    return Line(number=number, speaker=_speaker(found[3], joins=True), text=found[4].strip())


def _speaker(word: str, *, joins: bool) -> Speaker | None:
    if joins and word == JOIN:
        return None
    speaker = SPEAKERS.get(word.lower())
    if speaker is None:
        allowed = "agent, customer" + (f", or {JOIN} to join the line above" if joins else "")
        problem = Problem(path="", message="not a speaker", found=repr(word), allowed=allowed)
        raise WrongLineError(problem)
    return speaker


def one_line(text: str) -> str:
    return " ".join(text.split())

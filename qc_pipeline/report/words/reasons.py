"""What other rooms said in one language, as a report in either shows it.

The engine gives its reasons in the rubric's language, the job its failures in English, the draw
its notes in Chinese. A report says them in its own: what has a fixed wording is told again, a
verdict's reason from its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qc_pipeline.report import formats
from qc_pipeline.report.model import Call, Material
from qc_pipeline.report.quotes import heard_words, span
from qc_pipeline.report.words.measured import typeset
from qc_pipeline.sampling.draw_notes import in_english
from qc_pipeline.scoring.evidence.finding import EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult

SHOWN_EVIDENCE = 2
"""How many pieces of evidence a reason names; the engine's own name as many."""

_VERDICT = re.compile(r"^(不适用|无法判断|not applicable|cannot be judged)[:：]\s*")
_FOR_A_PERSON = re.compile("[,，]待人工确认|: a person decides")
_PATTERN_ZH = re.compile(r"符合/.+?/的话")
_PATTERN_EN = re.compile(r"what /.+?/ finds")

FAILURES: tuple[tuple[str, str], ...] = (
    ("the recording is not there", "录音文件不存在"),
    ("the path is a folder, not a recording", "路径指向文件夹，不是录音"),
    (r"the recording cannot be read: (.+)", r"录音无法读取：\1"),
    (r"the file is empty \(0 bytes\)", "录音文件为空（0 字节）"),
    ("the file holds no sound", "文件中没有声音"),
    (
        r"the recording is cut short: ([\d.]+) s of ([\d.]+) s are there",
        r"录音不完整：应有 \2 秒，只有 \1 秒",
    ),
    (r"the recording is cut short: (.+)", r"录音不完整：\1"),
    (r"the sound breaks off while it is read: (.+)", r"读到中途中断：\1"),
    (r"not audio that can be read \((.+)\)", "不是可以读取的录音文件"),
    (r"a (\S+) file has no header.*", r"\1 文件没有文件头，格式和采样率未知，请先转成 WAV"),
    ("the recording is too long for this machine's memory", "录音过长，本机内存不足"),
    (r"the voices could not be told apart: (.+)", r"无法区分通话双方：\1"),
    (r"no transcript was taken in for it.*", "没有导入这通录音的文本"),
    ("the call list no longer names a recording for it", "通话清单中已没有这通录音"),
    (
        r"the call's language is (\S+), and the model is English only",
        r"通话语言为 \1，模型只识别英语",
    ),
    (r"the recogniser failed: (.+)", r"语音识别出错：\1"),
)
"""Sentences of the job (English) and how an inspector would say them; the first that fits."""


ROWS: tuple[tuple[str, str], ...] = (
    ("has more cells than the header", "单元格数多于表头"),
    (r"(\S+) is empty", r"\1 为空"),
    (r"(path|agent_id) is empty, yet .*answered", r"已接通的来电缺少 \1"),
    ("start_time is not a date with a time", "start_time 不是日期加时间"),
    ("the same row again", "与前面的行完全相同"),
    ("recording_id is not unique", "recording_id 重复"),
    (r"path (is absolute|holds a zero byte)", "path 不是相对路径"),
    (r"path leads outside .*", "path 越出录音根目录"),
    (r"(.+) is not right", r"\1 的内容不对"),
)
"""What the call list's reader says of a row."""


def row_problem(material: Material, message: str) -> str:
    """Why a row of the call list was left out; "as in n rows" keeps its number."""
    message, _, more = message.partition(", as in ")
    found = _retold(material, message, ROWS)
    if not more:
        return found
    rows = re.match(r"\d+", more)
    number = rows[0] if rows else ""
    return f"{found}{material.words('rows_alike', n=number)}"


def _retold(material: Material, text: str, table: Sequence[tuple[str, str]]) -> str:
    if material.words.language != "zh":
        return text
    for pattern, chinese in table:
        if (found := re.fullmatch(pattern, text)) is not None:
            return found.expand(chinese)
    return text


def failure(material: Material, reason: str) -> str:
    """Why a recording failed; in Chinese where the words are known."""
    return _retold(material, reason, FAILURES)


def note(material: Material, text: str) -> str:
    """A sentence of the draw."""
    return in_english(text) if material.words.language == "en" else typeset(text)


def reason(material: Material, call: Call, result: CriterionResult) -> str:
    """Why a criterion has its verdict: the engine's sentence where it is in the report's language,
    else one put together from the evidence; what a person wrote stays as they wrote it.

    The verdict stands beside it, so it is not said again; nor is a search pattern of the rubric.
    """
    if result.manual and result.verdict is Verdict.UNSCORABLE:
        return ""
    language = material.words.language
    if not material.speaks_own_language(call) and result.decided_by != "person":
        return _from_evidence(material, call, result)
    text = _VERDICT.sub("", material.mask(result.reason, call))
    if result.verdict is Verdict.HELD and call.settled:
        text = _FOR_A_PERSON.sub("", text)
    if language == "zh":
        return typeset(_PATTERN_ZH.sub("符合规定句式的话", text))
    return _PATTERN_EN.sub("what the rubric looks for", text)


def _from_evidence(material: Material, call: Call, result: CriterionResult) -> str:
    t = material.words
    match result.verdict:
        case Verdict.NOT_APPLICABLE:
            return t("reason_not_applicable")
        case Verdict.UNSCORABLE:
            return t("reason_unscorable")
    told: list[str] = []
    for evidence in result.evidence[:SHOWN_EVIDENCE]:
        words = heard_words(material, call, evidence)
        who = t("speaker.any") if evidence.speaker is None else t(f"speaker.{evidence.speaker}")
        key = f"reason_{evidence.kind}"
        if evidence.kind is EvidenceKind.SAID:
            at = formats.clock(evidence.start_s)
        else:
            at = span(evidence)
        told.append(t(key, at=at, who=who, words=words))
    if result.hits > len(told):
        told.append(t("reason_hits", n=result.hits))
    text = t("sentence_joint").join(told)
    if result.verdict is Verdict.HELD:
        why = t("reason_unseen" if call.settled else "reason_held")
        return (text + " " if text else "") + why
    return text or t(f"reason_{result.verdict}")

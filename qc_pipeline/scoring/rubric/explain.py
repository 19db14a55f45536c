"""What a rubric asks, in the words of the people who are judged by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.operators.matches import Matches
from qc_pipeline.scoring.operators.operator import Operator
from qc_pipeline.scoring.rubric.model import Criterion, Deduct, Rubric, Section
from qc_pipeline.text.phrase_patterns import readable


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledLine:
    """One labelled line of an explanation."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionPage:
    """A criterion as agents read it. `worth` is its points in words; `phrases` all it listens for,
    those of `expect` or `forbid` only; `patterns` the expressions that the lines tell in words."""

    id: str
    title: str
    worth: str
    fatal: bool
    lines: tuple[LabelledLine, ...]
    phrases: tuple[str, ...]
    phrases_label: str
    patterns: tuple[str, ...]
    patterns_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """A section with its criteria."""

    title: str
    worth: str
    lines: tuple[LabelledLine, ...]
    criteria: tuple[CriterionPage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricPage:
    """A whole rubric, ready to be printed or put on a page."""

    language: str
    title: str
    subtitle: str
    lines: tuple[LabelledLine, ...]
    sections: tuple[SectionPage, ...]


_ZH_EN = {
    "expect": Words("要求", "Wanted"),
    "forbid": Words("不得", "Not wanted"),
    "manual": Words("评定", "Judged"),
    "applies": Words("适用", "Applies"),
    "deduct": Words("扣分", "Costs"),
    "say": Words("应当说", "Say"),
    "why": Words("为什么", "Why"),
    "ref": Words("依据", "Clause"),
    "note": Words("说明", "Note"),
    "bands": Words("分数段", "Bands"),
    "rules": Words("计分", "Scoring"),
    "phrases": Words("认得的说法", "Wordings it knows"),
    "patterns": Words("对应的正则表达式", "As a regular expression"),
    "effective": Words("有效期", "In force"),
}


def explain(rubric: Rubric) -> RubricPage:
    """What the rubric says, in its own language."""
    lang = rubric.language
    bands = rubric.bands
    shown = Words(
        "；".join(f"{b.label} {b.from_:g} 分起" for b in bands),
        "; ".join(f"{b.label} from {b.from_:g}" for b in bands),
    )
    subtitle = Words(
        f"{rubric.rubric}，版本 {rubric.version}，满分 {rubric.points:g} 分，"
        f"{rubric.pass_mark:g} 分合格",
        f"{rubric.rubric}, version {rubric.version}: {rubric.points:g} points, "
        f"pass from {rubric.pass_mark:g}",
    )
    lines = [_line("bands", shown.of(lang), lang), _line("rules", _rules(rubric).of(lang), lang)]
    if rubric.effective_from is not None:
        since = Words(f"{rubric.effective_from} 起的电话", f"calls from {rubric.effective_from}")
        lines.append(_line("effective", since.of(lang), lang))
    return RubricPage(
        language=lang,
        title=rubric.title,
        subtitle=subtitle.of(lang),
        lines=tuple(lines),
        sections=tuple(_section(s, lang) for s in rubric.sections),
    )


def explain_text(rubric: Rubric, phrases_shown: int = 12) -> str:
    """The explanation as plain text; of long lists of wordings the first `phrases_shown`."""
    return "\n".join(_text(explain(rubric), phrases_shown)) + "\n"


def _text(page: RubricPage, phrases_shown: int) -> Iterator[str]:
    sep = "：" if page.language == "zh" else ": "
    yield page.title
    yield page.subtitle
    for line in page.lines:
        yield f"{line.label}{sep}{line.text}"
    for section in page.sections:
        yield ""
        yield f"== {section.title} ({section.worth}) =="
        for line in section.lines:
            yield f"{line.label}{sep}{line.text}"
        for criterion in section.criteria:
            yield ""
            yield f"{criterion.title} [{criterion.id}] {criterion.worth}"
            for line in criterion.lines:
                yield f"  {line.label}{sep}{line.text}"
            if len(criterion.phrases) > 3:
                yield f"  {criterion.phrases_label}{sep}{_some(criterion, phrases_shown)}"
            for pattern in criterion.patterns:
                yield f"  {criterion.patterns_label}{sep}{pattern}"


def _some(criterion: CriterionPage, shown: int) -> str:
    rest = len(criterion.phrases) - shown
    return " / ".join(criterion.phrases[:shown]) + (f" … +{rest}" if rest > 0 else "")


def _line(key: str, text: str, language: str) -> LabelledLine:
    return LabelledLine(label=_ZH_EN[key].of(language), text=text)


def _rules(rubric: Rubric) -> Words:
    if rubric.not_applicable == "award":
        zh, en = "不适用的项目不扣分", "what does not apply costs nothing"
    else:
        zh, en = (
            "不适用的项目不计入满分",
            "what does not apply is left out of the full score",
        )
    share = rubric.min_scorable * 100
    short = _too_short(rubric)
    return Words(
        f"{zh}；由机器评的分值能判定的不足 {share:g}% 的电话不给总分；"
        f"{short.zh}听不准的先不扣，由人确认",
        f"{en}; a call has no total where less than {share:g} % of the points that are not for a "
        f"person could be judged; {short.en}what was heard doubtfully costs nothing until a person "
        "has confirmed it",
    )


def _too_short(rubric: Rubric) -> Words:
    floor = rubric.scorable_from
    if floor is None:
        return Words("", "")
    zh, en = [], []
    if floor.talk_s is not None:
        zh.append(f"双方说话合计不足 {floor.talk_s:g} 秒")
        en.append(f"less than {floor.talk_s:g} s of talk")
    if floor.turns is not None:
        zh.append(f"不到 {floor.turns} 轮")
        en.append(f"fewer than {floor.turns} turns")
    return Words(
        f"{'或'.join(zh)}的电话算通话过短：没做的不扣分，也不给总分；",
        f"nor has one with {' or '.join(en)}, in which nothing is deducted for what was not done; ",
    )


def _section(section: Section, lang: str) -> SectionPage:
    lines = []
    if section.applies is not None:
        lines.append(_line("applies", _asked(section.applies, lang), lang))
    return SectionPage(
        title=section.title,
        worth=_points(section.points).of(lang),
        lines=tuple(lines),
        criteria=tuple(_criterion(c, lang) for c in section.criteria),
    )


def _criterion(criterion: Criterion, lang: str) -> CriterionPage:
    lines: list[LabelledLine] = []
    if criterion.expect is not None:
        lines.append(_line("expect", _asked(criterion.expect, lang), lang))
    elif criterion.forbid is not None:
        lines.append(_line("forbid", _asked(criterion.forbid, lang), lang))
    else:
        judged = Words("由质检员听后评定", "by a person who listens")
        lines.append(_line("manual", judged.of(lang), lang))
    if criterion.applies is not None:
        lines.append(_line("applies", _asked(criterion.applies, lang), lang))
    if criterion.deduct is not None:
        lines.append(_line("deduct", _deduct(criterion.deduct).of(lang), lang))
    for key in ("say", "why", "ref"):
        text = getattr(criterion, key)
        if text:
            lines.append(_line(key, text, lang))
    lines += [_line("note", note.of(lang), lang) for note in _notes(criterion)]
    return CriterionPage(
        id=criterion.id,
        title=criterion.title,
        worth=_worth(criterion).of(lang),
        fatal=criterion.severity == "fatal",
        lines=tuple(lines),
        phrases=tuple(_phrases(criterion.condition)),
        phrases_label=_ZH_EN["phrases"].of(lang),
        patterns=tuple(dict.fromkeys(_patterns(criterion, lang))),
        patterns_label=_ZH_EN["patterns"].of(lang),
    )


def _matching(condition: Operator | None) -> Iterator[Matches]:
    """Every `matches` of a condition, with those of the conditions inside it."""
    if isinstance(condition, Matches):
        yield condition
    for part in condition.parts() if condition else ():
        yield from _matching(part)


def _asked(condition: Operator, lang: str) -> str:
    """What a condition asks, its expressions spelled out where that can be done.

    A condition's sentence holds those of the conditions inside it word for word.
    """
    text = condition.describe().of(lang)
    for one in _matching(condition):
        text = text.replace(one.describe().of(lang), one.spelled().of(lang))
    return text


def _patterns(criterion: Criterion, lang: str) -> Iterator[str]:
    """The expressions that `_asked` tells in other words."""
    for condition in (criterion.condition, criterion.applies):
        for one in _matching(condition):
            if one.describe() != one.spelled():
                yield f"{one.spelled().of(lang)}{'：' if lang == 'zh' else ': '}/{one.regex}/"


def _phrases(condition: Operator | None) -> Iterator[str]:
    yield from dict.fromkeys(readable(p.text) for p in condition.phrases()) if condition else ()


def _notes(criterion: Criterion) -> Iterator[Words]:
    if criterion.status == "trial":
        yield Words("试行：评定但不扣分", "on trial: judged, costs nothing")
    if criterion.only_held:
        yield Words(
            "只提请人工确认，机器不扣分", "held for a person, never deducted by the machine"
        )
    if criterion.needs_person and not criterion.manual:
        yield Words(
            "扣分要由人确认后才计入公布的成绩",
            "a deduction counts in a published score only when a person has confirmed it",
        )
    if criterion.effective is not None:
        start, end = criterion.effective.from_, criterion.effective.until
        yield Words(
            f"{start or ''} 至 {end or '今后'} 的电话",
            f"calls from {start or ''} to {end or 'now on'}",
        )


def _worth(criterion: Criterion) -> Words:
    if criterion.fatal_scope == "rubric":
        return Words("红线：整通记 0 分", "red line: the call scores 0")
    if criterion.fatal_scope == "section":
        return Words("红线：本部分记 0 分", "red line: the section scores 0")
    if criterion.bonus is not None:
        return Words(f"加 {criterion.bonus:g} 分", f"bonus of {criterion.bonus:g}")
    worth = _points(criterion.points or 0)
    if criterion.severity == "major":
        return Words(f"{worth.zh}，重点", f"{worth.en}, major")
    return worth


def _points(points: float) -> Words:
    return Words(f"{points:g} 分", f"{points:g} point{'' if points == 1 else 's'}")


def _deduct(deduct: Deduct) -> Words:
    if deduct.fixed is not None:
        return Words(f"{deduct.fixed:g} 分", f"{deduct.fixed:g}")
    if deduct.each is not None:
        return Words(f"每次 {deduct.each:g} 分", f"{deduct.each:g} each time")
    if deduct.each_missing is not None:
        return Words(
            f"每缺一项 {deduct.each_missing:g} 分", f"{deduct.each_missing:g} a missing part"
        )
    steps = deduct.steps or {}
    zh = "；".join(f"{n} 次扣 {steps[n]:g} 分" for n in sorted(steps))
    en = "; ".join(f"{n} times cost {steps[n]:g}" for n in sorted(steps))
    return Words(zh, en)

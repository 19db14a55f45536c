"""What a lead does first with this report: the few things that cannot wait, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import CommonProblems, SectionView, TableBlock
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.sections.problem_calls import problem_calls
from qc_pipeline.scoring.evidence.finding import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`what` is said first, in a word; `href` leads to where it is to be done, "" nowhere."""

    what: str
    text: str
    href: str


def tasks(model: ReportModel, sections: tuple[SectionView, ...]) -> tuple[Task, ...]:
    """At most four: the call to play, the problem to speak of, what to follow up, what to decide.

    Nothing for an agent, whose page is short.
    """
    if model.audience.kind == "agent":
        return ()
    made = (
        _play(model),
        _speak(model, sections),
        _answer(model, sections),
        _decide(model),
    )
    return tuple(t for t in made if t is not None)


def _play(model: ReportModel) -> Task | None:
    """The gravest call that a meeting may hear."""
    t = model.words
    found = [c for c in problem_calls(model) if not c.recording.mystery]
    if not found:
        return None
    call = found[0]
    return Task(
        what=t("first_play"),
        text=t(
            "first_play_text",
            time=formats.moment(call.recording.start_time),
            team=call.team,
            faults=t.titles([model.title(c) for c in _gravest(call)]) or t("problem_untitled"),
            n=len(found),
        ),
        href=call.page,
    )


def _gravest(call: Call) -> list[str]:
    weight = {"fatal": 0, "major": 1}
    failed = [
        r for r in call.results if (r.verdict is Verdict.FAIL and not r.trial) or call.waits(r)
    ]
    failed.sort(key=lambda r: (r.verdict is Verdict.HELD, weight.get(r.severity, 2), -r.lost, r.id))
    return [r.id for r in failed[:2]]


def _speak(model: ReportModel, sections: tuple[SectionView, ...]) -> Task | None:
    """The first common problem, with what should have been said."""
    t = model.words
    common = next((b for s in sections for b in s.blocks if isinstance(b, CommonProblems)), None)
    if common is None or not common.items:
        return None
    problem = common.items[0]
    text = t(
        "first_speak_text",
        title=problem.title,
        share=formats.percent(problem.share, 0),
        n=problem.agents,
    )
    if problem.say:
        text += t.gap + t("first_speak_say", say=problem.say)
    return Task(what=t("first_speak"), text=text, href="#common-part")


def _answer(model: ReportModel, sections: tuple[SectionView, ...]) -> Task:
    """What is to be followed up, opened or only proposed, and by when; objections, too."""
    t, inputs = model.words, model.inputs
    days = inputs.deadlines
    listed = next(
        (b for s in sections for b in s.blocks if isinstance(b, TableBlock) and b.id == "tracking"),
        None,
    )
    opened = [
        f
        for f in inputs.follow_ups
        if f.awaited and (c := model.by_id.get(f.recording_id)) is not None and c.shown
    ]
    proposed = 0 if inputs.follow_ups or listed is None else len(listed.rows)
    last = formats.full_day(days.objections, t.language)
    text = t("first_objections" if inputs.final is None else "first_objections_over", day=last)
    if opened or proposed:
        due = min([f.due for f in opened if f.due is not None], default=days.follow_ups)
        text = t("sentence_joint").join(
            [
                t(
                    "first_follow_ups" if opened else "first_proposed",
                    n=len(opened) or proposed,
                    day=formats.full_day(due, t.language),
                ),
                text,
            ]
        )
    return Task(what=t("first_answer"), text=text + t("full_stop"), href="#tracking-part")


def _decide(model: ReportModel) -> Task | None:
    """What waits for a person before the period can be published."""
    t = model.words
    if model.audience.kind != "manager" or model.inputs.is_public:
        return None
    open_items = [r for c in model.scored for r in c.results if c.waits(r) or r.proposed]
    unheard = sum(c.unjudged for c in model.scored)
    told = []
    if open_items:
        told.append(t("first_decide_text", n=len(open_items)))
    if unheard:
        told.append(t("first_listen_text", n=unheard))
    if not told:
        return None
    return Task(what=t("first_decide"), text=t.gap.join(told), href="#problems")

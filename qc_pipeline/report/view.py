"""What the report shows: built once from the inputs, written as HTML, workbook and JSON. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import SectionView, Sentence, TableBlock, without
from qc_pipeline.report.first_tasks import Task, tasks
from qc_pipeline.report.health import Light
from qc_pipeline.report.inputs import ReportInputs, ReportOptions
from qc_pipeline.report.model import Call, ReportModel, build_model
from qc_pipeline.report.pages.agent import AgentPage, agent_pages, agent_sections
from qc_pipeline.report.pages.case import AppealCase, cases
from qc_pipeline.report.sections import SECTIONS, estimates
from qc_pipeline.report.sections.agents import agents_shown
from qc_pipeline.report.sections.headline import Head, closed_unseen, head, sampled_sum
from qc_pipeline.report.sections.problem_calls import problem_calls
from qc_pipeline.report.two_figures import machine_reference
from qc_pipeline.report.words.light import light_sentence, withheld_why
from qc_pipeline.report.words.stage import state_label, version_line


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineFigure:
    """One of the numbers at the top, with up to two lines of small type beneath."""

    label: str
    value: str
    note: str = ""
    beneath: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LightView:
    """Whether the figures may be told, in a sentence; `text` is "" where there are none."""

    kind: Light
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The whole report. Pages of calls and of objections (`cases`) are built from `model` when they
    are written. `version_line` says what a final report is (定稿第1版：…), "" before.
    """

    model: ReportModel
    title: str
    span: str
    state: str
    state_label: str
    version_line: str
    audience_label: str
    banners: tuple[str, ...]
    light: LightView
    scope: str
    tasks: tuple[Task, ...]
    figures: tuple[HeadlineFigure, ...]
    head: Head
    sections: tuple[SectionView, ...]
    agents: tuple[AgentPage, ...]
    calls: tuple[Call, ...]
    cases: tuple[AppealCase, ...]
    clip_calls: frozenset[str]


def build_view(inputs: ReportInputs) -> View:
    """Everything that is shown to `inputs.options.audience`; raises UsageError on a wrong one."""
    model = build_model(inputs)
    t, period = model.words, inputs.period
    facts = head(model)
    sections = tuple(s for build in SECTIONS for s in build(model))
    if not model.audience.names_agents:
        sections = tuple(_nameless(s) for s in sections)
    if model.audience.kind == "agent":
        sections = _agent_first(model, sections)
    version = None if inputs.final is None else inputs.final.version
    line = ""
    if inputs.final is not None:
        line = version_line(inputs.final, t, scores=model.audience.sees_groups)
    banners = []
    if inputs.making.is_sample_model:
        banners.append(t("sample_model_warning"))
    if not inputs.is_public:
        banners.append(t("draft_banner"))
    elif inputs.final is None:
        last = formats.full_day(inputs.deadlines.objections, t.language)
        banners.append(t("published_banner", day=last))
    start, end = (
        formats.full_day(period.start, t.language),
        formats.full_day(period.end, t.language),
    )
    return View(
        model=model,
        title=_title(model),
        span=f"{start} – {end}",
        state=inputs.state,
        state_label=state_label(inputs.state, version, t),
        version_line=line,
        audience_label=t(f"audience.{model.audience.kind}", value=model.audience.value),
        banners=tuple(banners),
        light=LightView(
            kind=model.health.light,
            text=light_sentence(model.health, t) if model.audience.sees_groups else "",
        ),
        scope=""
        if model.audience.kind == "manager"
        else t(f"scope_{model.audience.kind}", value=model.audience.value),
        tasks=tasks(model, sections),
        figures=_figures(model, facts),
        head=facts,
        sections=sections,
        agents=() if model.audience.kind == "agent" else agent_pages(model),
        calls=model.shown,
        cases=cases(model),
        clip_calls=_clip_calls(model),
    )


def _title(model: ReportModel) -> str:
    """The title of the settings; their default is Chinese, an English report has its own."""
    title = model.inputs.options.title
    default = next(f.default for f in fields(ReportOptions) if f.name == "title")
    return model.words("default_title") if title == default else title


def _nameless(section: SectionView) -> SectionView:
    """Where agents have no names, tables have no empty column for them."""
    blocks = tuple(
        without(b, {"agent"}) if isinstance(b, TableBlock) else b for b in section.blocks
    )
    return replace(section, blocks=blocks)


def _agent_first(model: ReportModel, sections: tuple[SectionView, ...]) -> tuple[SectionView, ...]:
    """An agent's report opens with the own page; figures of everybody are left out."""
    own = agents_shown(model)
    kept = tuple(s for s in sections if s.id != "headline")
    if not own:
        return (
            SectionView(
                id="agent-overview",
                heading=model.words("agent_overview"),
                level=2,
                blocks=(Sentence(text=model.words("problems_none")),),
            ),
            *kept,
        )
    return (*agent_sections(model, *own[0]), *kept)


def _clip_calls(model: ReportModel) -> frozenset[str]:
    """Calls that get clips: disputed ones, then problem calls, to the bound of the options."""
    if not model.inputs.options.audio:
        return frozenset()
    disputed = {o.recording_id for o in model.inputs.objections}
    order = [c.recording_id for c in model.shown if c.recording_id in disputed]
    order += [c.recording_id for c in problem_calls(model) if c.recording_id not in disputed]
    return frozenset(order[: model.inputs.options.max_clips])


def _figures(model: ReportModel, facts: Head) -> tuple[HeadlineFigure, ...]:
    t = model.words
    if model.audience.kind == "agent":
        return _own_figures(model)
    beneath = []
    if facts.mean_low is not None:
        margin = estimates.interval(facts.mean_low, facts.mean_high)
        beneath.append(t("kpi_margin", margin=margin))
    beneath += [
        t("no_former_short")
        if facts.former_mean is None
        else t("kpi_former", value=formats.score(facts.former_mean))
    ]
    if facts.plain_mean is not None:
        beneath.append(t("kpi_plain", value=formats.score(facts.plain_mean)))
    weighted = model.listened_weighted and facts.mean is not None
    passes = [t("kpi_share_weighted")] if weighted else []
    if facts.pass_low is not None:
        margin = estimates.share_interval(facts.pass_low, facts.pass_high)
        passes.insert(0, t("kpi_margin", margin=margin))
    return (
        HeadlineFigure(
            label=t("kpi_listened_mean"),
            value=t("kpi_none_listened") if facts.mean is None else formats.score(facts.mean),
            note=t(
                "kpi_listened_n_weighted" if weighted else "kpi_listened_n", n=facts.listened_drawn
            ),
            beneath=t("sentence_joint").join(beneath),
        ),
        HeadlineFigure(
            label=t("kpi_pass"),
            value=t("kpi_none_listened")
            if facts.pass_share is None
            else formats.percent(facts.pass_share),
            note=t("kpi_passed", passed=facts.passed, counted=facts.listened_drawn),
            beneath=t("sentence_joint").join(passes),
        ),
        _machine(model, facts),
        HeadlineFigure(
            label=t("kpi_scored"),
            value=str(facts.scored),
            note=t("kpi_reconcile", sampled=facts.sampled, sum=sampled_sum(t, facts)),
        ),
        HeadlineFigure(
            label=t("kpi_fatal"), value=str(facts.fatal_calls), bad=facts.fatal_calls > 0
        ),
        _held(model, facts.held_items, facts.unseen_items),
        HeadlineFigure(label=t("kpi_failed"), value=str(facts.failed), bad=facts.failed > 0),
    )


def _machine(model: ReportModel, facts: Head) -> HeadlineFigure:
    t = model.words
    if not facts.health.shown:
        return HeadlineFigure(
            label=t("machine_reference"),
            value=t("kpi_machine_withheld"),
            note=withheld_why(facts.health, t),
        )
    return HeadlineFigure(
        label=t("machine_reference"),
        value=formats.score(facts.machine_mean),
        note=t(
            "kpi_machine_n_weighted" if model.weighted else "kpi_machine_n",
            n=facts.counted,
            corrected=t("kpi_corrected", n=facts.listened_drawn)
            if facts.machine_corrected
            else t("kpi_not_corrected"),
        ),
        beneath=estimates.beneath(model, machine_reference(model), facts.machine_plain_mean),
    )


def _held(model: ReportModel, waiting: int, unseen: int) -> HeadlineFigure:
    """What waits for a person; once published, what nobody had looked at, which costs nothing."""
    t = model.words
    if model.inputs.is_public:
        return HeadlineFigure(label=t("mark.unseen"), value=str(unseen), note=t("unseen_note"))
    return HeadlineFigure(label=t("kpi_held"), value=str(waiting))


def _own_figures(model: ReportModel) -> tuple[HeadlineFigure, ...]:
    t = model.words
    own = model.shown
    return (
        HeadlineFigure(label=t("kpi_scored"), value=str(len(own))),
        HeadlineFigure(
            label=t("kpi_fatal"),
            value=str(n := sum(bool(c.card and c.card.fatal) for c in own)),
            bad=n > 0,
        ),
        _held(
            model,
            sum(c.waits(r) for c in own for r in c.results),
            sum(closed_unseen(c) for c in own),
        ),
    )

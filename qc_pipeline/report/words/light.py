"""The light over a report in words: whether its figures may be told, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator

from qc_pipeline.report import formats
from qc_pipeline.report.health import (
    LEAST_HEARD,
    LEAST_JUDGED,
    LEAST_LISTENED,
    MOST_NOT_JUDGED,
    Health,
    Withheld,
)
from qc_pipeline.report.words.heard import whole_percents
from qc_pipeline.report.words.translate import Translator


def light_sentence(health: Health, t: Translator) -> str:
    """✔ 可通报：复听24通，听清率96%，无未决红线。 – or why not: what weighs most is told first."""
    match health.light:
        case "go":
            reasons = _resting_on(health, t)
        case "reference":
            reasons = _too_little(health, t)
        case "withheld":
            reasons = _against(health, t)
    return t(f"light.{health.light}", reasons=t("light.joint").join(reasons))


def withheld_why(health: Health, t: Translator) -> str:
    """Why there is no machine reference; "" where there is one."""
    return t("light.joint").join(_withheld(one, health, t) for one in health.withheld)


def heard_share(health: Health, t: Translator) -> str:
    if health.speech_heard is None:
        return t("light.heard_unknown")
    return t("light.heard", share=f"{whole_percents(health.speech_heard)}%")


def _resting_on(health: Health, t: Translator) -> Iterator[str]:
    yield t("light.listened", n=health.listened_calls)
    yield heard_share(health, t)
    yield t("light.no_red_lines")


def _too_little(health: Health, t: Translator) -> Iterator[str]:
    if health.listened_calls < LEAST_LISTENED:
        yield t("light.few", n=health.listened_calls, least=LEAST_LISTENED)
    if health.open_majors:
        yield t("light.majors", n=health.open_majors)
    if health.not_judged:
        yield t("light.not_judged", n=health.not_judged)


def _against(health: Health, t: Translator) -> Iterator[str]:
    if health.open_red_lines:
        yield t("light.red_lines", n=health.open_red_lines)
    for one in health.withheld:
        yield _withheld(one, health, t)
    if not health.transcribed:
        yield t("light.nothing")


def _withheld(one: Withheld, health: Health, t: Translator) -> str:
    match one:
        case "heard":
            share, bound = health.speech_heard, LEAST_HEARD
        case "judged":
            share, bound = health.points_judged, LEAST_JUDGED
        case "not_judged":
            share, bound = health.not_judged_share, MOST_NOT_JUDGED
    return t(
        f"light.withheld_{one}",
        n=health.not_judged,
        share=_told(share or 0.0, bound),
        bound=formats.percent(bound, 0),
    )


def _told(share: float, bound: float) -> str:
    """A share that is beyond its bound, never rounded onto it: 84.96 % is no 85 %."""
    tenths = round(share * 1000)
    if tenths == round(bound * 1000):
        tenths += 1 if share > bound else -1
    return formats.percent(tenths / 1000, 0 if tenths % 10 == 0 else 1)

"""What the report says about the rubrics that judged."""

from __future__ import annotations

from qc_pipeline.report.inputs import CriterionFacts, RubricFacts
from qc_pipeline.scoring.rubric.model import Rubric


def rubric_facts(rubric: Rubric) -> RubricFacts:
    """What the report says of a rubric."""
    return RubricFacts(
        id=rubric.rubric,
        version=rubric.version,
        title=rubric.title,
        sha256=rubric.sha256,
        points=rubric.points,
        pass_mark=rubric.pass_mark,
        language=rubric.language,
        bands=tuple((b.from_, b.label) for b in rubric.bands),
        criteria=tuple(
            CriterionFacts(
                id=c.id,
                title=c.title,
                points=c.points or 0.0,
                section=s.title,
                report_part=s.report_part,
                why=c.why or "",
                ref=c.ref or "",
                say=c.say or "",
                severity=c.severity,
                manual=bool(c.manual),
                trial=c.status == "trial",
            )
            for s in rubric.sections
            for c in s.criteria
        ),
    )

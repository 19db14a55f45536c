"""`qc sample --proof DIR`: the tables of a draw, the script that draws it again, and a page."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qc_pipeline.errors import QcError, UsageError
from qc_pipeline.report.words.strata import stratum_label
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling import draw_again
from qc_pipeline.sampling.kept_frame import frame_from_json
from qc_pipeline.sampling.proof import Proof, proof_of
from qc_pipeline.store.samples import KeptSample, kept_frame
from qc_pipeline.system.html_page import render

if TYPE_CHECKING:
    from qc_pipeline.sampling.period import Period
    from qc_pipeline.sampling.sample import Sample
    from qc_pipeline.store.transaction import Reads

TEMPLATE = Path(__file__).with_name("draw_proof.html")
SCRIPT, PAGE = "draw_again.py", "index.html"
STEPS = 6


def write_proof(
    record: Reads, kept: KeptSample, period: Period, folder: Path, language: str
) -> str:
    """Write the proof of a kept draw into a new or empty folder, run its script there, and return
    what that said.

    Raises UsageError where the folder holds other things or the draw kept no frame, QcError where
    the script does not draw the same: then the record was changed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} holds other things; name an empty or a new folder")
    body = kept_frame(record, kept.drawn)
    if body is None:
        former = kept.drawn.plan.get("rules", 1) == 1
        why = (
            "by rules = 1, which keeps no frame" if former else "before frames were kept with draws"
        )
        raise UsageError(
            f"{kept.drawn.period} was drawn {why}: it can be checked against the list alone, by "
            "`qc sample --verify`"
        )
    proof = proof_of(kept.drawn, frame_from_json(body), period, replaced=len(kept.replacements))
    folder.mkdir(parents=True, exist_ok=True)
    script = Path(draw_again.__file__).read_text(encoding="utf-8")
    for name, text in {**proof.files, SCRIPT: script}.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    ran = subprocess.run(  # noqa: S603 (our own script, by our own Python)
        [sys.executable, "-I", "-S", "-X", "utf8", str(folder / SCRIPT), str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    told = (ran.stdout or ran.stderr).strip()
    page = _page(kept.drawn, proof, script, told, language)
    (folder / PAGE).write_text(page, encoding="utf-8")
    if ran.returncode:
        raise QcError(f"the draw in the record is not what its list, plan and seed give: {told}")
    return told


def _page(sample: Sample, proof: Proof, script: str, told: str, language: str) -> str:
    t = Translator(language)
    return render(
        TEMPLATE,
        t=t,
        language="zh-CN" if language == "zh" else language,
        title=t("proof.title", period=sample.period),
        verdict=t("proof.verdict", told=told),
        facts=list(_facts(sample, proof, t)),
        steps=[t(f"proof.step{n}") for n in range(1, STEPS + 1)],
        strata=[
            (
                stratum_label(t, s.stratum),
                s.stratum,
                f"{s.frame}",
                f"{s.allocated:.2f}",
                f"{s.drawn}",
            )
            for s in sample.strata
        ],
        files=[
            (name, t(f"proof.file.{name.partition('.')[0]}"), _sha256(text))
            for name, text in sorted({**proof.files, SCRIPT: script}.items())
        ],
        script=script,
    )


def _facts(sample: Sample, proof: Proof, t: Translator) -> Iterator[tuple[str, str]]:
    origin = t.or_raw("seed", sample.seed_origin)
    if sample.seed_origin == "given":
        origin = t("seed_given", reason=sample.seed_reason)
    yield t("fact_seed"), f"{sample.seed} ({origin})"
    yield t("fact_plan"), t.or_raw("allocation", str(sample.plan.get("allocation", "")))
    yield t("fact_plan_hash"), sample.plan_sha256
    yield t("fact_frame"), t("fact_frame_value", n=sample.frame_size)
    yield t("fact_frame_hash"), sample.frame_sha256
    yield t("proof.frame_table"), sample.frame_table_sha256
    yield t("col_drawn"), t("calls_n", n=sum(p.origin == "drawn" for p in sample.picks))
    apart = sum(p.origin != "drawn" for p in sample.picks)
    if apart:
        yield t("proof.apart"), t("calls_n", n=apart)
    if proof.plan["replaced_since"]:
        yield t("proof.replaced"), t("calls_n", n=proof.plan["replaced_since"])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

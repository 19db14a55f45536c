"""What the wheel carries beside the code: rubrics, the sample model and a part of the samples.

The wheel's call list names only the calls whose recordings it carries (samples/wheel.txt), so
that it stays small; the checkout has them all.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SamplesHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        include = build_data["force_include"]
        for rubric in sorted((root / "rubrics").rglob("*.yaml")):
            place = rubric.relative_to(root / "rubrics").as_posix()
            include[str(rubric)] = f"qc_pipeline/_rubrics/{place}"
        samples = root / "samples"
        for model_file in sorted((samples / "model").iterdir()):
            include[str(model_file)] = f"qc_pipeline/_samples/model/{model_file.name}"
        for name in ("qc.toml", "README.md"):
            include[str(samples / name)] = f"qc_pipeline/_samples/{name}"
        wanted = set((samples / "wheel.txt").read_text(encoding="utf-8").split())
        with (samples / "calls.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        kept = [r for r in rows if r["recording_id"] in wanted or not r["path"]]
        for row in kept:
            if row["path"]:
                place = f"recordings/{row['path']}"
                include[str(samples / place)] = f"qc_pipeline/_samples/{place}"
                truth = f"truth/{row['recording_id']}.json"
                include[str(samples / truth)] = f"qc_pipeline/_samples/{truth}"
        shorter = root / "build" / "wheel-calls.csv"
        shorter.parent.mkdir(exist_ok=True)
        with shorter.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
        include[str(shorter)] = "qc_pipeline/_samples/calls.csv"

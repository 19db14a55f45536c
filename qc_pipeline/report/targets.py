"""The targets that the service figures are held against (REQUIREMENTS 4)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qc_pipeline.system.settings_table import SettingsTable

Share = Annotated[float, Field(ge=0, le=1)]


class ServiceTargets(SettingsTable):
    """Targets of the service figures, as qc.toml's `[targets]` names them.

    Shares lie in [0, 1], times are seconds; None means: no target, the figure is only shown.
    """

    answer_rate: Share = 0.90
    first_call_resolution: Share = 0.95
    satisfaction: Share = 0.97
    after_call_s_min: float = 30.0
    after_call_s_max: float = 60.0
    handling_s: float | None = None
    queue_s: float | None = None
    service_level_s: float = 20.0
    service_level: Share = 0.80

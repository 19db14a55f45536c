"""The week of six written calls, with people who may calibrate."""

from tests.appeals.conftest import clock, scored_week, week

__all__ = ["clock", "scored_week", "week"]

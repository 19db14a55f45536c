"""The clock of the tests on decisions, for a week of its own with private words."""

from tests.appeals.conftest import clock

__all__ = ["clock"]

"""A call prepared once for all conditions of a rubric."""

from __future__ import annotations


class Context:
    """What an operator sees of a call."""

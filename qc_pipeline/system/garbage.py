"""How often Python looks for circles of values that nothing else holds."""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 50


def collect_rarely() -> None:
    """Look for circles after 50,000 new values and not after 700, in this process.

    What is read and judged here has next to none, and a call makes ten thousand values: looking
    took a quarter of the time that scoring takes. What no circle holds is freed at once as ever.
    """
    gc.set_threshold(YOUNG, MIDDLE, OLD)

"""How loud somebody speaks while they speak: the active speech level of ITU-T P.56, method B.

A plain mean over a channel depends on how long its speaker is silent. Method B (ITU-T P.56,
12/2011, clause 6) counts only the time in which an envelope of the speech (two smoothings of 30 ms
in a row) lies above a threshold or did so less than 200 ms ago, and chooses the threshold that
lies 15.9 dB below the level that follows from it. The counting needs no more memory for a long
call than for a short one. The arithmetic was written from the recommendation; no other program's
code is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]

MARGIN_DB = 15.9
_SMOOTHING_S = 0.03
_HANGOVER_S = 0.2
_STEP_S = 0.001  # the envelope is smooth over 30 ms: every millisecond of it is enough
_THRESHOLDS = 2.0 ** np.arange(-15, 1)  # of full scale, 6.02 dB apart
_QUIETEST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveLevel:
    """`level_db`: dB of full scale (0 dB = mean square 1). `active_s`: time that counts as speech.

    `threshold_db`: 15.9 dB below the level; what is quieter in a place is no speech there.
    """

    level_db: float
    active_s: float

    @property
    def threshold_db(self) -> float:
        return self.level_db - MARGIN_DB


class LevelMeter:
    """Takes a channel in pieces; `level` at any time is that of all that was put in so far."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._step = max(round(_STEP_S * rate_hz), 1)
        self._keep = float(np.exp(-1 / (_SMOOTHING_S * rate_hz)))
        self._state = np.zeros(2)
        self._hangover = round(_HANGOVER_S * rate_hz / self._step)
        self._since = np.full(_THRESHOLDS.size, self._hangover, dtype=np.int64)
        self._active = np.zeros(_THRESHOLDS.size, dtype=np.int64)
        self._offset = 0  # samples until the next one of the envelope that is looked at
        self._energy = 0.0

    def add(self, samples: Float32 | Float64) -> None:
        """More of the channel; shape (n,), in ±1, silence where the party does not speak."""
        from scipy.signal import lfilter

        if samples.size == 0:
            return
        rest = 1 - self._keep
        coefficients = [1.0, -2 * self._keep, self._keep**2]
        envelope, self._state = lfilter(
            [rest * rest], coefficients, np.abs(samples), zi=self._state
        )
        self._energy += float(np.dot(samples, samples.astype(np.float64)))
        looked_at = envelope[self._offset :: self._step]
        self._offset = (self._offset - samples.size) % self._step
        for number, threshold in enumerate(_THRESHOLDS.tolist()):
            self._count(number, looked_at >= threshold)

    def _count(self, number: int, above: npt.NDArray[np.bool_]) -> None:
        """Count the steps that are above, or less than the hangover after one that was."""
        if above.size == 0:
            return
        steps = np.arange(above.size)
        last = np.maximum.accumulate(np.where(above, steps, -1 - self._since[number]))
        since = steps - last
        self._active[number] += int(np.count_nonzero(since < self._hangover + 1))
        self._since[number] = min(int(since[-1]), 10 * self._hangover)

    def level(self) -> ActiveLevel | None:
        """The active level so far; None where nothing was loud enough to be speech."""
        steps = self._active
        heard = steps > 0
        if not heard.any() or self._energy <= _QUIETEST:
            return None
        active_samples = np.maximum(steps, 1) * self._step
        levels = 10 * np.log10(self._energy / active_samples)
        thresholds = 20 * np.log10(_THRESHOLDS)
        differences = levels - thresholds
        # From the lowest threshold up the difference falls; where it passes the margin lies the
        # threshold asked for.
        for low in range(_THRESHOLDS.size - 1):
            high = low + 1
            if not heard[high]:
                return self._found(float(levels[low]))
            if differences[low] > MARGIN_DB >= differences[high]:
                part = (differences[low] - MARGIN_DB) / (differences[low] - differences[high])
                level = float(levels[low] + part * (levels[high] - levels[low]))
                return self._found(level)
        return self._found(float(levels[0]))

    def _found(self, level_db: float) -> ActiveLevel:
        seconds = self._energy / 10 ** (level_db / 10) / self._rate_hz
        return ActiveLevel(level_db=level_db, active_s=seconds)

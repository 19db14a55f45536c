"""What a telephone line carries that nobody says: keys pressed, ringing, other tones, hold music.

- Keys (DTMF): two tones of ITU-T Q.23 at once that hold nearly all of the sound, for 64 ms or
  longer (Q.24 lets 40 ms be accepted).
- Call progress tones: one steady narrow sound between 330 and 640 Hz (ITU-T E.180 and its
  supplement: 400 to 450 Hz in most countries, 350 to 620 Hz in North America). Bursts of up to
  0.8 s that come back as fast are "busy", others "ringing".
- Other steady tones (the beep of an answering machine, a facsimile machine) are "tone".
- Music holds its partials: lines that stand still in the spectrum for a good part of three seconds,
  several of them (after the "continuous frequency activation" of K. Seyerlehner et al., "Automatic
  music detection in television productions", DAFx 2007). Speech glides. What is not clearly music
  stays what the voice detector says. It is found to the second; `music_edges` finds its edges.

How well this does, and on what, stands in docs/measures.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.music_edges import BINS, FRAME, music_edges, standing_out
from qc_pipeline.audio.telephone_band import TELEPHONE_HZ as RATE_HZ
from qc_pipeline.scoring.evidence import timing

Float32 = npt.NDArray[np.float32]

SIGNALS_VERSION = "2"
"""Names the rules here. Raise it when they change."""

_PIECE_S = 60

_ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
_COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS = ("123A", "456B", "789C", "*0#D")
_KEY_FRAME, _KEY_STEP = 256, 128
_KEY_SHARE = 0.75  # of the sound in the two tones; a tone 1.8 % off still holds that
_KEY_TWIST_DB = 9.0
_KEY_CLEAR = 10.0  # times stronger than the next tone of its group
_KEY_LEAST = 4  # frames of 16 ms: 64 ms; keys sound for longer, vowels rarely as long

_TONE_FRAME, _TONE_STEP = 512, 256
_TONE_HALF_WIDTH_HZ = 62.0
_TONE_SHARE = 0.93
_TONE_STEADY_HZ, _TONE_STEADY_DB = 3.0, 1.5
_TONE_LEAST = 9  # frames: 0.32 s
_PROGRESS_HZ = (330.0, 640.0)
_TONE_HZ = (330.0, 2_600.0)
_BUSY_S = 0.8
_RING_GAP_S = 6.5

_MUSIC_STEP = 512
_MUSIC_CELL = 16  # frames: 1.024 s; three make a block
_MUSIC_FRAME_DB = -48.0
_MUSIC_FILLED = 0.7  # of the frames
_MUSIC_LINES = 5
_MUSIC_ON, _MUSIC_OFF = 2.6, 1.9
_MUSIC_LEAST_S = 4.0

_QUIETEST_DB = -55.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Something that is no speech. `kind`: dtmf, ringing, busy, tone, music; `key` of dtmf."""

    kind: str
    start_s: float
    end_s: float
    key: str = ""

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def find_signals(read: Callable[[int, int], Float32], length: int) -> tuple[Signal, ...]:
    """The signals of a channel, in time.

    `read(start, stop)` gives samples [start, stop) of the channel at 8 kHz, in ±1, silence outside
    of it; `length` is how many there are. Only a minute is read at a time.
    """
    keys: list[Signal] = []
    tones: list[tuple[float, float, float]] = []
    scores: list[float] = []
    cells: list[tuple[Float32, float]] = []
    piece = _PIECE_S * RATE_HZ // (_MUSIC_STEP * _MUSIC_CELL) * (_MUSIC_STEP * _MUSIC_CELL)
    for start in range(0, length, piece):
        stop = min(start + piece, length)
        sound = read(start, stop + FRAME - _MUSIC_STEP)
        at_s = start / RATE_HZ
        keys += [replace(k, start_s=k.start_s + at_s, end_s=k.end_s + at_s) for k in _keys(sound)]
        tones += [(a + at_s, b + at_s, hz) for a, b, hz in _tones(sound)]
        for cell in _cells(sound):
            cells = [*cells[-2:], cell]
            scores.append(_music_score(cells) if len(cells) == 3 else 0.0)
    found = [*_joined_keys(keys), *_named(_joined_tones(tones))]
    likely = (music_edges(read, length, *span) for span in _music(scores, length / RATE_HZ))
    for begin_s, end_s in timing.union(span for span in likely if span is not None):
        found.append(Signal(kind="music", start_s=begin_s, end_s=end_s))
    return tuple(sorted(found, key=lambda s: (s.start_s, s.end_s, s.kind)))


def _frames(sound: Float32, frame: int, step: int) -> Float32:
    if sound.size < frame:
        return np.zeros((0, frame), dtype=np.float32)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(sound, frame)[::step])


def _runs(mask: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where a mask holds, as [start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _probes() -> Float32:
    """Two columns (cosine, sine) for each of the eight tones; shape (frame, 16)."""
    times = np.arange(_KEY_FRAME) / RATE_HZ
    window = np.hanning(_KEY_FRAME)
    waves = [
        wave(2 * np.pi * hz * times) * window
        for hz in (*_ROWS_HZ, *_COLUMNS_HZ)
        for wave in (np.cos, np.sin)
    ]
    return np.asarray(np.stack(waves, axis=1), dtype=np.float32)


_PROBES = _probes()
_KEY_WINDOW = np.hanning(_KEY_FRAME).astype(np.float32)


def _keys(sound: Float32) -> list[Signal]:
    frames = _frames(sound, _KEY_FRAME, _KEY_STEP)
    if not len(frames):
        return []
    parts = frames @ _PROBES
    power = parts[:, 0::2] ** 2 + parts[:, 1::2] ** 2
    energy = np.einsum("ij,ij->i", frames, frames)
    loud = energy / _KEY_FRAME > 10 ** (_QUIETEST_DB / 10)
    rows, columns = power[:, :4], power[:, 4:]
    row, column = rows.argmax(axis=1), columns.argmax(axis=1)
    strong = [np.sort(group, axis=1) for group in (rows, columns)]
    high = strong[0][:, -1], strong[1][:, -1]
    # A sine of amplitude A gives (A · Σ window / 2)²; its energy is A² / 2 for each sample.
    scale = 2 * _KEY_FRAME / float(_KEY_WINDOW.sum()) ** 2
    share = (high[0] + high[1]) * scale / np.maximum(energy, 1e-9)
    twist = 10 * np.abs(np.log10(np.maximum(high[0], 1e-9) / np.maximum(high[1], 1e-9)))
    clear = np.logical_and(*(h > _KEY_CLEAR * s[:, -2] for h, s in zip(high, strong, strict=True)))
    good = loud & (share > _KEY_SHARE) & (twist < _KEY_TWIST_DB) & clear
    codes = np.where(good, row * 4 + column, -1)
    found = []
    for code in np.unique(codes[codes >= 0]).tolist():
        for start, stop in _runs(codes == code):
            # Half a frame at each end holds the tone only in part.
            first = (start * _KEY_STEP + _KEY_STEP // 2) / RATE_HZ
            last = ((stop - 1) * _KEY_STEP + _KEY_FRAME - _KEY_STEP // 2) / RATE_HZ
            key = _KEYS[code // 4][code % 4]
            found.append(Signal(kind="dtmf", start_s=first, end_s=last, key=key))
    return sorted(found, key=lambda s: s.start_s)


def _joined_keys(keys: Sequence[Signal]) -> list[Signal]:
    """Keys as they were pressed: pieces of one press together, what is too short left out."""
    out: list[Signal] = []
    step_s = _KEY_STEP / RATE_HZ
    for key in keys:
        if out and out[-1].key == key.key and key.start_s - out[-1].end_s <= step_s:
            out[-1] = replace(out[-1], end_s=key.end_s)
        else:
            out.append(key)
    least_s = _KEY_LEAST * _KEY_STEP / RATE_HZ
    return [k for k in out if k.duration_s >= least_s]


def _tones(sound: Float32) -> list[tuple[float, float, float]]:
    """Steady tones of a piece: begin, end, hertz."""
    frames = _frames(sound, _TONE_FRAME, _TONE_STEP)
    level = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / _TONE_FRAME + 1e-12)
    found = []
    for start, stop in _runs(level > _QUIETEST_DB):
        if stop - start >= _TONE_LEAST:
            found += _tones_of(frames[start:stop], level[start:stop], start)
    return found


def _tones_of(frames: Float32, level: Float32, number: int) -> list[tuple[float, float, float]]:
    """Steady tones in a row of audible frames, the first of which is frame `number`."""
    from scipy.fft import rfft

    spectrum = rfft(frames * np.hanning(_TONE_FRAME).astype(np.float32), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    bin_hz = RATE_HZ / _TONE_FRAME
    total = power[:, 10:].sum(axis=1)  # from 156 Hz: below lies the hum of the mains
    peak = power[:, 10:].argmax(axis=1) + 10
    half = round(_TONE_HALF_WIDTH_HZ / bin_hz)
    rows = np.arange(len(power))
    last = power.shape[1]
    # The centre of what stands around the peak: steady although two tones beat (440 and 480 Hz).
    offsets = np.arange(-half, half + 1)
    places = np.clip(peak[:, None] + offsets, 0, last - 1)
    around = power[rows[:, None], places]
    near = around.sum(axis=1)
    hz = (around * places).sum(axis=1) / np.maximum(near, 1e-20) * bin_hz
    pure = near > _TONE_SHARE * total
    pure &= (hz > _TONE_HZ[0]) & (hz < _TONE_HZ[1])
    found = []
    for start, stop in _runs(pure):
        for a, b in _steady(hz[start:stop], level[start:stop]):
            first, end = number + start + a, number + start + b
            begin_s = (first * _TONE_STEP + _TONE_STEP // 2) / RATE_HZ
            end_s = ((end - 1) * _TONE_STEP + _TONE_FRAME - _TONE_STEP // 2) / RATE_HZ
            found.append((begin_s, end_s, float(np.median(hz[start + a : start + b]))))
    return found


def _steady(hz: Float32, level: Float32) -> Iterator[tuple[int, int]]:
    """Stretches [start, stop) in which neither frequency nor level moves."""
    start = 0
    for at in range(1, len(hz) + 1):
        whole = at == len(hz)
        if whole or abs(hz[at] - hz[at - 1]) > 2 * _TONE_STEADY_HZ:
            inner = slice(start + 1, at - 1)
            if (
                at - start >= _TONE_LEAST
                and float(np.std(hz[inner])) < _TONE_STEADY_HZ
                and float(np.std(level[inner])) < _TONE_STEADY_DB
            ):
                yield start, at
            start = at


def _joined_tones(tones: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    out: list[tuple[float, float, float]] = []
    for begin_s, end_s, hz in tones:
        if (
            out
            and begin_s - out[-1][1] <= 2 * _TONE_STEP / RATE_HZ
            and abs(hz - out[-1][2]) < 4 * _TONE_STEADY_HZ
        ):
            out[-1] = (out[-1][0], end_s, out[-1][2])
        else:
            out.append((begin_s, end_s, hz))
    return out


def _named(tones: Sequence[tuple[float, float, float]]) -> Iterator[Signal]:
    """Tones by their cadence. A tone outside the band of call progress is only a tone."""
    for number, (begin_s, end_s, hz) in enumerate(tones):
        if not _PROGRESS_HZ[0] <= hz <= _PROGRESS_HZ[1]:
            yield Signal(kind="tone", start_s=begin_s, end_s=end_s)
            continue
        neighbours = [*tones[max(number - 1, 0) : number], *tones[number + 1 : number + 2]]
        gaps = [max(begin_s - b, a - end_s) for a, b, _ in neighbours]
        fast = any(0 < gap <= _BUSY_S for gap in gaps) and end_s - begin_s <= _BUSY_S
        yield Signal(kind="busy" if fast else "ringing", start_s=begin_s, end_s=end_s)


def _cells(sound: Float32) -> Iterator[tuple[Float32, float]]:
    """For every 1.024 s how often each bin stood out as a line, and the share of loud frames."""
    frames = _frames(sound, FRAME, _MUSIC_STEP)
    count = len(frames) // _MUSIC_CELL
    if not count:
        return
    frames = frames[: count * _MUSIC_CELL]
    loud = np.einsum("ij,ij->i", frames, frames) > FRAME * 10 ** (_MUSIC_FRAME_DB / 10)
    filled = loud.reshape(count, _MUSIC_CELL).mean(axis=1)
    held = np.zeros((count, BINS.stop - BINS.start), dtype=np.float32)
    # A block that holds a cell emptier than this is not filled, whatever stands in it.
    worth = np.flatnonzero(filled >= 3 * _MUSIC_FILLED - 2)
    for cell in worth.tolist():
        lines, _ = standing_out(frames[cell * _MUSIC_CELL : (cell + 1) * _MUSIC_CELL])
        held[cell] = lines.sum(axis=0)
    yield from zip(held, filled.tolist(), strict=True)


def _music_score(cells: Sequence[tuple[Float32, float]]) -> float:
    """How much of three seconds the five steadiest lines hold, 0 to 5; 0 where it is not filled."""
    if sum(filled for _, filled in cells) < _MUSIC_FILLED * len(cells):
        return 0.0
    held = sum(h for h, _ in cells) / np.float32(_MUSIC_CELL * len(cells))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(held, 8, mode="edge"), 17)
    valley = np.maximum(around[:, :8].min(axis=1), around[:, 9:].min(axis=1))
    peaks = np.where(held >= around.max(axis=1), held - valley, 0.0)
    return float(np.sort(peaks)[-_MUSIC_LINES:].sum())


def _music(scores: Sequence[float], length_s: float) -> Iterator[tuple[float, float]]:
    """Stretches of blocks: begun by two in a row that are clear, carried on by likely ones."""
    cell_s = _MUSIC_CELL * _MUSIC_STEP / RATE_HZ
    values = np.array([*scores, 0.0])
    sure = values >= _MUSIC_ON
    sure[1:] &= sure[:-1]
    for start, stop in _runs(values >= _MUSIC_OFF):
        if not sure[start + 1 : stop].any():
            continue
        # Block i ends with cell i and began two cells before.
        begin_s = max(start - 2, 0) * cell_s
        end_s = min(stop * cell_s, length_s)
        if end_s - begin_s >= _MUSIC_LEAST_S:
            yield begin_s, end_s

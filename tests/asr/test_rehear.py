"""The ladder: what is heard again, and what of it stands. A script stands for the recogniser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from qc_pipeline.asr.rehear import Spoken, hear_again, unheard_in
from qc_pipeline.asr.whisper import DecodedWindow, HeardWord
from qc_pipeline.asr.windows import AudioWindow, pack
from qc_pipeline.audio.speech_regions import HOP_S
from qc_pipeline.call import Span

LENGTH_S = 60.0
SURE = np.full(int(LENGTH_S / HOP_S) + 1, 0.9, dtype=np.float32)
REGIONS = ((1.0, 3.0), (6.0, 8.0), (12.0, 14.0), (20.0, 22.0))
TEXTS: Mapping[Span, str] = {
    REGIONS[0]: "您好请问什么事",
    REGIONS[1]: "订单号报给我",
    REGIONS[2]: "还在仓库没有发货",
    REGIONS[3]: "不客气再见",
}


def windowed(*regions: Span) -> AudioWindow:
    (window,) = pack(regions, SURE, LENGTH_S, 30.0)
    return window


def said(
    window: AudioWindow, texts: Mapping[Span, str], log_probability: float = -0.2
) -> DecodedWindow:
    """Each text evenly over its region."""
    words = []
    for (start_s, end_s), text in texts.items():
        step = (end_s - start_s) / len(text)
        for n, c in enumerate(text):
            at = window.from_recording(start_s + n * step)
            words.append(HeardWord(text=c, start_s=at, end_s=at + step, probability=0.9))
    return DecodedWindow(
        words=tuple(words),
        log_probability=log_probability,
        compression_ratio=1.0,
        no_speech=0.1,
    )


class Script:
    """Hears of each window the regions that it knows; keeps what it was asked."""

    def __init__(self, *rungs: Mapping[Span, str]) -> None:
        self.rungs = list(rungs)
        self.asked: list[list[tuple[Span, ...]]] = []

    def __call__(self, wanted: Sequence[tuple[int, AudioWindow]]) -> list[DecodedWindow]:
        self.asked.append([window.regions for _, window in wanted])
        known = self.rungs.pop(0) if wanted else {}
        return [
            said(window, {r: known[r] for r in window.regions if r in known})
            for _, window in wanted
        ]


def heard_of(window: AudioWindow, first: DecodedWindow, script: Script) -> str:
    spoken = Spoken(window=window, probabilities=SURE, duration_s=LENGTH_S)
    (result,) = hear_again([spoken], [first], "zh", script)
    return result.text


def test_a_window_with_words_everywhere_is_not_heard_again() -> None:
    window, script = windowed(*REGIONS), Script()
    assert heard_of(window, said(window, TEXTS), script) == "".join(TEXTS.values())
    assert script.asked == [[], [], []]


def test_text_that_stops_early_is_found_by_the_time_stamped_path() -> None:
    window, script = windowed(*REGIONS), Script(TEXTS)
    first = said(window, {r: TEXTS[r] for r in REGIONS[:2]})
    assert unheard_in(window, first, "zh") == [*REGIONS[2:]]
    assert heard_of(window, first, script) == "".join(TEXTS.values())
    assert script.asked == [[REGIONS], [], []]


def test_what_still_has_no_words_is_heard_in_smaller_windows_then_alone() -> None:
    window = windowed(*REGIONS)
    first = said(window, {r: TEXTS[r] for r in REGIONS[:2]})
    script = Script({}, {REGIONS[2]: TEXTS[REGIONS[2]]}, {REGIONS[3]: TEXTS[REGIONS[3]]})
    assert heard_of(window, first, script) == "".join(TEXTS.values())
    # A region on either side gives context; the last rung asks for the region alone.
    assert script.asked[1] == [REGIONS[1:]]
    assert script.asked[2] == [(REGIONS[3],)]


def test_what_nobody_understands_stays_without_words() -> None:
    window = windowed(*REGIONS)
    first = said(window, {r: TEXTS[r] for r in REGIONS[:3]})
    assert heard_of(window, first, Script({}, {}, {})) == first.text


def test_words_that_stood_are_not_lost_to_a_hearing_that_covers_less() -> None:
    window = windowed(*REGIONS)
    first = said(window, {r: TEXTS[r] for r in REGIONS[:3]})
    script = Script({REGIONS[3]: TEXTS[REGIONS[3]]}, {}, {REGIONS[3]: TEXTS[REGIONS[3]]})
    assert heard_of(window, first, script) == "".join(TEXTS.values())


def test_a_loop_across_regions_is_heard_region_by_region() -> None:
    """谢谢大家 stands in three regions; alone each of them says something else."""
    window = windowed(*REGIONS)
    looping = {r: "谢谢大家谢谢大家" for r in REGIONS[1:]} | {REGIONS[0]: TEXTS[REGIONS[0]]}
    first = said(window, dict(sorted(looping.items())), log_probability=-0.03)
    script = Script(looping, {}, TEXTS)
    assert heard_of(window, first, script) == "".join(TEXTS.values())


def test_a_loop_that_stays_is_taken_out_and_kept_apart() -> None:
    window = windowed(*REGIONS)
    looping = {REGIONS[0]: TEXTS[REGIONS[0]]} | {r: "谢谢大家谢谢大家" for r in REGIONS[1:]}
    first = said(window, looping, log_probability=-0.03)
    spoken = Spoken(window=window, probabilities=SURE, duration_s=LENGTH_S)
    (result,) = hear_again([spoken], [first], "zh", Script(looping, {}, {}))
    assert result.text == TEXTS[REGIONS[0]]
    assert "".join(w.text for w in result.looped) == "谢谢大家" * 6
    assert unheard_in(window, result, "zh") == [*REGIONS[1:]]


def test_an_unlikely_text_does_not_fill_a_gap() -> None:
    window = windowed(*REGIONS)
    first = said(window, {r: TEXTS[r] for r in REGIONS[:3]})

    def listen(wanted: Sequence[tuple[int, AudioWindow]]) -> list[DecodedWindow]:
        return [said(w, {w.regions[-1]: "谢谢观看"}, log_probability=-1.3) for _, w in wanted]

    spoken = Spoken(window=window, probabilities=SURE, duration_s=LENGTH_S)
    (result,) = hear_again([spoken], [first], "zh", listen)
    assert result.text == first.text

"""faster-whisper's model on a processor: batches decoded together, the rest window by window.

A batch makes neither the encoder nor the aligner faster there. Encoding takes 108 MB a window for
attention at the size of Whisper's `small` (12 heads x 1,500 x 1,500 places x 4 bytes), 864 MB for
eight. The aligner fills all texts up to the longest of the batch and sums floats over the filling,
so that the last digits of a word's probability depended on its neighbours.

One by one, windows of a batch can also be shared among the threads that are free (`ThreadTeam`).

To be imported after `prepare_runtime` only, as it loads faster_whisper.
"""

from __future__ import annotations

import hashlib
import inspect
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim

from qc_pipeline.asr.thread_team import ThreadTeam, fulfil

Float32 = npt.NDArray[np.float32]


class OneByOneModel(WhisperModel):  # type: ignore[misc]  # the library has no types
    """`WhisperModel` whose windows get the same whatever is in the batch (in int8).

    What the encoder made of a window is kept until `forget`: a window is often listened to again.
    """

    def __init__(self, folder: str, team: ThreadTeam, **options: Any) -> None:
        super().__init__(folder, **options)
        self._team = team
        self._encoded: dict[bytes, Future[Float32]] = {}
        self._lock = threading.Lock()

    def encode_ahead(self, sound: Float32) -> None:
        """Encode a window (16 kHz, ±1, ≤ 30 s) that is going to be decoded, as it will be asked."""
        self._encode_once(pad_or_trim(self.feature_extractor(sound)[..., :-1]))

    def forget(self) -> None:
        """Let go of what the encoder made so far."""
        self._encoded.clear()

    def encode(self, features: Float32) -> ctranslate2.StorageView:
        """Encoder output of shape (windows, 1500, size).

        `features` are of shape (windows, mels, 3000), or of one window without the first axis.
        """
        if self.model.device != "cpu":
            return super().encode(features)
        windows = features[None] if features.ndim == 2 else features
        encoded = self._team.share([partial(self._encode_once, window) for window in windows])
        return ctranslate2.StorageView.from_array(np.concatenate(encoded))

    def _encode_once(self, window: Float32) -> Float32:
        key = hashlib.blake2b(window.tobytes(), digest_size=16).digest()
        with self._lock:
            known = self._encoded.get(key)
            found = known or self._encoded.setdefault(key, Future())
        if known is None:
            encode = super().encode
            fulfil(found, lambda: np.array(encode(window)))
        return found.result()

    def find_alignment(
        self,
        tokenizer: Any,
        text_tokens: Sequence[Any],
        encoder_output: ctranslate2.StorageView,
        num_frames: Any,
        median_filter_width: int = 7,
    ) -> list[Any]:
        """The words of every window with times and probabilities, as the base class gives them."""
        align = super().find_alignment
        if self.model.device != "cpu" or len(text_tokens) <= 1:
            found = align(tokenizer, text_tokens, encoder_output, num_frames, median_filter_width)
            return list(found)
        encoded = np.array(encoder_output)

        def align_one(number: int) -> list[Any]:
            one = ctranslate2.StorageView.from_array(encoded[number : number + 1])
            frames = [num_frames[number]]
            return list(align(tokenizer, [text_tokens[number]], one, frames, median_filter_width))

        parts = [partial(align_one, number) for number in range(len(text_tokens))]
        return [window for found in self._team.share(parts) for window in found]


def overrides_fit(library_model: type) -> bool:
    """Whether faster-whisper's model still has, and calls alike, what `OneByOneModel` overrides.

    A later version may rename a method or give it one more parameter; no public promise forbids it.
    """
    return all(
        _parameters(getattr(library_model, name, None)) == _parameters(getattr(OneByOneModel, name))
        for name in ("encode", "find_alignment")
    )


def _parameters(method: Any) -> list[str] | None:
    return list(inspect.signature(method).parameters) if callable(method) else None

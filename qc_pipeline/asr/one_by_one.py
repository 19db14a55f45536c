"""faster-whisper's model on a processor: batches decoded together, the rest window by window.

A batch makes neither the encoder nor the aligner faster there. Encoding takes 108 MB a window for
attention at the size of Whisper's `small` (12 heads x 1,500 x 1,500 places x 4 bytes), 864 MB for
eight. The aligner fills all texts up to the longest of the batch and sums floats over the filling,
so that the last digits of a word's probability depended on its neighbours.

To be imported after `prepare_runtime` only, as it loads faster_whisper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel


class OneByOneModel(WhisperModel):  # type: ignore[misc]  # the library has no types
    """`WhisperModel` whose windows get the same whatever is in the batch (in int8)."""

    def encode(self, features: npt.NDArray[np.float32]) -> ctranslate2.StorageView:
        """Encoder output of shape (windows, 1500, size) for features of (windows, mels, 3000)."""
        if self.model.device != "cpu" or features.ndim == 2 or len(features) == 1:
            return super().encode(features)
        encoded = [np.array(super(OneByOneModel, self).encode(window)) for window in features]
        return ctranslate2.StorageView.from_array(np.concatenate(encoded))

    def find_alignment(
        self,
        tokenizer: Any,
        text_tokens: Sequence[Any],
        encoder_output: ctranslate2.StorageView,
        num_frames: Any,
        median_filter_width: int = 7,
    ) -> list[Any]:
        """The words of every window with times and probabilities, as the base class gives them."""
        if self.model.device != "cpu" or len(text_tokens) <= 1:
            found = super().find_alignment(
                tokenizer, text_tokens, encoder_output, num_frames, median_filter_width
            )
            return list(found)
        encoded = np.array(encoder_output)
        return [
            window
            for number, (tokens, frames) in enumerate(zip(text_tokens, num_frames, strict=True))
            for window in super(OneByOneModel, self).find_alignment(
                tokenizer,
                [tokens],
                ctranslate2.StorageView.from_array(encoded[number : number + 1]),
                [frames],
                median_filter_width,
            )
        ]

"""Two speakers in one channel, told apart by sherpa-onnx with weights the user has.

The same interface as `mono_separation`: regions in, two voices out. sherpa-onnx finds
who speaks when with a segmentation model (pyannote's, converted) and a model of voices (WeSpeaker,
3D-Speaker or NeMo, converted). It is an extra, imported here only, when qc.toml names the models.

The library ends the whole process on a model without the notes it expects, so the models are
looked at before it sees them. While it works it holds Python's lock: whoever must be able to stop
it runs it in a process of its own (`SeparatedVoices.named` in `[asr.separation]` asks for that).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.cepstrum import STEP_S
from qc_pipeline.audio.decode import RECOGNISER_HZ, Decoded
from qc_pipeline.audio.mono_separation import SeparatedVoices, separation_of
from qc_pipeline.audio.runtime import prepare_runtime
from qc_pipeline.call import Span
from qc_pipeline.errors import RecordingError, UsageError
from qc_pipeline.message import Message

_EXTRA = "pip install 'qc-pipeline[diarize]'"
_PARTIES = 2
# What the library reads from the models' metadata, and cannot do without (its 2.0 sources:
# offline-speaker-segmentation-pyannote-model.cc, speaker-embedding-extractor-*model.cc).
_SEGMENTATION_KEYS = (
    "num_classes",
    "num_speakers",
    "powerset_max_classes",
    "receptive_field_shift",
    "receptive_field_size",
    "sample_rate",
    "window_size",
)
_EMBEDDING_KEYS = ("framework", "output_dim", "sample_rate")
_FRAMEWORKS = ("wespeaker", "3d-speaker", "nemo")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerSpan:
    """A span that the library gave to a speaker (0 or 1). In seconds."""

    start_s: float
    end_s: float
    speaker: int


def diarizer_version() -> str:
    """The version of sherpa-onnx. Raises UsageError where the extra is not installed."""
    try:
        return version("sherpa-onnx")
    except PackageNotFoundError:
        raise UsageError(
            f"`[asr.separation]` needs sherpa-onnx, which is not installed: {_EXTRA}, or leave "
            "the table out to use the separation that needs no weights."
        ) from None


class Diarizer:
    """The two models, loaded."""

    def __init__(self, segmentation: Path, embedding: Path, *, threads: int) -> None:
        """Load the models. Raises UsageError, in one sentence, when that cannot be done."""
        diarizer_version()
        _check("segmentation", segmentation, _SEGMENTATION_KEYS)
        notes = _check("embedding", embedding, _EMBEDDING_KEYS)
        if notes["framework"] not in _FRAMEWORKS:
            raise UsageError(
                f"`[asr.separation] embedding` {embedding} is a model of {notes['framework']}; "
                f"sherpa-onnx takes {', '.join(_FRAMEWORKS)}."
            )
        import sherpa_onnx as sherpa

        config = sherpa.OfflineSpeakerDiarizationConfig(
            segmentation=sherpa.OfflineSpeakerSegmentationModelConfig(
                pyannote=sherpa.OfflineSpeakerSegmentationPyannoteModelConfig(
                    model=str(segmentation)
                ),
                num_threads=threads,
            ),
            embedding=sherpa.SpeakerEmbeddingExtractorConfig(
                model=str(embedding), num_threads=threads
            ),
            clustering=sherpa.FastClusteringConfig(num_clusters=_PARTIES),
        )
        try:
            self._model = sherpa.OfflineSpeakerDiarization(config)
        except (RuntimeError, ValueError) as error:
            raise UsageError(
                f"the models of `[asr.separation]` cannot be loaded: {_line(error)}"
            ) from error

    def separate(self, decoded: Decoded, channel: int, regions: Sequence[Span]) -> SeparatedVoices:
        """The speech regions of a channel, each stretch of them given to one of two voices.

        Raises RecordingError (stage "audio") when the library fails on the recording.
        """
        if not regions:
            return SeparatedVoices(voices=((), ()))
        samples = decoded.at_16k(channel, 0, decoded.length_16k)
        try:
            said = self._said(samples)
        except (RuntimeError, ValueError) as error:
            reason = Message.of("audio.not-separated", error=_line(error))
            raise RecordingError("audio", reason) from error
        return separation_of(regions, [_speakers(region, said) for region in regions])

    def _said(self, samples: npt.NDArray[np.float32]) -> list[SpeakerSpan]:
        found = self._model.process(samples)
        return [
            SpeakerSpan(start_s=s.start, end_s=s.end, speaker=min(int(s.speaker), _PARTIES - 1))
            for s in found.sort_by_start_time()
        ]


def _speakers(region: Span, said: Sequence[SpeakerSpan]) -> npt.NDArray[np.int64]:
    """Who speaks in each 10 ms of a region; shape (frames,).

    Where two were found at once, the one who began later: an answer laid over a sentence. Where
    nobody was found, whoever was found nearest: the voice detector heard somebody there.
    """
    count = max(round((region[1] - region[0]) / STEP_S), 1)
    times = region[0] + (np.arange(count) + 0.5) * STEP_S
    if not said:
        return np.zeros(count, dtype=np.int64)
    near = [s for s in said if s.end_s > region[0] and s.start_s < region[1]] or list(said)
    away = np.stack([np.maximum(np.maximum(s.start_s - times, times - s.end_s), 0.0) for s in near])
    # Of several that are equally near, the last to begin.
    best = len(near) - 1 - np.argmin(away[::-1], axis=0)
    speakers = np.array([s.speaker for s in near], dtype=np.int64)
    return np.asarray(speakers[best])


def _check(key: str, path: Path, needed: Sequence[str]) -> Mapping[str, str]:
    """The model's notes about itself, every one of `needed` there. Raises UsageError."""
    name = f"`[asr.separation] {key}` {path}"
    if not path.is_file():
        raise UsageError(f"{name} is not there; name the .onnx file of the model.")
    prepare_runtime()
    import onnxruntime

    try:
        session: Any = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base but this
        raise UsageError(f"{name} is not an ONNX model that can be used: {_line(error)}") from error
    notes: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
    missing = [k for k in needed if not notes.get(k)]
    if missing:
        raise UsageError(
            f"{name} does not say its {', '.join(missing)}; take a model that was converted for "
            "sherpa-onnx."
        )
    if notes["sample_rate"] != str(RECOGNISER_HZ):
        raise UsageError(f"{name} listens at {notes['sample_rate']} Hz; {RECOGNISER_HZ} is needed.")
    return notes


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]

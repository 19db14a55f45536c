"""The `[asr]` table of qc.toml: what shall listen, and how carefully."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from qc_pipeline.system.settings_table import SettingsTable, as_tuple

Precision = Literal[
    "auto",
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "float32",
    "float16",
    "bfloat16",
]
Words = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Languages = Annotated[tuple[Language, ...], BeforeValidator(as_tuple)]


class SeparationOptions(SettingsTable):
    """`[asr.separation]`: models of sherpa-onnx that tell two voices of one channel apart.

    Both or neither; paths relative to the workspace. Without them the separation that needs no
    weights is used.
    """

    segmentation: str | None = Field(default=None, min_length=1)
    embedding: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _both(self) -> SeparationOptions:
        if (self.segmentation is None) != (self.embedding is None):
            raise ValueError("both `segmentation` and `embedding`, or neither")
        return self

    @property
    def named(self) -> bool:
        """Whether models are named. Their library cannot be interrupted inside our process."""
        return self.segmentation is not None

    def models(self, root: Path) -> tuple[Path, Path] | None:
        """The files of the two models, segmentation first; None where none are named."""
        if self.segmentation is None or self.embedding is None:
            return None
        return root / Path(self.segmentation).expanduser(), root / Path(self.embedding).expanduser()


class AsrOptions(SettingsTable):
    """Settings of the recogniser; every one of them has a default.

    `model` is a folder (relative to the workspace), the name of a fetched model, or "sample".
    `hotwords` is a fixed list; it never comes from a rubric, or editing a rubric would change what
    was heard. `initial_prompt` is a sentence or two in the manner of the calls; it and the hotwords
    are taken only where nothing is lost by them. `terms` are the centre's own names: they and the
    hotwords are put right by their sound after hearing, where they were doubtful. `language` may be
    "auto"; `languages` name those that calls may be in, also in part.
    `agent_phrases` are the company's own phrases, used to tell which party is the agent.
    `window_s` is how much speech is decoded at once (default: 30 s; less for the sample model).
    `doubtful_below` is the confidence below which a word is doubtful (default: what `qc model try`
    measured for the model, else 0.85).
    `dither_db` lays faint noise under the speech of MP3 recordings, so many dB against its level
    (default: none; some for the sample model).
    `speakers` maps the speaker marks of transcripts made elsewhere to roles. `mix_calls` lets
    windows of several calls share a batch where that moves the last digits of confidences (a GPU,
    float32); in int8 on a processor it moves nothing, and they share it anyway. `least_heard` is
    the share of a party's speech below which a call is not judged (docs/trust.md); it changes
    nothing of what is heard.
    """

    backend: Literal["faster-whisper", "imported"] = "faster-whisper"
    model: str = Field(default="small", min_length=1)
    language: str = Field(default="zh", pattern=r"^(auto|[a-z]{2,3})$")
    languages: Languages = ()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Precision = "auto"
    hotwords: Words = ()
    initial_prompt: str = Field(default="", max_length=500)
    terms: Words = ()
    doubtful_below: float | None = Field(default=None, ge=0.0, le=1.0)
    agent_phrases: Words = ()
    speakers: dict[str, Literal["agent", "customer"]] = Field(default_factory=dict)
    assumed_confidence: float = Field(default=0.7, ge=0.0, le=1.0)
    least_heard: float = Field(default=0.85, ge=0.0, le=1.0)
    role_certainty: float = Field(default=0.7, ge=0.5, le=1.0)
    beam_size: int = Field(default=5, ge=1, le=20)
    window_s: float | None = Field(default=None, ge=5.0, le=30.0)
    dither_db: float | None = Field(default=None, ge=-60.0, le=-15.0)
    batch_size: int = Field(default=8, ge=1, le=128)
    mix_calls: bool = False
    separation: SeparationOptions = SeparationOptions()
    threads: int = Field(default=0, ge=0, le=256)

    @field_validator("hotwords", "terms", "agent_phrases")
    @classmethod
    def _no_blank_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if any(not w.strip() for w in words):
            raise ValueError("an empty entry; leave it out")
        return words

    @property
    def spelled(self) -> tuple[str, ...]:
        """Words that are put right by their sound after hearing, where they were doubtful."""
        return (*self.terms, *self.hotwords)

    def decoding(self) -> dict[str, Any]:
        """The options that change what is heard: part of a transcript's identity.

        Those of which there are none are left out, or every transcript made before they came would
        be made again.
        """
        later: dict[str, Any] = {
            "initial_prompt": self.initial_prompt,
            "languages": list(self.languages),
            "terms": list(self.terms),
        }
        bound = self.doubtful_below if self.spelled else None
        return {
            **{name: value for name, value in later.items() if value},
            **({} if bound is None else {"doubtful_below": bound}),
            "agent_phrases": list(self.agent_phrases),
            "batch_size": self.batch_size,
            "beam_size": self.beam_size,
            "hotwords": list(self.hotwords),
            "mix_calls": self.mix_calls,
            "role_certainty": self.role_certainty,
        }

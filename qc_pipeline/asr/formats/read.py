"""A file with a transcript → a Transcript; the format is known by what is in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from qc_pipeline.asr.formats import alibaba, aws, funasr, own, subtitles, whisper_json
from qc_pipeline.asr.formats.common import FoundTranscript, assemble
from qc_pipeline.call import Transcript
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.system.json_text import read_json

FORMATS = (
    "qc-transcript/1",
    "WhisperX and faster-whisper JSON",
    "FunASR JSON",
    "Alibaba Cloud (recording-file recognition, Paraformer) JSON",
    "AWS Transcribe Call Analytics JSON",
    "SRT and WebVTT with [agent] and [customer] marks",
)

# The order matters only where one file could be two things; each tells its own by its keys.
_NEITHER = "is neither JSON nor subtitles"
_JSON_READERS = (aws, alibaba, funasr, whisper_json)


def read_transcript(
    path: Path,
    *,
    recording_id: str | None = None,
    language: str | None = None,
    speakers: Mapping[str, str] = MappingProxyType({}),
    agent_phrases: Sequence[str] = (),
    role_certainty: float = 0.7,
) -> Transcript:
    """The transcript in a file, whoever made it.

    `recording_id` and `language` stand above what the file says (default: the file's name without
    its ending, zh). `speakers` maps the file's marks to "agent" or "customer". Raises InputError
    with every fault of the file.
    """
    name = str(path)
    text = _text(path)
    default_id = path.stem
    if not subtitles.recognises(text):
        body = read_json(text, name, message=_NEITHER)
        if own.recognises(body):
            return own.read(body, name, recording_id, default_id)
        reader = next((r for r in _JSON_READERS if r.recognises(body)), None)
        if reader is None:
            raise InputError(
                [
                    Problem(
                        path=name,
                        message="is not a transcript in a format we know",
                        allowed="; ".join(FORMATS),
                    )
                ]
            )
        found: FoundTranscript = reader.read(body, name)
    else:
        found = subtitles.read(text, name)
    return assemble(
        found,
        path=name,
        recording_id=recording_id or default_id,
        language=language,
        speakers=speakers,
        agent_phrases=agent_phrases,
        role_certainty=role_certainty,
    )


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise InputError([Problem(path=str(path), message="no such file")]) from None
    except OSError as error:
        raise InputError([Problem(path=str(path), message=f"{error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(path=str(path), message="is not UTF-8 text")]) from None
    if not text.strip():
        raise InputError([Problem(path=str(path), message="is empty")])
    return text

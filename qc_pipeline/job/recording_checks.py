"""What does not fit between a sample's calls and their recordings, told before anybody is scored.

One recording under two calls would be held against two people; a list that says another length than
the recording has either names the wrong file or lost a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qc_pipeline.audio.decode import probe
from qc_pipeline.audio.missing_sound import bounded_s, lengths_differ
from qc_pipeline.call import Recording
from qc_pipeline.errors import RecordingError
from qc_pipeline.job.progress import Progress
from qc_pipeline.message import Message, some
from qc_pipeline.period.file_hashes import FileFacts
from qc_pipeline.period.state import recording_path
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.workspace.open_workspace import Workspace


def tell_of_recordings(workspace: Workspace, kept: KeptSample, progress: Progress) -> None:
    """Say which drawn calls have one recording, and which have another length than listed."""
    drawn = workspace.calls.find([p.recording_id for p in kept.sample.picks])
    for message in recording_doubts(workspace, drawn):
        progress.say(message)


def recording_doubts(workspace: Workspace, drawn: Mapping[str, Recording]) -> tuple[Message, ...]:
    """What is to be told of drawn calls, by id, whose recordings lie there."""
    facts = FileFacts(workspace.cache)
    listed = {k: r for k, r in sorted(drawn.items()) if r.path}
    facts.foresee(recording_path(workspace, r) for r in listed.values())
    sounds: dict[str, str] = {}
    lengths: list[Message] = []
    for name, recording in listed.items():
        path = recording_path(workspace, recording)
        try:
            sounds[name] = facts.sha256(path)
            length_s = bounded_s(facts.duration_s(path, lambda p: probe(p).duration_s))
        except RecordingError:
            continue  # told as a failure where it is listened to
        if length_s is None:
            continue
        told = lengths_differ(read_s=length_s, talk_s=length_s, listed_s=recording.duration_s)
        if told is not None:
            lengths.append(Message.of("recordings.length", recording=name, why=told))
    return (*one_sound(sounds), *lengths)


def one_sound(sounds: Mapping[str, str]) -> Iterator[Message]:
    """A message for every recording that stands under several calls; `sounds`: hashes by id."""
    calls: dict[str, list[str]] = {}
    for name, sha256 in sorted(sounds.items()):
        calls.setdefault(sha256, []).append(name)
    for names in calls.values():
        if len(names) > 1:
            yield _one(names)


def _one(names: Sequence[str]) -> Message:
    return Message.of("recordings.one-sound", n=len(names), names=some(names))

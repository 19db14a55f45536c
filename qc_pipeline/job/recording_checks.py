"""What does not fit between a sample's calls and their recordings, told before anybody is scored.

One recording under two calls would be held against two people; a list that says another length than
the recording has either names the wrong file or lost a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from qc_pipeline.audio.decode import probe
from qc_pipeline.audio.missing_sound import bounded_s, lengths_differ
from qc_pipeline.audio.same_recording import alike_pairs
from qc_pipeline.call import Recording
from qc_pipeline.errors import RecordingError
from qc_pipeline.job.progress import Progress
from qc_pipeline.message import Message, some
from qc_pipeline.period.file_hashes import FileFacts
from qc_pipeline.period.state import recording_path
from qc_pipeline.period.transcript_lookup import TranscriptionRef
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.store.transcriptions import envelopes_of
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


def one_sound(
    hashes: Mapping[str, str], envelopes: Mapping[str, bytes] = MappingProxyType({})
) -> Iterator[Message]:
    """A message for every recording that stands under several calls.

    `hashes`: of the bytes, by call; `envelopes`: of calls that were listened to, in which the same
    sound shows whatever it is coded in.
    """
    head = {name: name for name in sorted(hashes.keys() | envelopes.keys())}

    def first(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    by_hash: dict[str, str] = {}
    for name, sha256 in sorted(hashes.items()):
        head[first(name)] = first(by_hash.setdefault(sha256, name))
    for one, other in sorted(alike_pairs(envelopes)):
        head[first(other)] = first(one)
    calls: dict[str, list[str]] = {}
    for name in head:
        calls.setdefault(first(name), []).append(name)
    for names in calls.values():
        if len(names) > 1:
            yield Message.of("recordings.one-sound", n=len(names), names=some(names))


def heard_twice(
    record: Reads, transcriptions: Mapping[str, TranscriptionRef], *, told: bool = False
) -> tuple[Message, ...]:
    """The same of calls that were listened to, by id; `told`: but for what bytes alone had told."""
    heard = {k: ref.row for k, ref in transcriptions.items()}
    bodies = envelopes_of(record, {row.identity_sha256 for row in heard.values()})
    hashes = {k: row.audio_sha256 for k, row in heard.items()}
    found = one_sound(
        hashes,
        {k: bodies[i] for k, row in heard.items() if (i := row.identity_sha256) in bodies},
    )
    before = set(one_sound(hashes)) if told else set()
    return tuple(m for m in found if m not in before)

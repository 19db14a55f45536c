"""One sentence for every verdict: what was expected, what was found, and when."""

from __future__ import annotations

from collections.abc import Sequence

from qc_pipeline.call import Doubt, DoubtReason
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, Search
from qc_pipeline.scoring.evidence.terms import PARTY_WORDS, Words
from qc_pipeline.scoring.evidence.timing import clock

_SHOWN_HITS = 2
QUOTE_CHARS = 30


def found(outcome: Outcome, language: str) -> str:
    """What was found in the call: the first hits with their words, and how many there are."""
    told = [_hit(hit, language) for hit in outcome.hits[:_SHOWN_HITS]]
    if not told:
        told = [e.quote for e in outcome.measured[:_SHOWN_HITS] if e.quote]
    text = _joined(told, language)
    if len(outcome.hits) > _SHOWN_HITS:
        n = len(outcome.hits)
        text += f" ({n} in all)" if language.startswith("en") else f"（共{n}处）"
    return text


def _joined(told: Sequence[str], language: str) -> str:
    if len(told) == 1:
        return told[0]
    return ("; " if language.startswith("en") else "；").join(told)


def failed(outcome: Outcome, language: str) -> str:
    """Why points are lost: what was found, or what was looked for in vain and where."""
    told = []
    if outcome.hits:
        told.append(found(outcome, language))
    told.extend(_search(search, language) for search in outcome.searched[:_SHOWN_HITS])
    if not told:
        told = [e.quote for e in outcome.measured[:_SHOWN_HITS] if e.quote]
    return _joined(told, language)


def missing(parts: Sequence[Outcome], language: str) -> str:
    """Why members of an `all` are missed."""
    return _joined([failed(part, language) for part in parts], language)


def not_applicable(applies: Words, language: str) -> str:
    return Words(f"不适用：{applies.zh}不成立", f"not applicable: not so that {applies.en}").of(
        language
    )


def unscorable(why: Words | None, language: str) -> str:
    if why is None:
        return Words("无法判断", "cannot be judged").of(language)
    return Words(f"无法判断：{why.zh}", f"cannot be judged: {why.en}").of(language)


def held(
    reason: str,
    language: str,
    evidence: Sequence[Evidence],
    least: tuple[float, float],
    doubt: Doubt | None = None,
) -> str:
    """A finding that a person decides, with what is doubtful about it: the words, or how surely it
    is known that nothing was said, or who spoke. `least` are the certainties that a finding and an
    absence need.
    """
    why = _doubtful(evidence, *least) if doubt is None else _WHO_SPOKE[doubt.reason]
    if language.startswith("en"):
        return f"{reason} ({why.en}: a person decides)"
    return f"{reason}（{why.zh}，待人工确认）"


def _doubtful(evidence: Sequence[Evidence], said: float, not_said: float) -> Words:
    words = next((e for e in evidence if e.doubt), None)
    if words is not None:
        heard, phrase = _cut(words.doubt), _cut(words.phrase or words.quote)
        if words.tier == 1:
            return Words(f"“{heard}”听得不准", f"“{heard}” was not heard surely")
        return Words(
            f"“{heard}”听得不准，可能是“{phrase}”",
            f"“{heard}” was not heard surely and may be “{phrase}”",
        )
    alike = next((e for e in evidence if e.kind is EvidenceKind.SAID and e.tier is None), None)
    if alike is not None:
        sentence, phrase = _cut(alike.quote), _cut(alike.phrase or "")
        return Words(
            f"这句话算不算“{phrase}”：“{sentence}”", f"does “{sentence}” count as “{phrase}”"
        )
    absent = next((e for e in evidence if e.kind is EvidenceKind.ABSENT), None)
    if absent is not None and absent.certainty < not_said:
        return Words(
            f"这段话听得不够准（{absent.certainty:.2f}，低于{not_said:g}），不能断定没说",
            f"heard at {absent.certainty:.2f}, below {not_said:g}: not sure that it was not said",
        )
    if any(e.kind is EvidenceKind.MEASURE and e.certainty < not_said for e in evidence):
        return _AROUND
    if any(e.kind is not EvidenceKind.ABSENT and e.certainty < said for e in evidence):
        return _UNSURE
    return _A_PERSON_LISTENS


_AROUND = Words(
    "前后的话听得不够准，可能事先说过", "what stands around it was not heard surely enough"
)
_UNSURE = Words("把握不足", "not sure enough")
_A_PERSON_LISTENS = Words("这类情况由人听后判断", "a person listens and decides on such words")
_WHO_SPOKE = {
    DoubtReason.SECOND_VOICE: Words(
        "该方声音里不止一人说话", "more than one person speaks as this party"
    ),
    DoubtReason.ALIKE: Words(
        "单声道中两人声音相近，分不清谁在说话",
        "one channel, and the voices are too alike to tell who speaks",
    ),
    DoubtReason.SEPARATION: Words(
        "单声道中两方的话分不清", "one channel, and the parties are not told apart"
    ),
    DoubtReason.LANGUAGE: Words(
        "该方说的似乎是另一种语言", "this party seems to speak another language"
    ),
    DoubtReason.ROLE: Words("哪一方是坐席未能确定", "which voice is the agent is not certain"),
}


def _hit(hit: Hit, language: str) -> str:
    evidence = hit.trigger or hit.evidence
    text = _evidence(evidence[0], language) if evidence else clock(hit.start_s)
    if hit.note is not None:
        english = language.startswith("en")
        return f"{text}; {hit.note.en}" if english else f"{text}，{hit.note.zh}"
    return text


def _evidence(evidence: Evidence, language: str) -> str:
    at = clock(evidence.start_s)
    quote = _cut(evidence.quote)
    if evidence.kind is EvidenceKind.MEASURE:
        return f"{at}: {quote}" if language.startswith("en") else f"{at} {quote}"
    who = PARTY_WORDS[str(evidence.speaker)] if evidence.speaker else PARTY_WORDS["any"]
    english = language.startswith("en")
    said = f"{at}: {who.en} said “{quote}”" if english else f"{at} {who.zh}说“{quote}”"
    if evidence.phrase is None or evidence.phrase == evidence.quote:
        return said
    phrase = _cut(evidence.phrase)
    return f"{said} (for “{phrase}”)" if english else f"{said}（对应“{phrase}”）"


def _search(search: Search, language: str) -> str:
    a, b = clock(search.start_s), clock(search.end_s)
    what = search.what()
    near = "、".join([f"“{_cut(e.quote)}”" for e in search.almost[:2]])
    if language.startswith("en"):
        text = f"not found between {a} and {b} that {what.en}"
        if near:
            text = f"{text}, though nearly: {near}"
        return f"{text}; the recording begins in the middle of speech" if search.cut_in else text
    text = f"{a}–{b}未发现{what.zh}"
    if near:
        text = f"{text}，但听到近似的{near}"
    return f"{text}，录音从话中开始" if search.cut_in else text


def _cut(text: str) -> str:
    return text if len(text) <= QUOTE_CHARS else f"{text[: QUOTE_CHARS - 1]}…"

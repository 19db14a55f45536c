"""The words around a time in English: whether it is promised, lies behind us, or is a habit.

Judged by the words of the same sentence near the time; recognisers often write no punctuation, so
that only a few words on each side count.
"""

from __future__ import annotations

import re

_NEAR = 7
"""Words before a time that are looked at."""
_SENTENCE = re.compile(r"[.!?;](?:\s|$)")
_WORD = re.compile(r"[a-z0-9']+")

_TO_COME = (
    "will ll won would shall can could may might should going gonna expect allow within in takes"
    " take taking by before until please next need needs must let able aim aiming plan planned"
    " scheduled schedule arriving available ready due deliver delivery shipping arrive arrives"
    " be latest usually normally typically generally"
)
_OF_THE_PAST = (
    "was were had did been took taken waited waiting spent lasted lasts lost wasted kept"
    " ago called came got received sent spoke saw made happened went told said started"
    " opened ordered paid charged posted debited processed placed tried since already bought"
    " reported declined emailed contacted requested noticed"
)
# It will be sent on Friday.
_SOON_AFTER = frozenset(["will", "ll", "going", "should"])
_AHEAD = frozenset(_TO_COME.split())
_BEHIND = frozenset(_OF_THE_PAST.split())
# It was supposed to be here Monday; the payment from Friday, the charge on November third.
_WAS_TO = re.compile(r"\b(?:was|were) (?:supposed|meant|going|expected|due)\b[^.?!]{0,24}$")
_NAMES_WHICH = re.compile(
    r"\bfrom $|\b(?:transactions?|charges?|payments?|purchases?|deposits?|withdrawals?|fees?) $"
)
_PAST_AFTER = re.compile(
    r",? (?:ago|earlier|prior|previously|before|late|overdue|old|already|now|in a row|straight"
    r"|consecutively|long|tall|worth|each|per|apart|in advance|at a time|notice|and counting"
    r"|later (?:it|he|she|they|the|i|we) (?:was|were|had|still)"
    r"|(?:a|every|each) (?:day|week|month|year)|line|hotline"
    r"|service|support|access|banking|warranty|guarantee|trial|contract|plan|subscription|free"
    r"|passed|went by|have passed|has passed|we have been|you have been|you've been|of waiting)\b"
)
_OF = re.compile(r" of\b")
_OF_LIMIT = re.compile(r"\b(?:within|in|inside)(?: the)?(?: (?:first|next))? $")
_OUT_BEFORE = re.compile(
    r"\b(?:last|past|previous|first|recent|every|each|other|per|these|those|once|twice|times?|day|for"
    r"|the|open|available|open for|available for|here|only had|since|covers?|lasts?)"
    r"(?: (?:last|past|previous|first|few))?(?: (?:about|around|almost|nearly|over|just|only|like"
    r"|up to|than|at least))? $"
)
_MORE_THAN = re.compile(r"\b(?:more than|longer than|over|later than|beyond|exceeds?) $")
_NOT_MORE = re.compile(
    r"\b(?:no|not|n't|never|shouldn't|won't|don't|doesn't|can't)\b[^.?!]{0,24}"
    r"\b(?:more than|longer than|over|later than|beyond|exceeds?) $"
)
_HOLDING = re.compile(
    r"\b(?:please|could you|can you|would you|will you|may i|can i|could i|going to|i'll|i will"
    r"|let me|need to|have to|want to|mind|you could|like to)\b[^.?!]{0,32}"
    r"\b(?:hold|holding|wait|waiting|line|stay|staying|allow|with me|back|patience)\b"
    r"[^.?!]{0,8}\bfor (?:about |around |just |another |only |like |at least |up to )*$"
)
_FRAME = re.compile(
    r"\b(?:in|within|inside|after|under|about|around|approximately|roughly|maybe|probably|like"
    r"|up to|take|takes|taking|be|less than|more than|another|give (?:it|us|me|them)"
    r"|allow|allow for"
    r"|usually|typically|normally|generally|expect|only|just|next|or|to)"
    r"(?: (?:about|around|roughly|maybe|just|only|up to|less than|more than|like|approximately))* $"
)
_SURE_FRAME = re.compile(r"\b(?:within|inside|under|less than|no more than|in under)(?: about)? $")
_ADJECTIVE_OF = re.compile(
    r"[ -](?:period|window|turnaround|time ?frame|processing|delivery|shipping|wait)\b"
)
_IN = re.compile(r"\b(?:in|within|inside|up to|takes?|about)(?: (?:a|an|the|about|around))* $")
_GREETING_BEFORE = re.compile(
    r"\b(?:help\w*|assist\w*|serv\w*|all|else|do for you|doing|are you|is your|calling|speaking"
    r"|having|taking care|good|great|how is|how's|to you|nice|lovely|wonderful|call|calls|day)\b"
    r"[^.?!]{0,28}$"
)
_HELP_BEFORE = re.compile(
    r"\b(?:help\w*|assist\w*|serv\w*|be all|be it|anything else|something else)\b[^.?!]{0,40}$"
)
_WILL_AFTER = re.compile(r",? (?:we|i|you|he|she|they|it|someone|somebody)(?: will|'ll|'re going)")
PRAISED = re.compile(r"\b(?:black|good|cyber|happy|great|nice|lovely|wonderful|ash|casual) $")
OPEN_BEFORE = re.compile(r"\b(?:open|closed|close|closing|hours) (?:on |every |all )?$")
RANGE_AFTER = re.compile(
    r"(?:s)? ?(?:to|through|thru|till|until|-|and|or) ?"
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|s\b| (?:hours|bill|statement)\b"
)
RANGE_BEFORE = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days? ?(?:to|through|thru|-|and) ?$"
)
_SERVICE_BEFORE = re.compile(
    r"\b(?:open|opens|opening|close|closes|closed|closing|hours|operate|work|working|from|weekdays"
    r"|daily|available|daytime)\b[^.?!]{0,24}$"
)
_SERVICE_AFTER = re.compile(
    r" ?(?:to|through|until|till|-) ?(?:[0-9]|midnight|noon|one|two|three|four|five|six|seven|eight"
    r"|nine|ten|eleven|twelve)"
    r"|[^.?!]{0,10}\b(?:monday|weekdays|every day|daily|eastern|seven days)\b"
)


def is_ordered(
    low: str, start: int, end: int, *, article: bool, way_of_speaking: bool, adjective: bool
) -> bool:
    """Whether a length of time at `start` to `end` of a folded text is one that is promised."""
    before, after = _before(low, start), low[end:]
    if way_of_speaking and not _SURE_FRAME.search(before):
        return False
    if _PAST_AFTER.match(after):
        return False
    if _OF.match(after) and not _OF_LIMIT.search(before):
        return False
    if adjective and not _IN.search(before) and not _ADJECTIVE_OF.match(after):
        return False
    if adjective and not _IN.search(before) and re.match(r"[ -]wait", after):
        return False
    if _MORE_THAN.search(before) and not _NOT_MORE.search(before):
        return False
    if _OUT_BEFORE.search(before) and not (_HOLDING.search(before) or _NOT_MORE.search(before)):
        return False
    if article and not _FRAME.search(before):
        return False
    return not lies_behind(low, start, end)


def lies_behind(low: str, start: int, end: int) -> bool:
    """Whether the words before a time speak of the past, and none after them of what is to come."""
    before = _before(low, start)
    if _WAS_TO.search(before) or _NAMES_WHICH.search(before):
        return True
    words = _near(low, start, end)
    behind = max((i for i, w in enumerate(words) if w in _BEHIND), default=-1)
    if behind < 0:
        return _said_after(low, end)
    if any(w in _AHEAD for w in words[behind + 1 :]):
        return False
    return not any(
        w in ("will", "ll", "going", "should") for w in words[max(0, behind - 2) : behind]
    )


def looks_ahead(low: str, start: int, end: int) -> bool:
    """Whether something is to be done then, by the words before; or a short answer of itself."""
    words = _near(low, start, end)
    if any(w in _AHEAD - {"in", "can", "could", "please", "let", "would"} for w in words):
        return True
    after = re.match(
        r",? (?:we|i|you|he|she|they|it|someone|somebody)(?: will|'ll|'re going)", low[end:]
    )
    return after is not None or len(_WORD.findall(low)) <= 4


def is_greeting(low: str, start: int, end: int) -> bool:
    """How can I help you today, thank you for calling this afternoon, have a good weekend."""
    before = _before(low, start)
    if _HELP_BEFORE.search(before):
        return True
    found = _GREETING_BEFORE.search(before)
    return found is not None and not re.search(r"\b(?:will|ll|going to)\b[^.?!]*$", before)


def hours_of_service(low: str, start: int, end: int) -> bool:
    """We are open from nine a.m. to five p.m."""
    return bool(_SERVICE_BEFORE.search(_before(low, start)) or _SERVICE_AFTER.match(low[end:]))


def _said_after(low: str, end: int) -> bool:
    """On Monday you called; this morning we received it."""
    after = _SENTENCE.split(low[end:])[0]
    words = _WORD.findall(after.replace("'", " "))[:4]
    for word in words:
        if word in _AHEAD:
            return False
        if word in _BEHIND - {"made", "kept"}:
            return True
    return False


def _before(low: str, start: int) -> str:
    """What stands before in the same sentence."""
    ends = [m.end() for m in _SENTENCE.finditer(low, 0, start)]
    return low[ends[-1] if ends else 0 : start]


def _near(low: str, start: int, end: int) -> list[str]:
    """The last words before a time and those of the time itself, apostrophes opened."""
    before = _before(low, start).replace("'", " ")
    return [*_WORD.findall(before)[-_NEAR:], *_WORD.findall(low[start:end])[:1]]

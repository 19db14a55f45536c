"""What an editor shows while a rubric is written: a sentence for every operator and key.

A key that says different things in different places has a text of its own under
"operator.key" or "Model.key".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OPERATOR_HELP: Mapping[str, str] = {
    "said": "Holds when the speaker uttered the phrases: one of `any`, `all`, `at_least`.",
    "matches": "Holds when a regular expression (RE2) is found in a turn.",
    "follows_script": "Holds when the lines of a script were said.",
    "similar": "Holds when a clause is worded nearly like one of the sentences.",
    "repeats": "Holds when the speaker says nearly the same again.",
    "reads_back": "Holds when the speaker says a number, digit by digit, in order: that of "
    "`field`, or the one just `heard_from` the other.",
    "names_time_limit": "Holds when a number with a unit, a date, a weekday or part of a day was "
    "promised; 尽快, 稍后 and the like are none.",
    "discloses": "Holds when a number with valid check digits is spoken out.",
    "silence": "Holds when nobody speaks between turns.",
    "interrupts": "Holds when the speaker starts while the other is talking and goes on. Needs two "
    "channels.",
    "speech_rate": "Characters (zh) or words (en) a minute of speaking time: `above`, `below`.",
    "louder_than_other": "Holds when the speaker is louder than the other party by `db`.",
    "raised_voice": "Holds when the speaker is louder than their own median by `db`.",
    "pitch_range": "Semitones between the 10th and the 90th percentile of the voice.",
    "talk_share": "The speaker's share of all speaking time, 0 to 1.",
    "response_time": "Seconds before the speaker answers: `above`, `below`.",
    "hangs_up": "Holds when the speaker ended the call; needs the call field `hangup_by`.",
    "call": "Fields of the call list: a value, or a test such as {above: 60}. Without the field: "
    "unscorable.",
    "all": "Holds when every condition of the list holds.",
    "any": "Holds when one condition of the list holds.",
    "not": "Holds when the condition does not.",
    "sequence": "Holds when each condition has a hit that starts after the former's; `within` may "
    "stand beside it.",
    "before": "Holds when `then` has a hit before the first hit of `first`.",
    "whenever": "After every hit of the trigger, `then` holds `within` the time; no trigger: "
    "not applicable.",
}

KEY_HELP: Mapping[str, str] = {
    "by": "Who: agent, customer, or any.",
    "any": "One of these phrases is enough: a list, or a $name.",
    "all": "All of these phrases: a list, or a $name.",
    "at_least": "How many, or which share.",
    "said.at_least": "So many different ones of a list: {n: 2, of: […]}.",
    "follows_script.at_least": "The share of the lines that is enough, 0 to 1.",
    "similar.at_least": "How alike, 0 to 1.",
    "n": "How many different ones.",
    "of": "Out of these phrases: a list, or a $name.",
    "within": "Where in the call: one of first_seconds, last_seconds, first_turns, last_turns, "
    "between, percent.",
    "whenever.within": "How soon after the trigger: {turns: 3} or {seconds: 60}.",
    "sequence.within": "How soon all of it: {seconds: 60}.",
    "repeats.within": "Within so many of the speaker's own turns.",
    "condition.only_held": "What fails by this condition is held for a person, never deducted.",
    "match": "How loosely: near (zh), homophone (the same sound), exact (the text itself).",
    "unless": "Phrases in the same turn that cancel the hit: a list, or a $name.",
    "unless_said": "Phrases in the last turn of either before it that cancel it.",
    "times": "How often at least.",
    "regex": "RE2 syntax: no look-around, no back references.",
    "not_regex": "A turn that also matches this does not count.",
    "script": "A script: $name, or lines with '|' between wordings.",
    "in_order": "Whether the order of the lines counts.",
    "similarity": "How alike, 0 to 1.",
    "min_chars": "Shorter ones do not count.",
    "to": "Sentences to compare with.",
    "field": "The call field that holds the number.",
    "heard_from": "The digits this party has just said.",
    "last": "So many last digits are enough.",
    "at_most": "The longest limit that counts, such as '3 working days'.",
    "what": "Which numbers: id_card, bank_card, phone.",
    "longer_than": "Seconds.",
    "after": "Who spoke last before it.",
    "overlap": "Seconds of talking over each other.",
    "gave_way": "Whether the other must have stopped.",
    "above": "More than this.",
    "below": "Less than this.",
    "over": "The whole call, or each turn.",
    "db": "Decibels.",
    "first": "What comes second: before its first hit `then` must have one.",
    "response_time.first": "The first answer only.",
    "then": "What must hold.",
    "before.then": "What must come first.",
    "sooner_than": "Seconds after the other's last word.",
    "first_seconds": "Seconds from the agent's first word.",
    "last_seconds": "Seconds before the last word.",
    "first_turns": "The first turns of that speaker.",
    "last_turns": "The last turns of that speaker.",
    "between": "Seconds from and to: [30, 90].",
    "percent": "Per cent of the call from and to: [0, 20].",
    "turns": "So many turns.",
    "AnswerSpan.turns": "The rest of the trigger's own turn and so many turns of the party that "
    "`then` names; 嗯 and 好的 alone are none.",
    "seconds": "So many seconds.",
    "in": "One of these values.",
    "matches": "A regular expression (RE2) that is found in the value.",
    "missing": "true: the call list has no value there. false: it has one.",
    "review_below": "Findings less certain than this are held for a person: {said: 0.6, not_said: "
    "0.8}, or one number for both.",
    "TestMeasures.agent": "The agent's figures, such as {level_db: -20, pitch_range_st: 3}.",
    "TestMeasures.customer": "The customer's figures, such as {level_db: -26}.",
    "TestMeasures.call": "Figures of the call.",
}

# What is written first: an editor puts it in with the operator and leaves the cursor in it.
SNIPPETS: Mapping[str, Mapping[str, Any]] = {
    "said": {"by": "${1:agent}", "any": ["$2"]},
    "matches": {"by": "${1:agent}", "regex": "$2"},
    "follows_script": {"by": "${1:agent}", "script": "$2"},
    "similar": {"by": "${1:agent}", "to": ["$2"]},
    "repeats": {"by": "${1:customer}", "times": "${2:2}"},
    "reads_back": {"by": "${1:agent}", "heard_from": "${2:customer}"},
    "names_time_limit": {"by": "${1:agent}"},
    "discloses": {"by": "${1:agent}", "what": ["${2:phone}"]},
    "silence": {"longer_than": "${1:20}"},
    "interrupts": {"by": "${1:agent}"},
    "speech_rate": {"by": "${1:agent}", "above": "${2:300}"},
    "louder_than_other": {"by": "${1:agent}", "db": "${2:6}"},
    "raised_voice": {"by": "${1:agent}", "db": "${2:6}"},
    "pitch_range": {"by": "${1:agent}", "below": "${2:3}"},
    "talk_share": {"by": "${1:agent}", "above": "${2:0.8}"},
    "response_time": {"by": "${1:agent}", "above": "${2:5}"},
    "hangs_up": {"by": "${1:agent}"},
    "before": {"first": "$1", "then": "$2"},
}


def help_for(place: str, key: str) -> str | None:
    """The text for a key of an operator or a model, None where it has none."""
    return KEY_HELP.get(f"{place}.{key}", KEY_HELP.get(key))

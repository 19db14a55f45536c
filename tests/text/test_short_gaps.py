"""Short phrases with a gap: the tables find what looking at every place would find."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from qc_pipeline.text.hanzi import NEGATIONS
from qc_pipeline.text.short_gaps import ShortGaps
from qc_pipeline.text.similar import alike, alike_codes
from qc_pipeline.text.turn_codes import codes_of

LETTERS = "我电快您不\n"


def places(phrases: list[str], text: str) -> list[tuple[int, int, int]]:
    found = ShortGaps(phrases).find(alike_codes(codes_of(text)))
    return sorted(zip(*[column.tolist() for column in found], strict=True))


def test_a_phrase_of_three_stands_where_two_of_its_syllables_do() -> None:
    # 烧 sounds like 稍 (shao): one syllable of 请稍等 is another in each of these.
    assert places(["请稍等"], "请烧店") == [(0, 2, 0)]
    assert places(["请稍等"], "请说等") == [(0, 1, 0)]
    assert places(["请稍等"], "您烧等") == [(0, 0, 0)]
    assert places(["请稍等"], "请说登") == [(0, 1, 0)]  # 登 sounds like 等
    # All three sound the same: any of them may be the gap.
    assert places(["请稍等"], "请烧灯") == [(0, 0, 0), (0, 1, 0), (0, 2, 0)]
    assert places(["请稍等"], "您说等") == []


def test_longer_phrases_and_single_characters_are_left_out() -> None:
    assert places(["您", "请您稍等"], "您请您稍等") == []


def test_a_not_is_no_gap() -> None:
    assert places(["不管"], "我管") == []
    assert places(["不管"], "不好") == [(0, 1, 0)]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.text(alphabet=LETTERS, max_size=4), max_size=4),
    st.text(alphabet=LETTERS, max_size=14),
)
@example(["我电", "我电快"], "我电快我")
def test_all_places_are_found(phrases: list[str], text: str) -> None:
    heard = alike(text)
    expected = []
    for number, phrase in enumerate(phrases):
        wanted = alike(phrase)
        if not 2 <= len(wanted) <= 3:
            continue
        for begin in range(-1, len(heard)):
            for gap in range(len(wanted)):
                others = [(begin + k, wanted[k]) for k in range(len(wanted)) if k != gap]
                there = all(0 <= at < len(heard) and heard[at] == c for at, c in others)
                if there and phrase[gap] not in NEGATIONS:
                    expected.append((begin, gap, number))
    assert places(phrases, text) == sorted(expected)

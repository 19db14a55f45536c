"""Text that repeats itself as a decoder does that found no way out."""

from __future__ import annotations

_LEAST_REPEATS = 5
_LEAST_OF_ONE = 12
"""People repeat themselves (好的好的好的好的), but not five times; an answer of one syllable
(对对对对对) or a number of eights is no loop before that many."""
_LONGEST_PIECE = 40


def looping_run(text: str) -> tuple[int, int] | None:
    """Where in `text` a piece stands five times or more in a row: (first, end) characters.

    Only letters and digits count, whatever marks stand between. The longest run of all pieces;
    None where nothing repeats.
    """
    places = [n for n, c in enumerate(text) if c.isalnum()]
    letters = [text[n].lower() for n in places]
    best: tuple[int, int] | None = None
    for size in range(1, min(len(letters) // _LEAST_REPEATS, _LONGEST_PIECE) + 1):
        run = 0
        for at in range(size, len(letters) + 1):
            if at < len(letters) and letters[at] == letters[at - size]:
                run += 1
                continue
            length = run + size
            if length >= (_LEAST_REPEATS * size if size > 1 else _LEAST_OF_ONE):
                first = at - length
                if best is None or length > best[1] - best[0]:
                    best = (first, at)
            run = 0
    if best is None:
        return None
    return places[best[0]], places[best[1] - 1] + 1

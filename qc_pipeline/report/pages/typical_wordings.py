"""The typical wordings among many quotations: clusters of alike ones, each by its medoid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLUSTER_LEAST = 4
CLUSTER_MOST = 400
DISTANCE = 0.6
"""Cosine distance of character 1–2-gram tf-idf vectors up to which wordings are one kind
(average linkage); two sentences that share half of their characters in order lie near 0.5."""


_BLANKS = re.compile(r"\s\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typical:
    """`index` is the medoid: the quotation nearest to all others of its kind; `size` how many."""

    index: int
    size: int


def typical(texts: Sequence[str], most: int = 2) -> tuple[Typical, ...]:
    """The biggest kinds of wording, largest first; ties by the earlier quotation.

    Under four quotations nothing is grouped: the first stands for all. Of more than 400 the first
    400 are looked at.
    """
    places = [i for i, text in enumerate(texts) if text.strip()][:CLUSTER_MOST]
    if not places:
        return ()
    if len({texts[i] for i in places}) == 1 or len(places) < CLUSTER_LEAST:
        return (Typical(index=places[0], size=len(places)),)
    import numpy as np

    distances = cosine_distances([texts[i] for i in places])
    labels = kinds(distances)
    found: list[Typical] = []
    for label in sorted(set(labels.tolist())):
        members = np.flatnonzero(labels == label)
        inside = distances[np.ix_(members, members)].sum(axis=1).round(9)
        medoid = int(members[int(inside.argmin())])
        found.append(Typical(index=places[medoid], size=len(members)))
    found.sort(key=lambda k: (-k.size, k.index))
    return tuple(found[:most])


def kinds(distances: NDArray[np.float64]) -> NDArray[np.int32]:
    """The kind of each wording, by average linkage up to `DISTANCE`; `distances` is square."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    joined = linkage(squareform(distances, checks=False), method="average")
    labels: NDArray[np.int32] = fcluster(joined, DISTANCE, criterion="distance")
    return labels


def cosine_distances(texts: Sequence[str]) -> NDArray[np.float64]:
    """n × n: 1 − cosine of tf-idf vectors of the characters and their pairs.

    Counts times ln((1 + n) / (1 + texts with it)) + 1, in unit length: what scikit-learn's
    `TfidfVectorizer(analyzer="char", ngram_range=(1, 2))` gives, without its two seconds to load.
    """
    import numpy as np

    columns: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    for row, raw in enumerate(texts):
        text = _BLANKS.sub(" ", raw.lower())
        for gram in (*text, *(a + b for a, b in pairwise(text))):
            places.append((row, columns.setdefault(gram, len(columns))))
    counts = np.zeros((len(texts), len(columns)))
    rows, grams = np.array(places, dtype=np.intp).reshape(-1, 2).T
    np.add.at(counts, (rows, grams), 1.0)
    weights = counts * (np.log((1 + len(texts)) / (1 + (counts > 0).sum(axis=0))) + 1)
    vectors = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    distances: NDArray[np.float64] = np.clip(1.0 - vectors @ vectors.T, 0.0, 1.0)
    np.fill_diagonal(distances, 0.0)
    return distances

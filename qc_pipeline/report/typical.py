"""The typical wordings among many quotations: clusters of alike ones, each by its medoid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CLUSTER_LEAST = 4
CLUSTER_MOST = 400
DISTANCE = 0.6
"""Cosine distance of character 1–2-gram tf-idf vectors up to which wordings are one kind
(average linkage); two sentences that share half of their characters in order lie near 0.5."""


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
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(
        [texts[i] for i in places]
    )
    distances = np.clip(1.0 - (vectors @ vectors.T).toarray(), 0.0, 1.0)
    np.fill_diagonal(distances, 0.0)
    labels = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=DISTANCE
    ).fit_predict(distances)
    found: list[Typical] = []
    for label in sorted(set(labels.tolist())):
        members = np.flatnonzero(labels == label)
        inside = distances[np.ix_(members, members)].sum(axis=1).round(9)
        medoid = int(members[int(inside.argmin())])
        found.append(Typical(index=places[medoid], size=len(members)))
    found.sort(key=lambda k: (-k.size, k.index))
    return tuple(found[:most])

"""How many points an application has, by its reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.programme.model import Review


def of(rules: Review, scores: Mapping[str, int]) -> float:
    """The weighted mean of a review, 1 to 5; criteria it does not know count for nothing."""
    counted = [(rules.criteria[id].weight, score) for id, score in scores.items() if id in rules.criteria]
    return sum(weight * score for weight, score in counted) / (sum(weight for weight, _score in counted) or 1)


def mean(rules: Review, reviews: Sequence[Mapping[str, int]]) -> float | None:
    """The mean of all reviews; None without any."""
    return sum(of(rules, scores) for scores in reviews) / len(reviews) if reviews else None

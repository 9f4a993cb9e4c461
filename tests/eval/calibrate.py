"""Fits the confidence model on the development cases and shows how it does on the test cases.

Prints the weights for `dbbuddy.diagnosis.matching.CONFIDENCE_WEIGHTS`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np

from dbbuddy.context import SystemContext
from dbbuddy.diagnosis import matching
from dbbuddy.diagnosis.library import load_library
from dbbuddy.intake.read import read
from tests.eval.scoring import load_cases

_RIDGE = 0.005
_BANDS = (0.0, 0.3, 0.5, 0.65, 0.8, 0.9, 1.01)


def main() -> None:
    """Fit on `dev`, print the weights and the share of right answers by band for both splits."""
    matcher = matching.Matcher(load_library())
    features, right = observations(matcher, "dev")
    weights = fit(features, right)
    print("CONFIDENCE_WEIGHTS =", tuple(round(float(weight), 3) for weight in weights))
    for split in ("dev", "test"):
        features, right = observations(matcher, split)
        chance = 1 / (1 + np.exp(-features @ weights))
        print(f"{split}: log loss {-np.mean(right * np.log(chance) + (1 - right) * np.log(1 - chance)):.3f}")
        for low, high in pairwise(_BANDS):
            band = (chance >= low) & (chance < high)
            if band.any():
                print(f"  {low:.2f} to {min(high, 1):.2f}: {band.sum():3} cases, {right[band].mean():.0%} right")


def observations(matcher: matching.Matcher, split: str) -> tuple[Any, Any]:
    """Features of the best match of each case's first text, and whether that match is an accepted one."""
    rows, right = [], []
    for case in load_cases(split):
        if case["kind"] == "decline":
            continue
        first = case["turns"][0] if case["kind"] == "dialogue" else case
        reading = read(first["text"], SystemContext.of(**{k: v for k, v in case["context"].items() if v}), matcher.known_codes)
        with mock.patch.object(matching, "confidence", return_value=0.5) as judged:
            matches = matcher.match(reading)
        rows.append(judged.call_args_list[0].args[0].features())
        right.append(matches[0].playbook.slug in first["slugs"])
    return np.array(rows), np.array(right, dtype=float)


def fit(features: Any, right: Any) -> Any:
    """Logistic regression by gradient descent with a small ridge."""
    scale = np.maximum(np.abs(features).max(axis=0), 1e-9)
    scaled = features / scale
    weights = np.zeros(features.shape[1])
    for _ in range(40_000):
        chance = 1 / (1 + np.exp(-scaled @ weights))
        weights -= 0.5 * (scaled.T @ (chance - right) / len(right) + _RIDGE * 0.1 * np.r_[0, weights[1:]])
    return weights / scale


if __name__ == "__main__":
    main()

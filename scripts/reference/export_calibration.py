#!/usr/bin/env python3
"""Writes the values of PyTorch, SciPy and scikit-learn that tests/evaluation/calibration_test.cpp,
rejection_test.cpp and novelty_test.cpp compare with.

    scripts/reference/export_calibration.py tests/evaluation/data/calibration.json

Inputs are rounded to floats with few digits, so that they are the same numbers in both languages.
"""
import json
import sys
from fractions import Fraction
from math import ceil

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

random = np.random.default_rng(1)


def logits_of(labels, classes, skill, scale):
    logits = random.normal(size=(len(labels), classes))
    logits[np.arange(len(labels)), labels] += skill
    return np.round(logits * scale, 3)


def temperature(logits, labels):
    """The minimum of PyTorch's label-smoothed cross-entropy."""
    loss = torch.nn.CrossEntropyLoss(label_smoothing=1 / (len(labels) + 1))
    target = torch.tensor(labels)
    values = torch.tensor(logits, dtype=torch.float64)
    found = minimize_scalar(lambda log_t: float(loss(values / np.exp(log_t), target)),
                            bounds=(np.log(0.01), np.log(100)), method="bounded",
                            options={"xatol": 1e-10})
    return float(np.exp(found.x))


def calibration_error(confidences, correct):
    bins = np.digitize(confidences, np.linspace(0, 1, 16)[1:-1], right=True)
    error = 0.0
    for b in np.unique(bins):
        inside = bins == b
        error += inside.mean() * abs(correct[inside].mean() - confidences[inside].mean())
    return float(error)


def temperature_case(n, classes, skill, scale):
    labels = random.integers(classes, size=n)
    logits = logits_of(labels, classes, skill, scale)
    t = temperature(logits, labels)
    probabilities = torch.softmax(torch.tensor(logits) / t, 1).numpy()
    return {"classes": classes, "logits": logits.ravel().tolist(), "labels": labels.tolist(),
            "temperature": t, "probabilities": probabilities[:3].ravel().tolist(),
            "ece": calibration_error(probabilities.max(1),
                                     (probabilities.argmax(1) == labels).astype(float))}


def ece_case(n, decimals):
    confidences = np.round(random.uniform(size=n), decimals)
    correct = random.uniform(size=n) < confidences ** 2
    return {"confidences": confidences.tolist(), "correct": correct.tolist(),
            "ece": calibration_error(confidences, correct.astype(float))}


def acceptance(confidences, correct, rate):
    """Every threshold that occurs, one by one."""
    best = None
    for threshold in sorted(set(confidences.tolist()), reverse=True):
        taken = confidences >= threshold
        if (~correct[taken]).mean() <= rate:
            best = {"accepted": int(taken.sum()), "wrong": int((~correct[taken]).sum()),
                    "threshold": 0.0 if taken.all() else threshold}
    return best


def rejection_case(n, decimals):
    confidences = np.round(random.uniform(0.3, 1, size=n), decimals)
    correct = random.uniform(size=n) < confidences
    rates = [0, 0.02, 0.05, 0.1, 0.3, 1]
    return {"confidences": confidences.tolist(), "correct": correct.tolist(), "rates": rates,
            "accepted": [acceptance(confidences, correct, rate) for rate in rates]}


def novelty_case(n, dimension):
    known = np.round(np.maximum(random.normal(size=(n, dimension)), 0) * 8) / 8  # exact as halves
    known[:, 1] = 0.375  # does not vary
    new = np.round(np.maximum(random.normal(size=(9, dimension)), -1), 3)
    new[0] = known[3]
    scaler = StandardScaler().fit(known)
    neighbours = NearestNeighbors(n_neighbors=1, metric="cosine").fit(scaler.transform(known))
    distances, _ = neighbours.kneighbors(scaler.transform(new))
    return {"dimension": dimension, "known": known.ravel().tolist(), "new": new.ravel().tolist(),
            "distances": distances[:, 0].tolist()}


def quantile_case(n, rate):
    """`rate` as a fraction in text, so that no rounding is in the way."""
    place = ceil((n + 1) * (1 - Fraction(rate)))
    return {"n": n, "rate": float(Fraction(rate)), "place": place if place <= n else None}


json.dump({
    "temperatures": [temperature_case(*case) for case in
                     [(200, 6, 2, 1), (200, 6, 2, 5), (150, 6, 30, 1), (12, 3, 30, 1),
                      (1, 2, 3, 1), (60, 4, 0, 3), (80, 3, 3, 0.05)]],
    "errors": [ece_case(*case) for case in [(300, 6), (60, 1), (40, 0), (1, 6)]],
    "rejections": [rejection_case(*case) for case in [(120, 4), (60, 1), (3, 4), (1, 2)]],
    "novelties": [novelty_case(*case) for case in [(40, 7), (4, 30)]],
    "quantiles": [quantile_case(n, rate) for n in (0, 1, 18, 19, 20, 99, 100, 150)
                  for rate in ("0", "1/100", "1/20", "1/2", "99/100")],
}, open(sys.argv[1], "w"), separators=(",", ":"))

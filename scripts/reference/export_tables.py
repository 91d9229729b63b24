#!/usr/bin/python3
"""Writes tests/pipeline/train/data/tables.json: scikit-learn's scalings of a small table and its logistic
regression on them, without and with L2, which the golden tests compare with (made with 1.2, Debian's
python3-sklearn).

    /usr/bin/python3 scripts/reference/export_tables.py
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler, StandardScaler

SEED = 7
ROWS = 40
TARGET = pathlib.Path(__file__).resolve().parents[2] / "tests/pipeline/train/data/tables.json"


def numbers(array):
    return np.round(array, 12).tolist()


def main():
    random = np.random.default_rng(SEED)
    rows = np.round(random.normal(size=(ROWS, 3)) * [1, 20, 0.1] + [0, 100, -3], 4)
    # Not separable, so that the coefficients without a penalty are finite.
    score = rows[:, 0] - (rows[:, 1] - 100) / 20 + random.logistic(size=ROWS)
    labels = (score > 0).astype(int)
    standard = StandardScaler().fit_transform(rows)
    # weight_decay is added to the gradient of the mean loss: C of the sum is 1 / (rows * decay).
    fits = []
    for decay in (0.0, 0.05):
        model = LogisticRegression(penalty="l2" if decay else None,
                                   C=1 / (ROWS * decay) if decay else 1, tol=1e-12, max_iter=10000)
        model.fit(standard, labels)
        fits.append({"decay": decay, "coefficients": numbers(model.coef_[0]),
                     "intercept": round(float(model.intercept_[0]), 12),
                     "probabilities": numbers(model.predict_proba(standard)[:, 1])})
    TARGET.write_text(json.dumps({
        "rows": rows.tolist(), "labels": labels.tolist(), "standard": numbers(standard),
        "minmax": numbers(MinMaxScaler().fit_transform(rows)), "logistic": fits}) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes the values of scikit-learn and SciPy that tests/evaluation/metrics_golden_test.cpp
compares with.

    scripts/reference/export_metrics.py tests/evaluation/data/metrics.json

Each case is a list of labels, predictions and probabilities (text that was rounded to a float) and
what sklearn.metrics says of them. `unknown` labels have no column of probabilities: scikit-learn is
given a column of zeros for them.
"""
import json
import sys
import warnings

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics as sk

EPSILON = float(np.finfo(np.float32).eps)
random = np.random.default_rng(1)


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def random_probabilities(labels, classes, skill, decimals=6):
    """Softmax of noise, in favour of the label by `skill` standard deviations."""
    logits = random.normal(size=(len(labels), classes))
    known = labels < classes
    logits[np.flatnonzero(known), labels[known]] += skill
    return np.round(softmax(logits), decimals)


def average(precision_recall_f1):
    precision, recall, f1, _ = precision_recall_f1
    return {"precision": precision, "recall": recall, "f1": f1}


def number(value):
    """NaN, which JSON does not have, as null."""
    return None if np.isnan(value) else float(value)


def expected_values(labels, predictions, probabilities, total):
    """All classes are 0..total-1; those from probabilities.shape[1] on are unknown to the model."""
    classes = np.arange(total)
    rounded = probabilities.astype(np.float32).astype(np.float64)
    padded = np.pad(rounded, ((0, 0), (0, total - rounded.shape[1])))
    correct, n = int((labels == predictions).sum()), len(labels)
    interval = binomtest(correct, n).proportion_ci(0.95, method="wilson")
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        labels, predictions, labels=classes, zero_division=0)
    clipped = np.clip(padded, EPSILON, 1 - EPSILON)
    clipped /= clipped.sum(axis=1, keepdims=True)
    values = {
        "confusion_matrix": sk.confusion_matrix(labels, predictions, labels=classes).tolist(),
        "accuracy": sk.accuracy_score(labels, predictions),
        "accuracy_ci95": [interval.low, interval.high],
        "per_class": [
            {"precision": p, "recall": r, "f1": f, "support": int(s),
             "roc_auc": float(sk.roc_auc_score(labels == k, padded[:, k])) if 0 < s < n else None}
            for k, (p, r, f, s) in enumerate(zip(precision, recall, f1, support))],
        "macro": average(sk.precision_recall_fscore_support(
            labels, predictions, average="macro", zero_division=0)),
        "weighted": average(sk.precision_recall_fscore_support(
            labels, predictions, average="weighted", zero_division=0)),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, predictions),
        "matthews_correlation": sk.matthews_corrcoef(labels, predictions),
        "cohens_kappa": number(sk.cohen_kappa_score(labels, predictions)),
        # scikit-learn's log_loss needs two classes; with one the probability is 1.
        "log_loss": sk.log_loss(labels, clipped, labels=classes) if total > 1 else 0.0,
    }
    # scikit-learn breaks ties by position, and needs three classes.
    ties = any(len(set(row)) < len(row) for row in rounded)
    if total == rounded.shape[1] and total > 2 and not ties:
        values["top2_accuracy"] = sk.top_k_accuracy_score(labels, rounded, k=2, labels=classes)
    return values


def case(name, labels, classes, unknown=0, predictions=None, skill=2.0, decimals=6):
    labels = np.asarray(labels)
    probabilities = random_probabilities(labels, classes, skill, decimals)
    if predictions is None:
        predictions = probabilities.argmax(axis=1)
    predictions = np.asarray(predictions)
    return {"name": name, "classes": classes, "unknown": unknown, "labels": labels.tolist(),
            "predictions": predictions.tolist(), "probabilities": probabilities.tolist(),
            "expected": expected_values(labels, predictions, probabilities, classes + unknown)}


def all_cases():
    some = random.integers(0, 4, 40)
    yield case("two_classes", random.integers(0, 2, 60), 2, skill=1.0)
    yield case("six_classes", random.integers(0, 6, 120), 6)
    yield case("twenty_classes", random.integers(0, 20, 100), 20, skill=3.0)
    yield case("unbalanced", np.repeat([0, 1, 2], [50, 5, 1]), 3, skill=0.5)
    yield case("ties_between_images", random.integers(0, 3, 50), 3, decimals=1)
    yield case("class_never_predicted", some, 4, predictions=np.where(some == 3, 0, some))
    yield case("class_without_images", np.where(some == 3, 1, some), 4, skill=0.5)
    yield case("class_that_does_not_occur", np.where(some == 3, 1, some), 4,
               predictions=np.where(some == 3, 2, np.where(some == 2, 1, some)))
    yield case("labels_the_model_does_not_have", random.integers(0, 5, 60), 3, unknown=2)
    yield case("only_labels_the_model_does_not_have", [2, 2, 2], 2, unknown=1)
    yield case("all_wrong", some, 4, predictions=(some + 1) % 4)
    yield case("all_right", some, 4, predictions=some)
    yield case("all_predicted_as_one", some, 4, predictions=np.zeros_like(some))
    yield case("all_labels_one", np.ones(10, int), 3, skill=0.5)
    yield case("one_class", np.zeros(5, int), 1)
    yield case("one_image_right", [1], 3, predictions=[1])
    yield case("one_image_wrong", [1], 3, predictions=[2])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with open(sys.argv[1], "w") as file:
        cases = [json.dumps(item) for item in all_cases()]
        file.write("[\n" + ",\n".join(cases) + "\n]\n")

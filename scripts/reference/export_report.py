#!/usr/bin/env python3
"""Recomputes every number of a report from its predictions.csv with scikit-learn and SciPy.

    export_report.py example tests/pipeline/report/data    writes example_predictions.csv and, of it,
                                                           example_report.json, which
                                                           report_golden_test.cpp compares with
    export_report.py check PREDICTIONS.csv REPORT_FOLDER   compares report.json and report.html

`numbers` are those of report.json, `page` the texts of the page's tables by their ids.
"""
import csv
import json
import pathlib
import re
import sys
import warnings

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics as sk

RATES = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05]
EPSILON = float(np.finfo(np.float32).eps)


def wilson(part, whole):
    if whole == 0:
        return [0.0, 1.0]
    interval = binomtest(int(part), int(whole)).proportion_ci(0.95, "wilson")
    return [float(interval.low), float(interval.high)]


def read(file):
    with open(file, newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = [column[2:] for column in rows[0] if column.startswith("p_")]
    return names, rows


def threshold(confidence, correct, rate):
    """By trying every confidence that occurs; 0 accepts all."""
    best = {"max_error": rate}
    for candidate in [*sorted(set(confidence[confidence > confidence.min()]), reverse=True), 0]:
        accepted = confidence >= candidate
        wrong = int((accepted & ~correct).sum())
        if wrong / accepted.sum() <= rate:
            best = {"max_error": rate, "threshold": float(str(np.float32(candidate))),
                    "n_accepted": int(accepted.sum()), "coverage": float(accepted.mean()),
                    "n_wrong": wrong, "error": wrong / float(accepted.sum())}
    return best


def bins_of(confidence, correct):
    edges = np.arange(16) / 15
    index = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, 14)
    bins = []
    for b in range(15):
        inside = index == b
        bins.append({"low": b / 15, "high": (b + 1) / 15, "n": int(inside.sum()), "n_correct": int(correct[inside].sum()),
                     "mean_confidence": float(confidence[inside].mean()) if inside.any() else None})
    return bins


def numbers_of(names, rows):
    scored = [r for r in rows if r["label"] and not r["error"] and (r["prediction"] != "unknown" or "unknown" in names)]
    classes = names + sorted({r["label"] for r in scored} - set(names))
    truth = np.array([classes.index(r["label"]) for r in scored])
    predicted = np.array([classes.index(r["prediction"]) for r in scored])
    p = np.zeros((len(scored), len(classes)))
    p[:, :len(names)] = np.array([[r["p_" + n] for n in names] for r in scored], np.float32)
    confidence = np.array([r["confidence"] for r in scored], np.float32).astype(float)
    correct = truth == predicted
    n, labels = len(scored), range(len(classes))

    matrix = sk.confusion_matrix(truth, predicted, labels=list(labels))
    each = sk.precision_recall_fscore_support(truth, predicted, labels=list(labels), zero_division=0)
    occurs = (matrix.sum(0) + matrix.sum(1)) > 0
    per_class = []
    for k in labels:
        is_k, right = truth == k, int(matrix[k, k])
        support, named = int(matrix[k].sum()), int(matrix[:, k].sum())
        jaccard = wilson(right, support + named - right)
        per_class.append({
            "class": classes[k], "precision": each[0][k], "recall": each[1][k], "f1": each[2][k],
            "support": support, "predicted": named,
            "roc_auc": sk.roc_auc_score(is_k, p[:, k]) if 0 < support < n else None,
            "average_precision": sk.average_precision_score(is_k, p[:, k]) if support else None,
            "precision_ci95": wilson(right, named), "recall_ci95": wilson(right, support),
            "f1_ci95": [2 * j / (1 + j) for j in jaccard]})
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    clipped /= clipped.sum(1, keepdims=True)
    ranked = np.argsort(-p[:, :len(names)], axis=1, kind="stable")[:, :2]
    bins = bins_of(confidence, correct)
    pairs = [{"true": classes[t], "predicted": classes[q], "n": int(matrix[t, q]), "support": int(matrix[t].sum())}
             for t in labels for q in labels if t != q and matrix[t, q]]
    wrong = sorted((r for r, ok in zip(scored, correct) if not ok), key=lambda r: -np.float32(r["confidence"]))
    average = lambda kind, which: [float(v) for v in sk.precision_recall_fscore_support(
        truth, predicted, labels=which, average=kind, zero_division=0)[:3]]
    as_dict = lambda values: dict(zip(("precision", "recall", "f1"), values))
    return {
        "n_images": len(rows), "n": n, "n_errors": sum(bool(r["error"]) for r in rows),
        "n_unknown": sum(r["prediction"] == "unknown" and "unknown" not in names for r in rows),
        "n_unlabelled": sum(not r["label"] and not r["error"] and r["prediction"] != "unknown" for r in rows),
        "classes": classes, "n_correct": int(correct.sum()), "accuracy": sk.accuracy_score(truth, predicted),
        "accuracy_ci95": wilson(correct.sum(), n), "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted),
        "top2_accuracy": float(np.mean([t in r for t, r in zip(truth, ranked)])),
        "cohens_kappa": sk.cohen_kappa_score(truth, predicted),
        "matthews_correlation": sk.matthews_corrcoef(truth, predicted),
        "log_loss": sk.log_loss(truth, clipped, labels=list(labels)),
        "macro": as_dict(average("macro", list(np.flatnonzero(occurs)))),
        "weighted": as_dict(average("weighted", list(labels))),
        "per_class": per_class, "confusion_matrix": matrix.tolist(),
        "most_confused": sorted(pairs, key=lambda pair: -pair["n"]),
        "calibration_error": sum(abs(b["n_correct"] - b["n"] * b["mean_confidence"]) for b in bins if b["n"]) / n,
        "confidence_bins": bins, "thresholds": [threshold(confidence, correct, rate) for rate in RATES],
        "wrong": [{"path": r["path"], "true": r["label"], "predicted": r["prediction"],
                   "confidence": float(r["confidence"])} for r in wrong],
    }


def percent(share, decimals=1):
    return f"{100 * share:.{decimals}f} %"


def between(interval):
    return f"{percent(interval[0])} to {percent(interval[1])}"


def page_of(numbers):
    area = lambda value: "not defined" if value is None else f"{value:.4f}"
    n, classes = numbers["n"], numbers["classes"]
    matrix = ["predicted", "true", *classes, "images"]
    for name, row in zip(classes, numbers["confusion_matrix"]):
        matrix.append(name)
        for count in row:
            matrix += [str(count), percent(count / sum(row))] if count else ["0"]
        matrix.append(str(sum(row)))
    per_class = ["class", "precision", "recall", "F1", "images", "predicted", "ROC area", "PR area"]
    for c in numbers["per_class"]:
        per_class.append(c["class"])
        for key in ("precision", "recall", "f1"):
            per_class += [percent(c[key]), between(c[key + "_ci95"])]
        per_class += [str(c["support"]), str(c["predicted"]), area(c["roc_auc"]), area(c["average_precision"])]
    for kind, name in (("macro", "mean of the classes (macro)"), ("weighted", "mean of the images (weighted)")):
        per_class += [name, *(percent(numbers[kind][key]) for key in ("precision", "recall", "f1"))]
    per_class += [str(n), str(n)]
    thresholds = []
    for t in numbers["thresholds"]:
        thresholds.append(percent(t["max_error"]))
        thresholds += ["none reaches it"] if "threshold" not in t else [
            percent(float(np.float32(t["threshold"])), 2) if t["threshold"] else "any", str(t["n_accepted"]),
            percent(t["coverage"]), str(t["n_wrong"]), percent(t["error"], 2)]
    pairs = []
    for pair in numbers["most_confused"][:10]:
        pairs += [pair["true"], pair["predicted"], str(pair["n"]), percent(pair["n"] / pair["support"])]
    headline = [percent(numbers["accuracy"]), f"{numbers['n_correct']} of {n} images",
                f"95 % interval {between(numbers['accuracy_ci95'])} (Wilson)",
                "macro F1", percent(numbers["macro"]["f1"]), "images", str(numbers["n_images"]),
                "wrong", str(len(numbers["wrong"]))]
    for name, key in (("without label", "n_unlabelled"), ("called unknown", "n_unknown"), ("unreadable", "n_errors")):
        headline += [name, str(numbers[key])] if numbers[key] else []
    measures = ["balanced accuracy", percent(numbers["balanced_accuracy"]), "top-2 accuracy", percent(numbers["top2_accuracy"]),
                "Cohen's kappa", f"{numbers['cohens_kappa']:.3f}", "Matthews correlation",
                f"{numbers['matthews_correlation']:.3f}", "log loss", f"{numbers['log_loss']:.4f}"]
    return {"headline": headline, "matrix": matrix, "pairs": pairs, "per-class": per_class, "measures": measures,
            "thresholds": thresholds, "confidence": ["The expected calibration error is "
                                                     f"{percent(numbers['calibration_error'], 2)}"]}


def texts_of(html, element):
    """What stands in the element, in order; the captions and heads that have no numbers may be among it."""
    inside = re.search(rf'id="{element}".*?(?=</table>|</section>|<dl class="facts">|</dl>\n</section>)', html, re.S)[0]
    texts = re.sub(r"<[^>]*>", "\n", inside[inside.index(">") + 1:])
    for code, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        texts = texts.replace(code, character)
    return [t.strip() for t in texts.split("\n") if t.strip()]


def differences(got, expected, path=""):
    if isinstance(expected, dict):
        return [d for key in expected for d in differences(got.get(key, "missing"), expected[key], f"{path}/{key}")]
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return [f"{path}: another length"]
        return [d for i, item in enumerate(expected) for d in differences(got[i], item, f"{path}/{i}")]
    same = abs(got - expected) < 1e-9 if isinstance(expected, float) and isinstance(got, (int, float)) else got == expected
    return [] if same else [f"{path}: {got}, expected {expected}"]


def is_within(expected, got):
    """In this order, with other texts between."""
    remaining = iter(got)
    return all(any(text in other for other in remaining) for text in expected)


def check(predictions, folder):
    numbers = numbers_of(*read(predictions))
    report = json.loads((folder / "report.json").read_text())
    for image in report["wrong"]:
        image.pop("seen", None)
    wrong = differences(report, numbers)
    html = (folder / "report.html").read_text()
    for element, texts in page_of(numbers).items():
        if not is_within(texts, texts_of(html, element)):
            wrong.append(f"#{element} shows\n{texts_of(html, element)}, expected\n{texts}")
    print("\n".join(wrong) or f"{predictions}: all numbers of report.json and report.html agree")
    return bool(wrong)


def example(folder):
    """Six classes, unequal; a label that the model has no class for, rows without label, unreadable ones,
    images called unknown, equal confidences."""
    random = np.random.default_rng(5)
    names = ["Cr", "In", "PS", "Pa", "RS", "Sc"]
    file = folder / "example_predictions.csv"
    with open(file, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["path", "label", "prediction", "confidence", *("p_" + n for n in names), "error"])
        for i in range(240):
            k = random.choice(6, p=[.3, .2, .2, .15, .1, .05])
            logits = random.normal(size=6) * 1.3
            logits[k] += 2.5
            p = np.exp(logits) / np.exp(logits).sum()
            p = np.round(p, 3)
            p[np.argmax(p)] += 1 - p.sum()
            p = [f"{v:.3f}" for v in p]
            best = int(np.argmax([float(v) for v in p]))
            label = "" if i % 40 == 7 else "Xx" if i % 60 == 11 else names[k]
            if i % 80 == 13:
                writer.writerow([f"{i}.bmp", label, "", "", *[""] * 6, "file is empty"])
            else:
                writer.writerow([f"{i}.bmp", label, "unknown" if i % 70 == 17 else names[best], p[best], *p, ""])
    numbers = numbers_of(*read(file))
    (folder / "example_report.json").write_text(
        json.dumps({"numbers": numbers, "page": page_of(numbers)}, indent=1) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) == 3 and sys.argv[1] == "example":
        example(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        sys.exit(check(sys.argv[2], pathlib.Path(sys.argv[3])))
    else:
        sys.exit(__doc__)

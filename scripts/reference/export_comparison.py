#!/usr/bin/env python3
"""Recomputes every number of a comparison from its two predictions.csv with scikit-learn and SciPy.

    export_comparison.py mcnemar                              prints the table of mcnemar_test.cpp
    export_comparison.py example tests/pipeline/report/data   of example_predictions.csv, writes another
                                                              model's comparison_predictions.csv and
                                                              example_comparison.json, which
                                                              comparison_golden_test.cpp compares with
    export_comparison.py check A.csv B.csv FOLDER             compares FOLDER/comparison.json
"""
import csv
import json
import pathlib
import sys
import warnings

import numpy as np
from scipy.stats import binomtest, chi2
from sklearn import metrics as sk

from export_report import differences, read, wilson

ENOUGH_DISCORDANT = 25


def mcnemar(only_a, only_b):
    n = only_a + only_b
    if n < ENOUGH_DISCORDANT:
        return {"test": "exact binomial", "statistic": None,
                "p_value": float(binomtest(only_a, n, 0.5).pvalue) if n else 1.0}
    statistic = max(abs(only_a - only_b) - 1, 0) ** 2 / n
    return {"test": "chi-squared, continuity corrected", "statistic": statistic,
            "p_value": float(chi2.sf(statistic, 1))}


def is_scored(row, names):
    return bool(row["label"]) and not row["error"] and (row["prediction"] != "unknown" or "unknown" in names)


def scores(truth, predicted, name):
    p, r, f, _ = sk.precision_recall_fscore_support(truth, predicted, labels=[name], zero_division=0)
    return {"precision": float(p[0]), "recall": float(r[0]), "f1": float(f[0])}


def file_numbers(names, rows, truth, predicted):
    own = [r["label"] == r["prediction"] for r in rows if is_scored(r, names)]
    right = [t == p for t, p in zip(truth, predicted)]
    return {"n_images": len(rows), "n_own": len(own), "accuracy_own": float(np.mean(own)),
            "n_correct": sum(right), "accuracy": sk.accuracy_score(truth, predicted),
            "accuracy_ci95": wilson(sum(right), len(right)),
            "macro_f1": sk.f1_score(truth, predicted, average="macro", zero_division=0)}


def image_of(a, b):
    return {"path": a["path"], "true": a["label"], "predicted_a": a["prediction"],
            "confidence_a": float(a["confidence"]), "predicted_b": b["prediction"],
            "confidence_b": float(b["confidence"])}


def numbers_of(a_file, b_file):
    """Of files in which each path is there once."""
    (a_names, a_rows), (b_names, b_rows) = read(a_file), read(b_file)
    of_b = {row["path"]: row for row in b_rows}
    both = [(row, of_b[row["path"]]) for row in a_rows if row["path"] in of_b]
    pairs = [(a, b) for a, b in both
             if is_scored(a, a_names) and is_scored(b, b_names) and a["label"] == b["label"]]
    truth = [a["label"] for a, _ in pairs]
    predicted_a, predicted_b = [a["prediction"] for a, _ in pairs], [b["prediction"] for _, b in pairs]
    right = np.array([[a == t, b == t] for t, a, b in zip(truth, predicted_a, predicted_b)])
    only_a, only_b = int((right[:, 0] & ~right[:, 1]).sum()), int((~right[:, 0] & right[:, 1]).sum())
    classes = a_names + [n for n in b_names if n not in a_names]
    classes += sorted(set(truth) - set(classes))

    def images(condition):
        chosen = [image_of(*pair) for pair, (a, b) in zip(pairs, right)
                  if condition(a, b) and pair[0]["prediction"] != pair[1]["prediction"]]
        return sorted(chosen, key=lambda image: -np.float32(image["confidence_b"]))

    per_class = [{"class": name, "support": truth.count(name), "a": scores(truth, predicted_a, name),
                  "b": scores(truth, predicted_b, name),
                  "fixed": sum(bool(t == name and b and not a) for t, (a, b) in zip(truth, right)),
                  "broken": sum(bool(t == name and a and not b) for t, (a, b) in zip(truth, right))}
                 for name in classes]
    return {
        "a": file_numbers(a_names, a_rows, truth, predicted_a),
        "b": file_numbers(b_names, b_rows, truth, predicted_b), "n": len(pairs),
        "difference": sk.accuracy_score(truth, predicted_b) - sk.accuracy_score(truth, predicted_a),
        "both_right": int(right.all(1).sum()), "only_a_right": only_a, "only_b_right": only_b,
        "both_wrong": int((~right).all(1).sum()), "mcnemar": mcnemar(only_a, only_b),
        "per_class": per_class, "fixed": images(lambda a, b: b and not a),
        "broken": images(lambda a, b: a and not b), "changed": images(lambda a, b: not a and not b),
        "only_in_a": [r["path"] for r in a_rows if r["path"] not in of_b],
        "only_in_b": sorted({r["path"] for r in b_rows} - {r["path"] for r in a_rows}),
        "not_compared": [{"path": a["path"]} for a, b in both if (a, b) not in pairs],
    }


def example(folder):
    """Another model of one more class: other noise in the probabilities, some rows gone, one new."""
    random = np.random.default_rng(8)
    names, rows = read(folder / "example_predictions.csv")
    names = names + ["Xx"]
    with open(folder / "comparison_predictions.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["path", "label", "prediction", "confidence", *("p_" + n for n in names), "error"])
        for i, row in enumerate(rows):
            if i % 50 == 3:
                continue
            if row["error"]:
                writer.writerow([row["path"], row["label"], "", "", *[""] * 7, row["error"]])
                continue
            logits = np.append(np.log(np.maximum([float(row["p_" + n]) for n in names[:6]], 1e-3)), -3)
            if row["label"] in names:
                logits[names.index(row["label"])] += 1
            logits += random.normal(size=7)
            p = np.round(np.exp(logits) / np.exp(logits).sum(), 3)
            p[np.argmax(p)] += 1 - p.sum()
            p = [f"{v:.3f}" for v in p]
            best = int(np.argmax([float(v) for v in p]))
            label = "Cr" if i == 25 else row["label"]
            writer.writerow([row["path"], label, names[best], p[best], *p, ""])
        writer.writerow(["new.bmp", "Cr", "Cr", "1", "1", *["0"] * 6, ""])
    numbers = numbers_of(folder / "example_predictions.csv", folder / "comparison_predictions.csv")
    (folder / "example_comparison.json").write_text(json.dumps(numbers, indent=1) + "\n")


def table():
    for only_a, only_b in [(0, 0), (0, 1), (1, 1), (0, 5), (0, 6), (3, 9), (9, 3), (12, 12), (7, 17), (0, 24), (12, 13),
                           (8, 17), (25, 0), (30, 50), (100, 100), (40, 161), (400, 500)]:
        test = mcnemar(only_a, only_b)
        statistic = "std::nullopt" if test["statistic"] is None else repr(float(test["statistic"]))
        print(f"    {{{only_a}, {only_b}, {statistic}, {test['p_value']!r}}},")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:] == ["mcnemar"]:
        table()
    elif len(sys.argv) == 3 and sys.argv[1] == "example":
        example(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 5 and sys.argv[1] == "check":
        comparison = json.loads((pathlib.Path(sys.argv[4]) / "comparison.json").read_text())
        wrong = differences(comparison, numbers_of(sys.argv[2], sys.argv[3]))
        print("\n".join(wrong) or f"{sys.argv[4]}: all numbers of comparison.json agree")
        sys.exit(bool(wrong))
    else:
        sys.exit(__doc__)

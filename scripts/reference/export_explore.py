#!/usr/bin/env python3
"""What scikit-learn makes of the same rows as `explore`.

    export_explore.py example tests/pipeline/explore/data   writes rows and values that
                                                            explore_golden_test.cpp compares with
    export_explore.py rows COUNT COLUMNS FILE.npy           writes rows of ten overlapping classes
    export_explore.py check FEATURES.npy FOLDER             compares what `explore --features` wrote

The check computes everything again from the features: PCA's variances, k-means on the same
coordinates, its scores, and t-SNE at equal perplexity; KL divergences of both maps are computed here
with the same affinities.
"""
import csv
import json
import pathlib
import sys
import warnings

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist, squareform
from sklearn import metrics as sk
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities
from sklearn.preprocessing import StandardScaler


def classes_of_rows(count, columns, classes, spread, seed):
    """Gaussian classes around random centres, on a few directions, with noise on all."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    directions = random.normal(size=(min(columns, 2 * classes), columns))
    hidden = random.normal(size=(classes, len(directions)))[labels] * spread + random.normal(size=(count, len(directions)))
    rows = hidden @ directions * random.uniform(.2, 3, columns) + random.normal(size=(count, columns))
    return rows.astype(np.float32), labels


def joint(rows, perplexity):
    """The affinities of all pairs, condensed."""
    return _joint_probabilities(squareform(pdist(rows, "sqeuclidean")).astype(np.float32), perplexity, 0)


def divergence(p, points):
    weights = 1 / (1 + pdist(points, "sqeuclidean"))
    q = np.maximum(weights / (2 * weights.sum()), np.finfo(float).tiny)
    return float(2 * np.sum(p * np.log(np.maximum(p, np.finfo(float).tiny) / q)))


def embedded(rows, perplexity, method):
    return TSNE(perplexity=perplexity, method=method, init="pca", learning_rate="auto",
                random_state=0).fit(rows)


def match_accuracy(table):
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / table.sum())


def scores(labels, clusters):
    table = sk.cluster.contingency_matrix(labels, clusters).T
    return {"purity": float(table.max(1).sum() / table.sum()),
            "adjusted_rand_index": float(sk.adjusted_rand_score(labels, clusters)),
            "match_accuracy": match_accuracy(table)}


def kmeans(rows, clusters):
    return KMeans(clusters, n_init=10, max_iter=300, tol=0, random_state=0).fit(rows)


def variances(rows):
    return PCA().fit(rows.astype(float)).explained_variance_[:min(len(rows) - 1, rows.shape[1])]


def standardized(rows):
    return StandardScaler().fit_transform(rows.astype(float))


def example(folder):
    rows, labels = classes_of_rows(150, 8, 4, 4, 3)
    rows = np.round(rows, 3).astype(np.float32)
    clusters = kmeans(rows, 4).labels_
    p = joint(rows, 12)
    values = {
        "rows": [[float(f"{v:.3f}") for v in row] for row in rows], "labels": labels.tolist(),
        "variance": variances(rows).tolist(), "standardized_variance": variances(standardized(rows)).tolist(),
        "inertia": {str(k): float(kmeans(rows, k).inertia_) for k in (2, 3, 4)},
        "clusters": clusters.tolist(), "silhouettes": sk.silhouette_samples(rows, clusters).tolist(),
        "scores": scores(labels, clusters), "perplexity": 12,
        "affinities_of_row_0": squareform(p)[0].tolist(),
        "kl_divergence": {method: divergence(p, embedded(rows, 12, method).embedding_) for method in ("exact", "barnes_hut")},
    }
    tables = [np.random.default_rng(i).integers(0, 9, shape) for i, shape in enumerate(
        [(1, 1), (2, 2), (3, 5), (5, 3), (6, 6), (6, 6), (12, 9), (9, 20)])] + [np.eye(4, dtype=int) * 5,
                                                                               np.zeros((2, 3), int) + 2]
    values["matches"] = [{"table": t.tolist(), "accuracy": match_accuracy(t)} for t in tables if t.sum()]
    (folder / "explore.json").write_text(json.dumps(values) + "\n")


def check(features, folder):
    rows = np.load(features)
    rows = rows[np.isfinite(rows).all(1)]
    report = json.loads((folder / "explore.json").read_text())
    with open(folder / "points.csv", newline="") as lines:
        points = list(csv.DictReader(lines))
    failures = 0

    def compare(name, ours, theirs, is_good):
        nonlocal failures
        failures += not is_good
        print(f"{'ok  ' if is_good else 'FAIL'} {name}: {ours:.8g}, scikit-learn {theirs:.8g}")

    for name, data in (("raw", rows), ("standardized", standardized(rows))):
        ours, theirs = np.array(report["pca"][name]["variance"]), variances(data)
        worst = np.abs(ours - theirs[:len(ours)]).max() / theirs[0]
        compare(f"PCA {name}: largest difference of {len(ours)} variances, of the first", worst, 0, worst < 1e-4)
    used = standardized(rows) if report["scaling"] == "standard" else rows.astype(float)
    if report["components"] < used.shape[1]:
        used = PCA(report["components"], svd_solver="full").fit_transform(used)
    used = used.astype(np.float32)
    clusters = np.array([int(p["cluster"]) for p in points])
    ours, theirs = report["kmeans"]["inertia"], kmeans(used, report["kmeans"]["clusters"]).inertia_
    compare("k-means inertia", ours, theirs, ours <= theirs * (1 + 1e-6))
    silhouette = sk.silhouette_score(used, clusters)
    compare("silhouette", report["kmeans"]["silhouette"], silhouette, abs(report["kmeans"]["silhouette"] - silhouette) < 1e-5)
    if "scores" in report["kmeans"]:
        labels = np.array([p["label"] for p in points])
        for name, value in scores(labels[labels != ""], clusters[labels != ""]).items():
            compare(name, report["kmeans"]["scores"][name], value, abs(report["kmeans"]["scores"][name] - value) < 1e-9)
    if "tsne" in report:
        perplexity, method = report["tsne"]["perplexity"], report["tsne"]["method"]
        p = joint(used, perplexity)
        ours = divergence(p, np.array([[float(p["tsne_x"]), float(p["tsne_y"])] for p in points]))
        other = embedded(used, perplexity, method)
        theirs = divergence(p, other.embedding_)
        compare(f"t-SNE KL divergence ({method}, perplexity {perplexity:g})", ours, theirs, ours < theirs * 1.05)
        said = report["tsne"]["kl_divergence"]
        compare("t-SNE KL divergence as each reports it", said, other.kl_divergence_, said < other.kl_divergence_ * 1.05)
    return failures


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) == 3 and sys.argv[1] == "example":
        example(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 5 and sys.argv[1] == "rows":
        np.save(sys.argv[4], classes_of_rows(int(sys.argv[2]), int(sys.argv[3]), 10, 0.8, 1)[0])
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        sys.exit(check(sys.argv[2], pathlib.Path(sys.argv[3])) > 0)
    else:
        sys.exit(__doc__)

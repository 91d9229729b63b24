#pragma once
// comparison.json: two predictions.csv side by side, for programs.
#include "core/json_object.hpp"
#include "evaluation/comparison.hpp"

namespace steelsight {

// a, b (file, n_images; of its own scored images n_own, accuracy_own; of the compared ones
// n_correct, accuracy, accuracy_ci95, macro_f1), n, difference (of the accuracies, B less A),
// both_right, only_a_right, only_b_right, both_wrong, mcnemar (test, statistic, p_value),
// per_class, fixed, broken, changed, only_in_a, only_in_b, not_compared. Shares are in [0, 1]; what
// is not defined is null.
Json comparison_json(const Comparison& comparison);

}  // namespace steelsight

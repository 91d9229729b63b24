#pragma once
// What a comparison comes to, in sentences for the console and the page.
#include <string>
#include <vector>

#include "evaluation/comparison.hpp"

namespace steelsight {

// "+1.3", "−0.3" or "0.0": a difference of shares in percentage points.
std::string points_text(double difference);

// Which test was made, its result, and what that means.
std::string test_sentence(const McNemarTest& test);

// Which images of the files take no part; empty if all do.
std::string left_out_sentence(const Comparison& comparison);

// Lines for the console.
std::vector<std::string> comparison_lines(const Comparison& comparison);

}  // namespace steelsight

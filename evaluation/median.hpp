#pragma once
#include <vector>

namespace steelsight {

// The middle value, or the mean of the two in the middle. values: any order, at least one.
double median(std::vector<double> values);

}  // namespace steelsight

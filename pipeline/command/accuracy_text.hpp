#pragma once
// How the commands say an accuracy on the console.
#include <string>

#include "evaluation/metrics.hpp"
#include "pipeline/command/console.hpp"

namespace steelsight {

// "test accuracy 99.33 % (298 of 300; 95 % interval 97.6 % to 99.8 %)"; nothing for n = 0.
void print_accuracy(Console& console, const std::string& what, const Accuracy& accuracy);

}  // namespace steelsight

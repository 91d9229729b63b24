#include "pipeline/command/accuracy_text.hpp"

#include "evaluation/number_text.hpp"

namespace steelsight {

void print_accuracy(Console& console, const std::string& what, const Accuracy& accuracy) {
  if (accuracy.n == 0) return;
  const Interval interval = accuracy.interval();
  console.line(what + " accuracy " + percent_text(accuracy.value(), 2) + " (" +
               std::to_string(accuracy.correct) + " of " + std::to_string(accuracy.n) +
               "; 95 % interval " + percent_text(interval.low) + " to " +
               percent_text(interval.high) + ")");
}

}  // namespace steelsight

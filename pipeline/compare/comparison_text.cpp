#include "pipeline/compare/comparison_text.hpp"

#include <cmath>

#include "evaluation/number_text.hpp"
#include "pipeline/report/report_text.hpp"

namespace steelsight {
namespace {

constexpr double kSignificant = 0.05;

std::string p_text(double p) {
  return p < 0.0001 ? "p < 0.0001" : "p = " + fixed_text(p, p < 0.01 ? 4 : 3);
}

std::string images_text(std::size_t n) {
  return number_text(n) + (n == 1 ? " image" : " images");
}

std::string file_line(const std::string& side, const ComparedFile& file) {
  const Accuracy& accuracy = file.metrics.accuracy;
  return side + "  " + file.name + ": accuracy " + percent_text(accuracy.value(), 2) + " (" +
         number_text(accuracy.correct) + " of " + number_text(accuracy.n) + "; 95 % interval " +
         interval_text(accuracy.interval()) + ")";
}

}  // namespace

std::string points_text(double difference) {
  std::string digits = fixed_text(100 * std::abs(difference), 1);
  if (digits == "0.0") return digits;
  return (difference < 0 ? "\u2212" : "+") + digits;
}

std::string test_sentence(const McNemarTest& test) {
  if (test.discordant() == 0)
    return "Both files are right and wrong on the same images, so there is nothing to test.";
  const std::string result =
      test.is_exact ? "McNemar's test, exact binomial because only " +
                          images_text(test.discordant()) + " decide: " + p_text(test.p_value)
                    : "McNemar's test, chi-squared with continuity correction, " +
                          fixed_text(*test.statistic, 2) + " on " + images_text(test.discordant()) +
                          ": " + p_text(test.p_value);
  return result + (test.p_value < kSignificant
                       ? ". So large a difference would rarely (in less than 1 of 20 cases) come "
                         "by chance if both were equally good."
                       : ". A difference of this size can well be chance.");
}

std::string left_out_sentence(const Comparison& c) {
  std::string text;
  const auto add = [&](std::size_t n, const std::string& what) {
    if (n > 0) text += (text.empty() ? "" : ", ") + images_text(n) + " " + what;
  };
  add(c.only_in_a.size(), "in A alone");
  add(c.only_in_b.size(), "in B alone");
  add(c.not_compared.size(), "in both that cannot be compared (" +
                                 (c.not_compared.empty() ? "" : c.not_compared[0].reason) +
                                 (c.not_compared.size() > 1 ? ", ...)" : ")"));
  return text.empty() ? text : "Left out: " + text + ".";
}

std::vector<std::string> comparison_lines(const Comparison& c) {
  std::vector<std::string> lines = {file_line("A", c.a), file_line("B", c.b)};
  lines.push_back(points_text(c.b.metrics.accuracy.value() - c.a.metrics.accuracy.value()) +
                  " points: fixed by B " + number_text(c.fixed.size()) + ", broken by B " +
                  number_text(c.broken.size()) + ", wrong in both " + number_text(c.both_wrong()) +
                  " (in different ways " + number_text(c.changed.size()) + ")");
  lines.push_back(test_sentence(c.test));
  for (const ComparedClass& item : c.classes)
    if (item.fixed + item.broken > 0)
      lines.push_back("  " + item.name + ": recall " + percent_text(item.a.recall) + " to " +
                      percent_text(item.b.recall) + ", fixed " + number_text(item.fixed) +
                      ", broken " + number_text(item.broken) + " of " + number_text(item.support));
  if (const std::string left_out = left_out_sentence(c); !left_out.empty())
    lines.push_back(left_out);
  return lines;
}

}  // namespace steelsight

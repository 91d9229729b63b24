#pragma once
// The command `check`: says what is wrong with a data set before anybody trusts it.
#include <cstddef>
#include <string>

#include "core/fields.hpp"
#include "pipeline/check/check_result.hpp"
#include "pipeline/command/console.hpp"

namespace steelsight {

struct CheckConfig {
  std::string dataset;
  std::string output = {};  // folder for check.html, check.json and config.json; empty: none
  std::string split = {};   // split.json whose parts are looked at instead of the data set's own
  std::string predictions = {};  // predictions.csv of the same images: what a model thinks of
                                 // their labels; empty: not known
  bool near_duplicates = true;  // off: only byte-identical files count as copies; the time that the
                                // comparison takes grows with the square of the number of images
  std::size_t threads = 0;      // 0: one for every core
};

const Fields<CheckConfig>& check_fields();

// Prints a summary, and writes to config.output, if given. Throws DatasetError, PredictionsError,
// FileError, Interrupted.
CheckResult check(const CheckConfig& config, Console& console);

}  // namespace steelsight

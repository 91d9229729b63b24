#pragma once
// How large the values of a network become on real images: what its integers are scaled by
// (models/quantization.hpp).
#include <map>
#include <set>
#include <stop_token>
#include <string>

#include "models/network.hpp"
#include "pipeline/features/example_source.hpp"

namespace steelsight {

// All numbers that a value took, counted by their size: a bin for each sign and upper 16 bits, so
// that a bin's numbers differ by less than 1 %.
class MagnitudeCounts {
 public:
  void add(std::span<const float> numbers);

  bool is_signed() const { return has_negative_; }
  float largest() const { return largest_; }  // magnitude
  // The magnitude that `share` of all numbers don't exceed, in (0, 1]; within 1 % of it. 0 without
  // any.
  float quantile(double share) const;

 private:
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(1 << 15);
  std::uint64_t total_ = 0;
  float largest_ = 0;
  bool has_negative_ = false;
};

// Counts the outputs of these layers over all examples that can be read. "input" in `values` stands
// for the network's input. `parameters`: all of the spec's. Throws ModelError, BackendError,
// Interrupted.
std::map<std::string, MagnitudeCounts> count_magnitudes(Backend& backend, const NetworkSpec& spec,
                                                        const TensorMap& parameters,
                                                        const std::set<std::string>& values,
                                                        ExampleSource& examples,
                                                        const std::stop_token& stop = {});

// `share` of the numbers are resolved, the others clipped: 1 for the largest of all. A value that
// is 0 everywhere gets a step of 1.
IntegerRange range_of(const MagnitudeCounts& counts, double share);

}  // namespace steelsight

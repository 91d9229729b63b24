#pragma once
// Stratified, seeded division of a data set into train, validation and test, or into k folds.
//
// Byte-identical files and samples of one group form one unit, transitively, and a unit never ends
// on two sides: a test that holds copies of training images measures memory. Where a unit goes
// depends on the seed and on names, not on the order of files on the disk.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "datasets/dataset.hpp"

namespace steelsight {

// Sample indices, ascending; each index of the data set is in exactly one of the four.
struct Split {
  std::vector<std::size_t> train, validation, test;
  std::vector<std::size_t> left_out;  // unlabelled, or a copy of a sample on another declared side
};

const std::vector<std::size_t>& samples_in(const Split& split, Part part);
// Divides samples by their part. Samples without a part are left out.
Split gather_split(const std::vector<std::optional<Part>>& part_of_sample);

struct SplitOptions {
  double validation = 0.2;  // share of the samples that are divided, 0 to 1
  double test = 0.2;        // train gets the rest, which must be more than 0
  std::uint64_t seed = 0;
};

struct FoldOptions {
  std::size_t k = 5;        // at least 2
  double validation = 0.2;  // share of what the fold's test part leaves, 0 to less than 1
  std::uint64_t seed = 0;
};

// content_hash of each sample's file, or row_hash of its row; none where it can't be read.
using ContentHashes = std::vector<std::optional<std::uint64_t>>;
ContentHashes content_hashes(const Dataset& dataset, const std::stop_token& stop = {});

// Parts that the data set declares itself are kept: samples declared test or validation stay there,
// and nothing else joins them but members of their unit. A part that it does not declare is taken
// from the other samples ("train" and those without a part). If a unit is declared on several
// sides, test wins over validation and validation over train; the copies on the losing side are
// left out.
//
// Throws ConfigError for shares out of range, std::invalid_argument unless hashes.size() is
// samples.size(), DatasetError if a class has too few units for every part to get one.
Split make_split(const Dataset& dataset, const ContentHashes& hashes, const SplitOptions& options);

// Fold i is the test part of split i; every labelled sample is in the test part of exactly one.
// Declared parts are not considered. Throws like make_split.
std::vector<Split> make_folds(const Dataset& dataset, const ContentHashes& hashes,
                              const FoldOptions& options);

}  // namespace steelsight

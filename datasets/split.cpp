#include "datasets/split.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "core/content_hash.hpp"
#include "core/interrupt.hpp"
#include "core/random.hpp"
#include "core/seed_tags.hpp"
#include "datasets/stratify.hpp"
#include "datasets/table.hpp"

namespace steelsight {
namespace {

// A random key for the unit that does not depend on any other unit, so that samples added later do
// not reshuffle the rest.
std::uint64_t key_of(const Unit& unit, const Dataset& dataset, const Random& random) {
  const std::string& name = dataset.samples[unit.samples[0]].name;
  return random.child(content_hash(name.data(), name.size())).next64();
}

// All labelled samples, in units; keys are not set.
std::vector<Unit> make_units(const Dataset& dataset, const ContentHashes& hashes) {
  const std::vector<Sample>& samples = dataset.samples;
  if (hashes.size() != samples.size())
    throw std::invalid_argument("split: " + std::to_string(hashes.size()) + " hashes for " +
                                std::to_string(samples.size()) + " samples");
  DisjointSets sets(samples.size());
  std::unordered_map<std::uint64_t, std::size_t> first_with_hash;
  std::unordered_map<std::string, std::size_t> first_in_group;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i].label) continue;
    if (hashes[i]) sets.join(i, first_with_hash.emplace(*hashes[i], i).first->second);
    if (!samples[i].group.empty())
      sets.join(i, first_in_group.emplace(samples[i].group, i).first->second);
  }
  std::map<std::size_t, Unit> units;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i].label) continue;
    Unit& unit = units[sets.find(i)];
    unit.class_count.resize(dataset.class_names.size());
    unit.samples.push_back(i);
    ++unit.class_count[*samples[i].label];
  }
  std::vector<Unit> result;
  for (auto& [first, unit] : units) result.push_back(std::move(unit));
  return result;
}

// The bin of each unit, by `random`. Throws unless every class that is there reaches every bin with
// a share; `bin_names` is for the message.
std::vector<std::size_t> deal_out(std::vector<Unit>& units, const Dataset& dataset,
                                  const std::vector<double>& shares, const Random& random,
                                  const std::string& bin_names) {
  for (Unit& unit : units) unit.key = key_of(unit, dataset, random);
  std::vector<std::size_t> bins = stratify(units, shares);
  const auto wanted = static_cast<std::size_t>(
      std::count_if(shares.begin(), shares.end(), [](double share) { return share > 0; }));
  for (std::size_t c = 0; c < dataset.class_names.size(); ++c) {
    std::vector<std::size_t> units_in_bin(shares.size(), 0);
    std::size_t total = 0;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (units[i].class_count[c] == 0) continue;
      ++units_in_bin[bins[i]];
      ++total;
    }
    const auto reached = static_cast<std::size_t>(std::count_if(
        units_in_bin.begin(), units_in_bin.end(), [](std::size_t n) { return n > 0; }));
    if (total == 0 || reached == wanted) continue;
    throw DatasetError(
        dataset.root.string() + ": class '" + dataset.class_names[c] + "' has " +
        std::to_string(total) + " independent images or groups (copies count once) and reaches " +
        std::to_string(reached) + " of " + std::to_string(wanted) + " parts (" + bin_names +
        "), expected all; add images of it, split its groups, or ask "
        "for fewer parts");
  }
  return bins;
}

void check_share(const char* name, double share) {
  if (!(share >= 0 && share < 1))
    throw ConfigError(std::string("split: share of ") + name + " is " + std::to_string(share) +
                      ", expected at least 0 and less than 1");
}

// The strongest part that a member declares.
std::optional<Part> declared_part(const Unit& unit, const Dataset& dataset) {
  std::optional<Part> strongest;
  for (const std::size_t i : unit.samples) {
    const std::optional<Part> part = dataset.samples[i].part;
    if (part && (!strongest || *part > *strongest)) strongest = part;
  }
  return strongest;
}

void put(const Unit& unit, Part part, std::vector<std::optional<Part>>& part_of) {
  for (const std::size_t i : unit.samples) part_of[i] = part;
}

bool declares(const Dataset& dataset, Part part) {
  return std::any_of(dataset.samples.begin(), dataset.samples.end(),
                     [&](const Sample& s) { return s.label && s.part == part; });
}

}  // namespace

const std::vector<std::size_t>& samples_in(const Split& split, Part part) {
  if (part == Part::train) return split.train;
  return part == Part::validation ? split.validation : split.test;
}

Split gather_split(const std::vector<std::optional<Part>>& part_of_sample) {
  Split split;
  for (std::size_t i = 0; i < part_of_sample.size(); ++i) {
    if (!part_of_sample[i])
      split.left_out.push_back(i);
    else if (*part_of_sample[i] == Part::train)
      split.train.push_back(i);
    else
      (*part_of_sample[i] == Part::validation ? split.validation : split.test).push_back(i);
  }
  return split;
}

ContentHashes content_hashes(const Dataset& dataset, const std::stop_token& stop) {
  ContentHashes hashes;
  if (dataset.table) {
    for (const TableRow& row : dataset.table->rows)
      hashes.push_back(row.no_numbers.empty()
                           ? std::optional(row_hash(dataset.table->features, row.values))
                           : std::nullopt);
    return hashes;
  }
  for (const Sample& sample : dataset.samples) {
    throw_if_stopped(stop, "the images were read");
    try {
      hashes.emplace_back(content_hash(sample.path));
    } catch (const FileError&) {
      hashes.emplace_back(std::nullopt);
    }
  }
  return hashes;
}

Split make_split(const Dataset& dataset, const ContentHashes& hashes, const SplitOptions& options) {
  check_share("validation", options.validation);
  check_share("test", options.test);
  if (!(options.validation + options.test < 1))
    throw ConfigError("split: shares of validation and test are " +
                      std::to_string(options.validation) + " and " + std::to_string(options.test) +
                      ", expected a sum below 1 so that something is left to train on");
  const double validation = declares(dataset, Part::validation) ? 0 : options.validation;
  const double test = declares(dataset, Part::test) ? 0 : options.test;

  std::vector<std::optional<Part>> part_of(dataset.samples.size());
  std::vector<Unit> pool;  // what is divided
  for (Unit& unit : make_units(dataset, hashes)) {
    const Part part = declared_part(unit, dataset).value_or(Part::train);
    if (part == Part::train) {
      pool.push_back(std::move(unit));
      continue;
    }
    for (const std::size_t i : unit.samples)  // those declared on another side stay out
      if (dataset.samples[i].part.value_or(part) == part) part_of[i] = part;
  }
  const std::vector<std::size_t> bins =
      deal_out(pool, dataset, {1 - validation - test, validation, test},
               Random(options.seed).child(seed_tag::kParts), "train, validation, test");
  for (std::size_t i = 0; i < pool.size(); ++i) put(pool[i], static_cast<Part>(bins[i]), part_of);
  return gather_split(part_of);
}

std::vector<Split> make_folds(const Dataset& dataset, const ContentHashes& hashes,
                              const FoldOptions& options) {
  check_share("validation", options.validation);
  if (options.k < 2)
    throw ConfigError("split: " + std::to_string(options.k) + " folds, expected at least 2");
  const Random random(options.seed);
  std::vector<Unit> units = make_units(dataset, hashes);
  const std::vector<std::size_t> fold_of =
      deal_out(units, dataset, std::vector<double>(options.k, 1.0), random.child(seed_tag::kFolds),
               std::to_string(options.k) + " folds");
  std::vector<Split> splits;
  for (std::size_t fold = 0; fold < options.k; ++fold) {
    std::vector<std::optional<Part>> part_of(dataset.samples.size());
    std::vector<Unit> rest;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (fold_of[i] == fold)
        put(units[i], Part::test, part_of);
      else
        rest.push_back(units[i]);
    }
    const std::vector<std::size_t> bins =
        deal_out(rest, dataset, {1 - options.validation, options.validation},
                 random.child(seed_tag::kFoldValidation).child(fold), "train, validation");
    for (std::size_t i = 0; i < rest.size(); ++i) put(rest[i], static_cast<Part>(bins[i]), part_of);
    splits.push_back(gather_split(part_of));
  }
  return splits;
}

}  // namespace steelsight

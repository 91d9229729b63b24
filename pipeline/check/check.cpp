#include "pipeline/check/check.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "core/output_claim.hpp"
#include "core/parallel.hpp"
#include "core/value_checks.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/split_file.hpp"
#include "evaluation/predictions.hpp"
#include "pipeline/check/check_page.hpp"
#include "pipeline/check/check_report.hpp"
#include "pipeline/check/near_duplicates.hpp"
#include "pipeline/check/outliers.hpp"
#include "pipeline/command/config.hpp"
#include "preprocessing/decode.hpp"
#include "preprocessing/fingerprint.hpp"
#include "preprocessing/image_quality.hpp"

namespace steelsight {
namespace {

// What is kept of an image.
struct Facts {
  std::string error;  // the others mean nothing unless it is empty
  std::uint64_t hash = 0;
  int width = 0, height = 0, channels = 0, bits = 0;
  bool single_colour = false;
  double largest = 0;  // its largest sample
  ImageQuality quality = {};
};

struct ReadImages {
  std::vector<Facts> facts;         // a sample each
  std::vector<Fingerprint> prints;  // all 0 for those that can't be read
};

using Groups = std::vector<std::vector<std::size_t>>;   // samples, ascending
using Sides = std::vector<std::optional<std::size_t>>;  // each sample's label, or its part

// Every pixel equals the pixel before it, every row the first row.
bool is_single_colour(const cv::Mat& image) {
  const std::size_t pixel = image.elemSize();
  const std::size_t row = pixel * static_cast<std::size_t>(image.cols);
  const std::uint8_t* first = image.ptr(0);
  if (std::memcmp(first, first + pixel, row - pixel) != 0) return false;
  for (int y = 1; y < image.rows; ++y)
    if (std::memcmp(first, image.ptr(y), row) != 0) return false;
  return true;
}

double largest_sample(const cv::Mat& image) {
  double largest = 0;
  cv::minMaxLoc(image.reshape(1), nullptr, &largest);
  return largest;
}

// What a camera measures in 12 bits is often stored in 16 as it is, and so is almost black.
std::optional<std::string> suspicion_of_few_bits(const std::vector<Facts>& facts,
                                                 const Dataset& dataset) {
  constexpr double kLargest = (1 << 14) - 1;
  std::vector<std::size_t> dark;
  double largest = 0;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Facts& image = facts[i];
    if (!image.error.empty() || image.bits != 16 || image.single_colour || image.largest > kLargest)
      continue;
    dark.push_back(i);
    largest = std::max(largest, image.largest);
  }
  if (dark.empty()) return std::nullopt;
  int bits = 8;
  while (largest > (1 << bits) - 1) bits += 2;
  return std::to_string(dark.size()) + (dark.size() == 1 ? " image" : " images") +
         " of 16 bits, such as " + dataset.samples[dark.front()].name + ", with no value above " +
         std::to_string((1 << bits) - 1) + ": if these are samples of " + std::to_string(bits) +
         " bits, they are taken for almost black; multiply them by " +
         std::to_string(1 << (16 - bits)) + ", so that white is 65535";
}

ReadImages read_images(const Dataset& dataset, std::size_t threads, Console& console) {
  ReadImages read{.facts = std::vector<Facts>(dataset.samples.size()),
                  .prints = std::vector<Fingerprint>(dataset.samples.size())};
  const auto read_image = [&](std::size_t i) {
    const fs::path& path = dataset.samples[i].path;
    Facts& facts = read.facts[i];
    try {
      const std::string bytes = read_image_bytes(path);
      const cv::Mat image = decode_image(bytes, path.string());
      facts = {.error = {},
               .hash = content_hash(bytes.data(), bytes.size()),
               .width = image.cols,
               .height = image.rows,
               .channels = image.channels(),
               .bits = static_cast<int>(8 * image.elemSize1()),
               .single_colour = is_single_colour(image),
               .largest = largest_sample(image),
               .quality = image_quality(image)};
      read.prints[i] = fingerprint(image);
    } catch (const FileError& error) {  // other errors are no fault of the image
      facts.error = error.what();
    }
  };
  console.start("reading", dataset.samples.size());
  for_each_index(dataset.samples.size(), threads, read_image, [&](std::size_t done) {
    console.throw_if_stopped("the images were read");
    console.update(done);
  });
  console.finish();
  return read;
}

Groups identical_groups(const std::vector<Facts>& facts) {
  DisjointSets sets(facts.size());
  std::map<std::uint64_t, std::size_t> first_with_hash;
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (facts[i].error.empty())
      sets.join(i, first_with_hash.emplace(facts[i].hash, i).first->second);
  return groups_in(sets, facts.size());
}

// Only the first of byte-identical images takes part.
std::vector<NearDuplicates> near_duplicate_groups(std::vector<Fingerprint> prints,
                                                  const Groups& identical, std::size_t threads,
                                                  Console& console) {
  for (const std::vector<std::size_t>& group : identical)
    for (const std::size_t copy : group)
      if (copy != group.front()) prints[copy] = {};
  console.start("comparing", prints.size());
  std::vector<NearDuplicates> found =
      find_near_duplicates(prints, {.threads = threads, .progress = [&](std::size_t done) {
                                      console.throw_if_stopped("the images were compared");
                                      console.update(done);
                                    }});
  console.finish();
  return found;
}

Groups all_copies(const Groups& identical, const std::vector<NearDuplicates>& near,
                  std::size_t size) {
  DisjointSets sets(size);
  for (const std::vector<std::size_t>& group : identical)
    for (const std::size_t copy : group) sets.join(group.front(), copy);
  for (const NearDuplicates& group : near)
    for (const std::size_t copy : group.items) sets.join(group.items.front(), copy);
  return groups_in(sets, size);
}

// Whether two of the samples have different sides. Samples without a side don't count.
bool disagree(const std::vector<std::size_t>& samples, const Sides& sides) {
  std::set<std::size_t> seen;
  for (const std::size_t i : samples)
    if (sides[i]) seen.insert(*sides[i]);
  return seen.size() >= 2;
}

Sides labels_of(const Dataset& dataset) {
  Sides sides;
  for (const Sample& sample : dataset.samples) sides.push_back(sample.label);
  return sides;
}

Sides parts_of(const Dataset& dataset, const std::string& split_file) {
  Sides sides(dataset.samples.size());
  if (split_file.empty()) {
    for (std::size_t i = 0; i < sides.size(); ++i)
      if (dataset.samples[i].part) sides[i] = static_cast<std::size_t>(*dataset.samples[i].part);
    return sides;
  }
  const Split split = read_split(split_file, dataset);
  for (const Part part : {Part::train, Part::validation, Part::test})
    for (const std::size_t i : samples_in(split, part)) sides[i] = static_cast<std::size_t>(part);
  return sides;
}

// Turns findings about samples into the result, which speaks of names.
class Findings {
 public:
  Findings(const Dataset& dataset, const Sides& parts) : dataset_(dataset), parts_(parts) {
    result_.layout = to_string(dataset.layout);
    result_.warnings = dataset.warnings;
    result_.images = dataset.samples.size();
    const std::vector<std::size_t> counts = samples_per_class(dataset);
    for (std::size_t c = 0; c < counts.size(); ++c)
      result_.classes.push_back({dataset.class_names[c], counts[c]});
    for (const Sample& sample : dataset.samples) result_.unlabelled += !sample.label;
    result_.empty_classes = dataset.empty_folders;
    result_.unreadable_folders = dataset.unreadable_folders;
    result_.has_parts =
        std::ranges::any_of(parts, [](const auto& part) { return part.has_value(); });
    add_split_groups();
  }

  void add_images(const std::vector<Facts>& facts) {
    std::map<std::tuple<int, int, int, int>, CheckResult::Format> formats;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      const Facts& image = facts[i];
      if (!image.error.empty()) {
        result_.unreadable.push_back({name(i), image.error});
        continue;
      }
      if (image.single_colour) result_.single_colour.push_back(name(i));
      const auto [format, is_new] =
          formats.try_emplace({image.width, image.height, image.channels, image.bits},
                              CheckResult::Format{.width = image.width,
                                                  .height = image.height,
                                                  .channels = image.channels,
                                                  .bits = image.bits,
                                                  .images = 0,
                                                  .example = name(i)});
      ++format->second.images;
    }
    for (const auto& [key, format] : formats) result_.formats.push_back(format);
    std::ranges::stable_sort(result_.formats, std::greater{}, &CheckResult::Format::images);
  }

  void add_warning(const std::string& text) { result_.warnings.push_back(text); }
  // split: whether the parts are those of a split file, so that images without one are in none. A
  // set of which nothing is for training is there to be tested on.
  void add_not_learnable(const std::vector<Facts>& facts, bool split) {
    struct Tally {
      std::size_t to_train = 0, readable = 0;
    };
    std::vector<Tally> tallies(dataset_.class_names.size());
    std::size_t to_train = 0;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      const std::optional<std::size_t> label = dataset_.samples[i].label;
      const bool trains = parts_[i] ? *parts_[i] == static_cast<std::size_t>(Part::train) : !split;
      if (!label || !trains) continue;
      ++to_train;
      ++tallies[*label].to_train;
      tallies[*label].readable += facts[i].error.empty();
    }
    if (to_train == 0) return;
    for (std::size_t c = 0; c < tallies.size(); ++c)
      if (tallies[c].readable == 0)
        result_.not_learnable.push_back({.class_name = dataset_.class_names[c],
                                         .reason = tallies[c].to_train == 0
                                                       ? "no image to train on"
                                                       : "no image to train on can be read"});
  }

  void add_copies(const Groups& identical, const std::vector<NearDuplicates>& near) {
    for (const std::vector<std::size_t>& group : identical)
      result_.identical.push_back(names(group));
    for (const NearDuplicates& group : near)
      result_.near_duplicates.push_back({names(group.items), group.similarity});
    const Groups copies = all_copies(identical, near, dataset_.samples.size());
    result_.conflicts = disagreements(copies, identical, labels_of(dataset_));
    result_.leaks = disagreements(copies, identical, parts_);
  }

  void add_unusual(const std::vector<Facts>& facts) {
    struct Measure {
      double ImageQuality::*value;
      const char* low;
      const char* high;
    };
    for (const Measure& kind : {Measure{&ImageQuality::brightness, "dark", "bright"},
                                Measure{&ImageQuality::contrast, "flat", "rich in contrast"},
                                Measure{&ImageQuality::sharpness, "blurred", "noisy"}}) {
      std::vector<std::optional<double>> values(facts.size());
      for (std::size_t i = 0; i < facts.size(); ++i)
        if (facts[i].error.empty()) values[i] = facts[i].quality.*kind.value;
      for (const Outlier& outlier : find_outliers(values, labels_of(dataset_)))
        result_.unusual.push_back({.image = name(outlier.item),
                                   .what = outlier.score < 0 ? kind.low : kind.high,
                                   .value = outlier.value,
                                   .median = outlier.median});
    }
  }

  void add_doubted(const fs::path& file) {
    Predictions predictions = read_predictions(file);
    drop_double_rows(predictions);
    std::map<std::string, const Prediction*> row_of;
    for (const Prediction& row : predictions.rows) row_of[row.path] = &row;
    std::vector<CheckResult::Doubted>& doubted = result_.doubted.emplace();
    std::size_t known = 0;
    for (std::size_t i = 0; i < dataset_.samples.size(); ++i) {
      const auto found = row_of.find(dataset_.samples[i].path.string());
      if (found == row_of.end() || !found->second->error.empty()) continue;
      ++known;
      const std::string label = member(i).label;
      const Prediction& row = *found->second;
      if (label.empty() || row.prediction == label || is_unknown(row, predictions.class_names))
        continue;
      const auto k = std::ranges::find(predictions.class_names, label);
      const auto position = static_cast<std::size_t>(k - predictions.class_names.begin());
      doubted.push_back(
          {.image = name(i),
           .label = label,
           .prediction = row.prediction,
           .confidence = static_cast<double>(row.confidence),
           .label_probability = k == predictions.class_names.end()
                                    ? 0
                                    : static_cast<double>(row.probabilities[position])});
    }
    if (known == 0)
      throw PredictionsError(file.string() + ": has none of the images of the data set; expected " +
                             "the paths as classify and evaluate write them for it");
    std::ranges::stable_sort(doubted, std::ranges::greater{},
                             [](const CheckResult::Doubted& image) {
                               return image.confidence - image.label_probability;
                             });
  }

  CheckResult take() { return std::move(result_); }

 private:
  const std::string& name(std::size_t i) const { return dataset_.samples[i].name; }

  std::vector<std::string> names(const std::vector<std::size_t>& samples) const {
    std::vector<std::string> found;
    for (const std::size_t i : samples) found.push_back(name(i));
    return found;
  }

  void add_split_groups() {
    std::map<std::string, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < dataset_.samples.size(); ++i)
      if (!dataset_.samples[i].group.empty()) groups[dataset_.samples[i].group].push_back(i);
    for (const auto& [group, samples] : groups)
      if (disagree(samples, parts_)) result_.split_groups.push_back(group);
  }

  std::vector<CheckResult::Disagreement> disagreements(const Groups& copies,
                                                       const Groups& identical,
                                                       const Sides& sides) const {
    std::set<std::size_t> in_identical;  // images of groups that disagree
    for (const std::vector<std::size_t>& group : identical)
      if (disagree(group, sides)) in_identical.insert(group.begin(), group.end());
    std::vector<CheckResult::Disagreement> found;
    for (const std::vector<std::size_t>& group : copies) {
      if (!disagree(group, sides)) continue;
      CheckResult::Disagreement& disagreement = found.emplace_back();
      for (const std::size_t i : group) {
        disagreement.images.push_back(member(i));
        disagreement.byte_identical |= in_identical.contains(i);
      }
    }
    return found;
  }

  CheckResult::Member member(std::size_t i) const {
    const std::optional<std::size_t> label = dataset_.samples[i].label;
    return {.image = name(i),
            .label = label ? dataset_.class_names[*label] : "",
            .part = parts_[i] ? std::string(to_string(static_cast<Part>(*parts_[i]))) : ""};
  }

  const Dataset& dataset_;
  const Sides& parts_;
  CheckResult result_;
};

}  // namespace

CheckResult check(const CheckConfig& config, Console& console) {
  const OutputClaim claim = config.output.empty() ? OutputClaim() : claim_folder(config.output);
  Dataset dataset = open_images(config.dataset);
  if (dataset.class_names.size() == 1)
    dataset.warnings.push_back("there is one class; to train, 2 or more are needed");
  for (const std::string& warning : dataset.warnings) console.warning(warning);
  const Sides parts = parts_of(dataset, config.split);
  const fs::path output = config.output;
  if (!output.empty()) write_config(output / "config.json", "check", check_fields().write(config));

  const std::size_t threads = thread_count(config.threads);
  ReadImages read = read_images(dataset, threads, console);
  Findings findings(dataset, parts);
  findings.add_images(read.facts);
  findings.add_not_learnable(read.facts, !config.split.empty());
  findings.add_unusual(read.facts);
  if (const auto suspicion = suspicion_of_few_bits(read.facts, dataset)) {
    console.warning(*suspicion);
    findings.add_warning(*suspicion);
  }
  if (!config.predictions.empty()) findings.add_doubted(config.predictions);
  const Groups identical = identical_groups(read.facts);
  std::vector<NearDuplicates> near;
  if (config.near_duplicates)
    near = near_duplicate_groups(std::move(read.prints), identical, threads, console);
  findings.add_copies(identical, near);

  CheckResult result = findings.take();
  result.dataset = config.dataset;
  result.compared = config.near_duplicates;
  for (const std::string& text :
       summary(result, output.empty() ? "-o DIR lists all" : "see check.json"))
    console.line(text);
  if (!output.empty()) {
    write_file(output / "check.html",
               check_page(result, read_thumbnails(result, dataset, console.stop())));
    // Reasons name files, and file names need not be UTF-8.
    write_file(output / "check.json",
               to_json(result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    console.line("all of it in " + (output / "check.html").string() + " and check.json");
  }
  return result;
}

const Fields<CheckConfig>& check_fields() {
  using C = CheckConfig;
  static const Fields<C> fields({
      {"dataset",
       &C::dataset,
       {"dataset", "DATASET", "As for train"},
       required("the folder or list to check, DATASET")},
      {"output", &C::output, {"-o,--output", "DIR", "Folder for check.html and check.json"}},
      {"split",
       &C::split,
       {"--split", "FILE", "split.json whose parts are looked at instead of the data set's own"}},
      {"predictions",
       &C::predictions,
       {"--predictions", "PREDICTIONS.csv",
        "Of these images, by evaluate: labels that the model doubts are listed"}},
      {"near_duplicates",
       &C::near_duplicates,
       {"", "", "Look for copies that are not the same bytes, the longest step"}},
      {"threads", &C::threads, {}, between(0u, 256u, "0: one for every core")},
  });
  return fields;
}

}  // namespace steelsight

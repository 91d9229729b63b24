#include "pipeline/distill/distill_images.hpp"

#include <algorithm>
#include <set>

#include "datasets/image_list.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/sentences.hpp"
#include "datasets/split.hpp"
#include "models/loss.hpp"

namespace steelsight {
namespace {

template <class T>
std::vector<T> at(const std::vector<T>& values, const std::vector<std::size_t>& positions) {
  std::vector<T> chosen;
  for (const std::size_t position : positions) chosen.push_back(values[position]);
  return chosen;
}

struct ImageSet {
  std::string name;  // of the folder or list
  Dataset dataset;   // samples without labels where they don't count
};

// "neu-cls" of "data/neu-cls/", "neu-cls-2" if that is taken.
std::string name_of_set(const std::string& input, std::set<std::string>& taken) {
  fs::path path = fs::path(input).lexically_normal();
  if (path.filename() == ".") path = path.parent_path();
  const std::string stem = path.stem().string();
  std::string name = stem;
  for (int number = 2; !taken.insert(name).second; ++number)
    name = stem + "-" + std::to_string(number);
  return name;
}

void drop_labels(Dataset& dataset) {
  for (Sample& sample : dataset.samples) sample.label.reset();
  dataset.class_names.clear();
}

ImageSet open_set(const std::string& input, double label_weight, std::set<std::string>& taken) {
  ImageSet set{.name = name_of_set(input, taken), .dataset = open_images(input, Labels::optional)};
  if (set.dataset.class_names.size() < 2 || label_weight == 0) drop_labels(set.dataset);
  return set;
}

ImageSet open_unlabelled(const std::vector<std::string>& inputs, Console& console) {
  ImageSet set{.name = "unlabelled", .dataset = {}};
  const FoundImages found = find_images(inputs);
  for (const std::string& warning : found.warnings) console.warning(warning);
  for (const fs::path& path : found.paths)
    set.dataset.samples.push_back({.path = path,
                                   .name = path.string(),
                                   .label = std::nullopt,
                                   .part = std::nullopt,
                                   .group = ""});
  return set;
}

// Divided whatever the labels, as most images have none.
Split divide_set(Dataset dataset, const ContentHashes& hashes, const DistillConfig& config) {
  dataset.class_names = {"images"};
  for (Sample& sample : dataset.samples) sample.label = 0;
  const bool too_few = config.validation * static_cast<double>(dataset.samples.size()) < 1;
  return make_split(
      dataset, hashes,
      {.validation = too_few ? 0 : config.validation, .test = 0, .seed = config.seed});
}

class Collection {
 public:
  Collection(const DistillConfig& config, Console& console) : config_(config), console_(console) {}

  // prefix: whether the classes are called by the set too.
  void add(const ImageSet& set, bool prefix) {
    const Dataset& dataset = set.dataset;
    for (const std::string& warning : dataset.warnings) console_.warning(warning);
    const int first = static_cast<int>(images_.class_names.size());
    for (const std::string& name : dataset.class_names)
      images_.class_names.push_back(prefix ? set.name + "/" + name : name);
    const ContentHashes hashes = content_hashes(dataset, console_.stop());
    const Split split = divide_set(dataset, hashes, config_);
    const auto take = [&](ImagePart& part, const std::vector<std::size_t>& samples) {
      for (const std::size_t i : samples) {
        const Sample& sample = dataset.samples[i];
        if (!hashes[i]) {
          unreadable_.push_back(sample.path.string());
          continue;
        }
        part.names.push_back(set.name + "/" + sample.name);
        part.paths.push_back(sample.path);
        part.labels.push_back(sample.label ? first + static_cast<int>(*sample.label)
                                           : kIgnoredLabel);
        part.hashes.push_back(*hashes[i]);
      }
    };
    take(images_.train, split.train);
    take(images_.held_out, split.validation);
    console_.line(set.name + ": " + counted(dataset.samples.size(), "image") + ", " +
                  (dataset.class_names.empty()
                       ? std::string("no labels")
                       : std::to_string(dataset.class_names.size()) + " classes"));
  }

  DistillImages finish() {
    if (!unreadable_.empty())
      console_.warning(counted(unreadable_.size(), "image") +
                       " can't be read and left out; the first: " + unreadable_.front());
    // Another set may hold a copy.
    const std::set<std::uint64_t> learned(images_.train.hashes.begin(), images_.train.hashes.end());
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < images_.held_out.size(); ++i)
      if (!learned.contains(images_.held_out.hashes[i])) others.push_back(i);
    images_.held_out = images_.held_out.select(others);
    return std::move(images_);
  }

 private:
  const DistillConfig& config_;
  Console& console_;
  DistillImages images_;
  std::vector<std::string> unreadable_;
};

}  // namespace

ImagePart ImagePart::select(const std::vector<std::size_t>& positions) const {
  return {.names = at(names, positions),
          .paths = at(paths, positions),
          .labels = at(labels, positions),
          .hashes = at(hashes, positions)};
}

std::vector<std::size_t> ImagePart::labelled() const {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] != kIgnoredLabel) positions.push_back(i);
  return positions;
}

LabelledExamples ImagePart::labelled_examples() const {
  ImagePart part = select(labelled());
  return {.examples = Examples(std::move(part.paths)), .labels = std::move(part.labels)};
}

DistillImages find_distill_images(const DistillConfig& config, Console& console) {
  std::vector<ImageSet> sets;
  std::set<std::string> taken{"unlabelled"};
  for (const std::string& input : config.images)
    sets.push_back(open_set(input, config.label_weight, taken));
  if (!config.unlabelled.empty()) sets.push_back(open_unlabelled(config.unlabelled, console));
  const bool several = std::ranges::count_if(sets, [](const ImageSet& set) {
                         return !set.dataset.class_names.empty();
                       }) > 1;
  Collection collection(config, console);
  for (const ImageSet& set : sets) collection.add(set, several);
  return collection.finish();
}

void drop_empty_classes(DistillImages& images) {
  const std::set<int> learned(images.train.labels.begin(), images.train.labels.end());
  std::vector<int> places;  // of the old classes among those that stay
  std::vector<std::string> names;
  for (std::size_t c = 0; c < images.class_names.size(); ++c) {
    const bool stays = learned.contains(static_cast<int>(c));
    places.push_back(stays ? static_cast<int>(names.size()) : kIgnoredLabel);
    if (stays) names.push_back(images.class_names[c]);
  }
  for (ImagePart* part : {&images.train, &images.held_out})
    for (int& label : part->labels)
      if (label != kIgnoredLabel) label = places[static_cast<std::size_t>(label)];
  images.class_names = std::move(names);
}

}  // namespace steelsight

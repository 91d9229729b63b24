#include "pipeline/extend/new_images.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "datasets/label_twins.hpp"
#include "datasets/split.hpp"
#include "pipeline/features/unreadable.hpp"

namespace steelsight {
namespace {

void warn_of_twin(const std::string& name, const std::vector<std::string>& names,
                  Console& console) {
  for (const std::string& other : names)
    if (label_key(other) == label_key(name))
      console.warning("the new class '" + name + "' and '" + other + "' differ only in " +
                      difference_of_twins(other, name) + "; they are kept as two classes");
}

void require_examples(const Dataset& dataset, const Split& split,
                      const std::vector<std::string>& classes, std::size_t first_new) {
  std::vector<std::size_t> all = samples_per_class(dataset), learned(all.size());
  for (const std::size_t i : split.train) ++learned[*dataset.samples[i].label];
  for (std::size_t c = 0; c < all.size(); ++c) {
    const auto place = std::ranges::find(classes, dataset.class_names[c]) - classes.begin();
    if (std::cmp_greater_equal(place, first_new) && all[c] > 0 && learned[c] == 0)
      throw DatasetError(dataset.root.string() + ": of the new class '" + dataset.class_names[c] +
                         "' none of its " + std::to_string(all[c]) +
                         " images can be read and learned from; give it some, or leave it out");
  }
}

}  // namespace

std::vector<std::string> extended_classes(const std::vector<std::string>& known,
                                          const Dataset& dataset, Console& console) {
  const std::vector<std::size_t> images = samples_per_class(dataset);
  std::vector<std::string> names = known;
  for (std::size_t c = 0; c < images.size(); ++c) {
    const std::string& name = dataset.class_names[c];
    if (images[c] == 0 || std::ranges::find(names, name) != names.end()) continue;
    warn_of_twin(name, names, console);
    names.push_back(name);
  }
  return names;
}

DividedImages divide_images(const Dataset& dataset, const std::vector<std::string>& classes,
                            const DivisionOptions& options, Console& console) {
  const ContentHashes hashes = content_hashes(dataset, console.stop());
  Split split = make_split(dataset, hashes,
                           {.validation = options.validation, .test = 0, .seed = options.seed});
  leave_out_unreadable(split, dataset, options.preparation, {.threads = options.threads}, console);
  require_examples(dataset, split, classes, options.known_classes);
  const auto is_known = [&](std::size_t i) {
    return hashes[i] && options.seen.contains(*hashes[i]);
  };
  const auto known = std::stable_partition(split.validation.begin(), split.validation.end(),
                                           std::not_fn(is_known));
  split.train.insert(split.train.end(), known, split.validation.end());
  split.validation.erase(known, split.validation.end());
  if (const auto again = std::ranges::count_if(split.train, is_known); again > 0)
    console.warning("the model knows " + std::to_string(again) + " of the " +
                    std::to_string(split.train.size() + split.validation.size()) +
                    " images already: they are learned again, and measure nothing");
  const auto take = [&](const std::vector<std::size_t>& samples) {
    NewImages images;
    for (const std::size_t i : samples) {
      const Sample& sample = dataset.samples[i];
      const auto place = std::ranges::find(classes, dataset.class_names[*sample.label]);
      images.examples.examples.paths.push_back(sample.path);
      images.examples.labels.push_back(static_cast<int>(place - classes.begin()));
      images.hashes.push_back(hashes[i]);
    }
    return images;
  };
  return {.train = take(split.train), .validation = take(split.validation)};
}

}  // namespace steelsight

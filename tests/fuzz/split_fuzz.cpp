// Split files, against a data set of six images.
#include <set>

#include "datasets/split_file.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

Dataset six_images() {
  Dataset dataset{.root = "set", .class_names = {"a", "b"}};
  for (const char* name : {"a_1.bmp", "a_2.bmp", "a_3.bmp", "b_1.bmp", "b_2.bmp"})
    dataset.samples.push_back({.path = name, .name = name, .label = name[0] == 'a' ? 0u : 1u});
  dataset.samples.push_back({.path = "c.bmp", .name = "c.bmp"});
  return dataset;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("split.json");
  static const Dataset dataset = six_images();
  file.fill(fuzzing::text_of(data, size));
  const auto split =
      fuzzing::read_or_refuse<DatasetError>([&] { return read_split(file.path(), dataset); });
  if (!split) return 0;
  std::set<std::size_t> seen;
  for (const Part part : {Part::train, Part::validation, Part::test})
    for (const std::size_t sample : samples_in(*split, part))
      fuzzing::require(dataset.samples.at(sample).label && seen.insert(sample).second,
                       "labelled samples, each in one part");
  return 0;
}

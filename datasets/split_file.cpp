#include "datasets/split_file.hpp"

#include <array>
#include <string>
#include <unordered_map>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 28;
constexpr std::array kParts = {Part::train, Part::validation, Part::test};

class SplitReader {
 public:
  SplitReader(const fs::path& file, const Dataset& dataset)
      : file_(file), dataset_(dataset), part_of_(dataset.samples.size()) {
    for (std::size_t i = 0; i < dataset.samples.size(); ++i)
      index_of_.emplace(dataset.samples[i].name, i);
  }

  Split read() {
    const Json json = parse_json(read_file(file_, kMaxBytes), "");
    JsonObject object(json, "");
    for (const Part part : kParts)
      for (const auto& name :
           object.require<std::vector<std::string>>(std::string(to_string(part))))
        add(name, part);
    object.finish();
    return gather_split(part_of_);
  }

 private:
  void add(const std::string& name, Part part) {
    const std::string what =  // quoted and escaped as in the file
        file_.string() + ": " + Json(name).dump() + " in " + std::string(to_string(part));
    const auto found = index_of_.find(name);
    if (found == index_of_.end())
      throw DatasetError(what + " is not in " + dataset_.root.string() +
                         "; was the split made for another data set?");
    if (!dataset_.samples[found->second].label) throw DatasetError(what + " has no label");
    std::optional<Part>& known = part_of_[found->second];
    if (known) throw DatasetError(what + " is already in " + std::string(to_string(*known)));
    known = part;
  }

  const fs::path& file_;
  const Dataset& dataset_;
  std::unordered_map<std::string, std::size_t> index_of_;
  std::vector<std::optional<Part>> part_of_;
};

}  // namespace

void write_split(const fs::path& file, const Dataset& dataset, const Split& split) {
  Json json = Json::object();
  for (const Part part : kParts) {
    Json names = Json::array();
    for (const std::size_t i : samples_in(split, part)) names.push_back(dataset.samples.at(i).name);
    json[std::string(to_string(part))] = std::move(names);
  }
  write_file(file, json.dump(1) + "\n");
}

Split read_split(const fs::path& file, const Dataset& dataset) {
  try {
    return SplitReader(file, dataset).read();
  } catch (const ConfigError& error) {
    throw DatasetError(file.string() + ": not a split file: " + error.what());
  }
}

}  // namespace steelsight

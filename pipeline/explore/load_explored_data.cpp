#include "pipeline/explore/load_explored_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/parallel.hpp"
#include "datasets/csv.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/table.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/extract/npy.hpp"
#include "pipeline/features/extraction.hpp"
#include "preprocessing/decode.hpp"

namespace steelsight {
namespace {

constexpr int kPixelSide = 32;
constexpr std::size_t kFewest = 4;

// Row i is of sample i; empty where there is an error.
struct SourceRows {
  std::string source = {};
  std::vector<std::vector<float>> rows = {};
  std::vector<std::string> errors = {};
  std::optional<Preprocessing> preprocessing = {};
};

SourceRows rows_of_table(const Table& table) {
  SourceRows found{
      .source = number_text(table.features.size()) + " columns", .rows = {}, .errors = {}};
  for (const TableRow& row : table.rows) {
    std::string error;
    for (const auto& [feature, text] : row.no_numbers)
      if (error.empty()) error = table.features[feature] + " is '" + text + "', expected a number";
    found.errors.push_back(error);
    found.rows.emplace_back(row.values.begin(), row.values.end());
  }
  return found;
}

SourceRows rows_of_network(Backend& backend, const ExploreConfig& config,
                           const std::vector<fs::path>& paths, Console& console) {
  FeatureNetwork network = feature_network(config.network, console);
  SourceRows found{.source = {},
                   .rows = {},
                   .errors = std::vector<std::string>(paths.size()),
                   .preprocessing = network.preprocessing};
  const Features features = extract_features(backend, std::move(network), paths,
                                             {.augmentation = {},
                                              .cache = config.network.cache,
                                              .cache_option = "/explore/cache",
                                              .batch_size = config.network.batch_size,
                                              .loader_threads = config.network.loader_threads},
                                             console);
  for (const auto& [image, error] : features.errors) found.errors[image] = error;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::span<const float> row = features.row(i);
    found.rows.emplace_back(row.begin(), row.end());
  }
  std::string layers;
  for (const std::string& layer : config.network.layers)
    layers += (layers.empty() ? "" : ", ") + layer;
  found.source =
      number_text(features.row_floats()) + " values of " + layers + " of " +
      (config.network.model.empty() ? config.network.arch
                                    : fs::path(config.network.model).filename().string());
  return found;
}

SourceRows rows_of_pixels(const std::vector<fs::path>& paths, std::size_t threads,
                          Console& console) {
  const Preprocessing pixels{.width = kPixelSide,
                             .height = kPixelSide,
                             .interpolation = Interpolation::area,
                             .channel_order = ChannelOrder::gray};
  SourceRows found{.source = number_text(pixels.floats()) + " gray pixels",
                   .rows = std::vector<std::vector<float>>(paths.size()),
                   .errors = std::vector<std::string>(paths.size()),
                   .preprocessing = pixels};
  console.start("reading", paths.size());
  for_each_index(
      paths.size(), threads,
      [&](std::size_t i) {
        try {
          std::vector<float> planes(pixels.floats());
          to_planes(read_image(paths[i]), pixels, planes.data());
          found.rows[i] = std::move(planes);
        } catch (const FileError& error) {  // other errors are no fault of the image
          found.errors[i] = error.what();
        }
      },
      [&](std::size_t done) {
        console.throw_if_stopped("images were read");
        console.update(done);
      });
  console.finish();
  return found;
}

SourceRows rows_of_npy(const fs::path& file, std::size_t samples) {
  const NpyArray array = read_npy(file);
  if (array.shape.size() != 2 || array.shape[0] != static_cast<std::int64_t>(samples) ||
      array.shape[1] == 0)
    throw DatasetError(file.string() + ": has the shape " + to_string(array.shape) + ", expected " +
                       number_text(samples) +
                       " rows of features: one for each image of the data set");
  SourceRows found{.source = number_text(array.shape[1]) + " values of " + file.filename().string(),
                   .rows = {},
                   .errors = std::vector<std::string>(samples)};
  for (auto at = array.values.begin(); at != array.values.end(); at += array.shape[1]) {
    found.rows.emplace_back(at, at + array.shape[1]);
    if (std::ranges::any_of(found.rows.back(), [](float v) { return !std::isfinite(v); }))
      found.errors[found.rows.size() - 1] = "has no features in " + file.filename().string();
  }
  return found;
}

// Columns path, label, error, then numbers.
class FeatureTable {
 public:
  explicit FeatureTable(const fs::path& file) : file_(file), reader_(file) {}

  SourceRows read(const std::vector<fs::path>& paths) {
    constexpr std::size_t kColumnsBefore = 3;
    if (!reader_.next(row_) || row_.cells.size() <= kColumnsBefore || row_.cells[0] != "path" ||
        row_.cells[2] != "error")
      throw DatasetError(file_.string() +
                         ": expected the columns path,label,error,f0,..., as extract writes them");
    SourceRows found{.source = number_text(row_.cells.size() - kColumnsBefore) + " values of " +
                               file_.filename().string(),
                     .rows = {},
                     .errors = {}};
    while (reader_.next(row_)) {
      const std::size_t i = found.rows.size();
      if (i >= paths.size() || text_of_cell(row_.cells[0]) != paths[i].string())
        throw DatasetError(reader_.where(row_) + ": is of '" + row_.cells[0] + "', expected " +
                           (i < paths.size() ? "'" + paths[i].string() + "'" : "no more rows") +
                           ": the images of the data set in their order");
      found.errors.push_back(text_of_cell(row_.cells[2]));
      found.rows.emplace_back();
      if (!found.errors.back().empty()) continue;
      for (std::size_t c = kColumnsBefore; c < row_.cells.size(); ++c)
        found.rows.back().push_back(number(row_.cells[c]));
    }
    if (found.rows.size() != paths.size())
      throw DatasetError(file_.string() + ": has " + number_text(found.rows.size()) +
                         " rows, expected " + number_text(paths.size()) +
                         ": one for each image of the data set");
    return found;
  }

 private:
  float number(const std::string& cell) const {
    const std::optional<float> value = parse_number<float>(cell);
    if (!value || !std::isfinite(*value))
      throw DatasetError(reader_.where(row_) + ": '" + cell + "' is not a number");
    return *value;
  }

  const fs::path file_;
  CsvReader reader_;
  CsvRow row_;
};

SourceRows rows_of_images(Backend& backend, const ExploreConfig& config, const Dataset& dataset,
                          Console& console) {
  std::vector<fs::path> paths;
  for (const Sample& sample : dataset.samples) paths.push_back(sample.path);
  if (config.features == "model") return rows_of_network(backend, config, paths, console);
  if (config.features == "pixels")
    return rows_of_pixels(paths, thread_count(config.options.threads), console);
  const fs::path file = config.features;
  return file.extension() == ".npy" ? rows_of_npy(file, paths.size())
                                    : FeatureTable(file).read(paths);
}

ExploredData without_errors(const Dataset& dataset, SourceRows source) {
  ExploredData data{.source = source.source,
                    .is_table = dataset.table != nullptr,
                    .class_names = dataset.class_names,
                    .preprocessing = source.preprocessing};
  std::vector<const std::vector<float>*> rows;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    if (!source.errors[i].empty()) {
      data.left_out.emplace_back(sample.name, source.errors[i]);
      continue;
    }
    data.names.push_back(sample.name);
    data.paths.push_back(sample.path);
    data.labels.push_back(sample.label);
    rows.push_back(&source.rows[i]);
  }
  if (rows.size() < kFewest)
    throw DatasetError(dataset.root.string() + ": " + number_text(rows.size()) + " of " +
                       number_text(dataset.samples.size()) + " can be read, expected " +
                       number_text(kFewest) + " or more" +
                       (data.left_out.empty() ? "" : "; the first: " + data.left_out[0].second));
  data.rows.create(static_cast<int>(rows.size()), static_cast<int>(rows[0]->size()), CV_32F);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(data.rows.ptr(static_cast<int>(i)), rows[i]->data(),
                rows[i]->size() * sizeof(float));
  return data;
}

}  // namespace

ExploredData load_explored_data(Backend& backend, const ExploreConfig& config, Console& console) {
  const Dataset dataset = open_dataset(config.dataset, Labels::optional);
  for (const std::string& warning : dataset.warnings) console.warning(warning);
  return without_errors(dataset, dataset.table ? rows_of_table(*dataset.table)
                                               : rows_of_images(backend, config, dataset, console));
}

}  // namespace steelsight

#include "pipeline/command/model_run.hpp"

#include "datasets/error.hpp"
#include "datasets/sentences.hpp"
#include "pipeline/command/pretrained.hpp"

namespace steelsight {

ModelRunConfig read_model_run(JsonObject& section) {
  ModelRunConfig c;
  section.read("output", c.output);
  section.read("model", c.model);
  section.read("batch_size", c.batch_size);
  section.read("loader_threads", c.loader_threads);
  section.read("strict", c.strict);
  if (c.output.empty())
    throw ConfigError(section.path() + "/output is missing: a folder to write to, -o DIR");
  if (c.model.empty()) c.model = pretrained_model().string();
  check_loading(c.batch_size, c.loader_threads, section.path());
  return c;
}

void add_model_run(Json& section, const ModelRunConfig& c) {
  section["output"] = c.output;
  section["model"] = c.model;
  section["batch_size"] = c.batch_size;
  section["loader_threads"] = c.loader_threads;
  section["strict"] = c.strict;
}

void require_all_folders(const ModelRunConfig& config, std::size_t unreadable_folders) {
  if (config.strict && unreadable_folders > 0)
    throw DatasetError(counted(unreadable_folders, "folder") +
                       " could not be read, expected none with --strict");
}

void check_loading(std::int64_t batch_size, std::size_t loader_threads, const std::string& path) {
  if (batch_size < 1 || batch_size > 4096)
    throw ConfigError(path + "/batch_size is " + std::to_string(batch_size) +
                      ", expected 1 to 4096");
  if (loader_threads < 1 || loader_threads > 256)
    throw ConfigError(path + "/loader_threads is " + std::to_string(loader_threads) +
                      ", expected 1 to 256");
}

}  // namespace steelsight

#include "pipeline/command/pretrained.hpp"

#include "models/error.hpp"

namespace steelsight {

fs::path pretrained_model() {
  const char* name = "steelsight-slim.safetensors";
  boost::system::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  fs::path installed = program.parent_path().parent_path() / "share" / "steelsight" / name;
  if (fs::exists(installed, ignored)) return installed;
  for (fs::path folder = program.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    fs::path built = folder / "models" / "pretrained" / name;
    if (fs::exists(built, ignored)) return built;
    if (folder == folder.root_path()) break;
  }
  throw ModelError(std::string(name) + ", the shipped model, is neither at " + installed.string() +
                   " nor in models/pretrained: name a model with --model");
}

}  // namespace steelsight

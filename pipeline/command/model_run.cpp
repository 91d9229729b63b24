#include "pipeline/command/model_run.hpp"

#include "core/value_checks.hpp"
#include "datasets/error.hpp"
#include "datasets/sentences.hpp"

namespace steelsight {

const Fields<ModelRunConfig>& model_run_fields() {
  using C = ModelRunConfig;
  static const Fields<C> fields(
      {
          {"output",
           &C::output,
           {"-o,--output", "DIR", "Folder to write to"},
           required("a folder to write to, -o DIR")},
          {"model",
           &C::model,
           {"--model", "MODEL", "What `train` wrote (default: the shipped model)"}},
          batch_size_field<C>(),
          loader_threads_field<C>(),
          {"strict",
           &C::strict,
           {"--strict", "", "Exit with 3 if an image or folder could not be read"}},
      },
      default_to_shipped_model<C>);
  return fields;
}

void require_all_folders(const ModelRunConfig& config, std::size_t unreadable_folders) {
  if (config.strict && unreadable_folders > 0)
    throw DatasetError(counted(unreadable_folders, "folder") +
                       " could not be read, expected none with --strict");
}

}  // namespace steelsight

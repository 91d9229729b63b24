#include "pipeline/distill/distill_config.hpp"

#include "core/value_checks.hpp"
#include "pipeline/command/model_run.hpp"

namespace steelsight {
namespace {

constexpr std::int64_t kMostPasses = 100000;

void refuse_contradicting_keys(DistillConfig& c, const std::string& path) {
  const auto require = [&](bool holds, const std::string& key, const std::string& expected) {
    if (!holds) throw ConfigError(path + "/" + key + " is there, expected " + expected);
  };
  if (c.images.empty() && c.unlabelled.empty())
    throw ConfigError(path + "/images is missing: the images to learn from, or --unlabelled DIR");
  if (c.input_size != 0 && c.input_size < 16)
    throw ConfigError(path + "/input_size is " + std::to_string(c.input_size) +
                      ", expected 0 (the architecture's own) or 16 to 4096");
  require(c.arch.empty() || c.from.empty(), "arch", "none with --from, which has its own");
  require(!c.arch.empty() || c.input_size == 0, "input_size",
          "none without --arch: the model has its own");
  require(!c.teacher_weights.empty() || c.teacher_input_size == 0, "teacher_input_size",
          "none without --teacher-weights: a model has its own");
}

}  // namespace

const Fields<DistillConfig>& distill_fields() {
  using C = DistillConfig;
  static const Fields<C> fields(
      {
          {"images",
           &C::images,
           {"images", "IMAGES", "Data sets as for train; images without labels are welcome"}},
          {"unlabelled",
           &C::unlabelled,
           {"--unlabelled", "", "More images: folders whose names are no classes, patterns: a,b"}},
          {"output",
           &C::output,
           {"-o,--output", "MODEL", "The model to write, a .safetensors file"},
           model_file()},
          {"teacher",
           &C::teacher,
           {"--teacher", "MODEL|ARCH", "The large network: a model, or resnet50, vgg16, ..."},
           required("the network to learn from, --teacher MODEL")},
          {"teacher_weights",
           &C::teacher_weights,
           {"--teacher-weights", "FILE", "The weights of an architecture as the teacher"}},
          {"teacher_layers",
           &C::teacher_layers,
           {"--teacher-layer", "",
            "Layers to learn, pooled and joined (default: the ends of its last three stages)"}},
          {"teacher_input_size",
           &C::teacher_input_size,
           {"--teacher-input-size", "", "Side of the teacher's input in pixels"},
           between(0, 4096, "0: the architecture's own")},
          {"components",
           &C::components,
           {"--components", "", "Principal components of the teacher's features to learn"},
           between(std::int64_t{1}, std::int64_t{4096})},
          {"whitening",
           &C::whitening,
           {"", "", "0: a component counts by its variance; 1: all count alike"},
           between(0.0, 1.0)},
          {"views",
           &C::views,
           {"--views", "", "Ways in which the teacher sees each image: itself and augmented ones"},
           between(1, 1000)},
          {"cache", &C::cache, {"", "", "Folder for the teacher's features"}},
          {"from",
           &C::from,
           {"--from", "MODEL",
            "The student to begin with (default without --arch: the shipped model)"}},
          {"arch",
           &C::arch,
           {"--arch", "NAME", "A student with random weights: vgg16-slim or a SPEC.json"}},
          {"width", &C::width, {"--width", "", "vgg16-slim: share of VGG16's channels"}},
          {"input_size",
           &C::input_size,
           {"--input-size", "", "Side of the input of --arch in pixels"},
           between(0, 4096, "0: the architecture's own")},
          {"layers",
           &C::layers,
           {"--layer", "",
            "The student's features, pooled and joined (default: its last four stages)"}},
          {"label_weight",
           &C::label_weight,
           {"--label-weight", "", "Of the labels beside the teacher; 0: none are used"},
           at_least(0)},
          {"validation",
           &C::validation,
           {"--validation", "", "Share of images that are held out, to measure on"},
           share_below_one()},
          {"epochs",
           &C::epochs,
           {"--epochs", "", "Passes over the images"},
           between(std::int64_t{1}, kMostPasses)},
          batch_size_field<C>({"--batch-size", "", "Images in one step"}),
          {"resume", &C::resume, {"--resume", "", "Go on where the same run was stopped"}},
          {"seed", &C::seed},
          loader_threads_field<C>(),
          {"optimizer", &C::optimizer, parse_optimizer},
          {"schedule", &C::schedule, parse_schedule},
          {"augmentation", &C::augmentation, augmentation_from_json},
      },
      refuse_contradicting_keys);
  return fields;
}

}  // namespace steelsight

#include "pipeline/extend/extend.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "core/output_claim.hpp"
#include "core/seed_tags.hpp"
#include "core/value_checks.hpp"
#include "datasets/open_dataset.hpp"
#include "evaluation/calibration.hpp"
#include "evaluation/number_text.hpp"
#include "models/error.hpp"
#include "models/loss.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/extend/class_recall.hpp"
#include "pipeline/extend/new_images.hpp"
#include "pipeline/features/extraction.hpp"
#include "pipeline/features/head_on_memory.hpp"
#include "pipeline/features/image_network.hpp"
#include "pipeline/predict/classifier.hpp"
#include "pipeline/predict/novelty.hpp"
#include "pipeline/train/phase_run.hpp"

namespace steelsight {
namespace {

// Positions in the memory.
struct DividedMemory {
  std::vector<std::size_t> learned, kept;
};

// The same share of the remembered vectors as of the new images is kept for validation, equally
// many of each class.
DividedMemory divide(const FeatureMemory& memory, const ExtendConfig& config) {
  std::map<int, std::size_t> counts;
  for (const int label : memory.labels) ++counts[label];
  std::size_t fewest = memory.size();
  for (const auto& [label, count] : counts) fewest = std::min(fewest, count);
  DividedMemory divided{
      .learned = {},
      .kept = select_per_class(
          memory.labels, static_cast<std::size_t>(config.validation * static_cast<double>(fewest)),
          config.seed)};
  for (std::size_t i = 0, k = 0; i < memory.size(); ++i) {
    if (k < divided.kept.size() && divided.kept[k] == i)
      ++k;
    else
      divided.learned.push_back(i);
  }
  return divided;
}

// The memory and the new features as one set of examples; old ones have one view, repeated.
LabelledFeatures join(const FeatureMemory& memory, const Features& fresh,
                      const std::vector<int>& labels) {
  auto copy = std::make_shared<const std::vector<float>>(memory.features);
  LabelledFeatures all{.features = {.shape = fresh.shape,
                                    .views = fresh.views,
                                    .rows = {},
                                    .errors = {},
                                    .memory = nullptr},
                       .labels = memory.labels};
  for (std::size_t i = 0; i < memory.size(); ++i)
    all.features.rows.insert(all.features.rows.end(), fresh.views,
                             copy->data() + i * static_cast<std::size_t>(memory.dimension));
  for (const auto& [example, error] : fresh.errors)
    all.features.errors.emplace(memory.size() + example, error);
  all.features.rows.insert(all.features.rows.end(), fresh.rows.begin(), fresh.rows.end());
  all.features.memory = std::make_shared<std::pair<decltype(copy), Features>>(copy, fresh);
  all.labels.insert(all.labels.end(), labels.begin(), labels.end());
  return all;
}

LabelledExamples old_images(const std::string& folder, const Model& model) {
  const Dataset dataset = open_images(folder);
  LabelledExamples images;
  for (const Sample& sample : dataset.samples) {
    if (!sample.label) continue;
    const auto place = std::ranges::find(model.class_names, dataset.class_names[*sample.label]);
    if (place == model.class_names.end()) continue;
    images.examples.paths.push_back(sample.path);
    images.labels.push_back(static_cast<int>(place - model.class_names.begin()));
  }
  if (images.examples.empty())
    throw DatasetError(folder + ": has no image of the model's classes to measure them on");
  return images;
}

class Extension {
 public:
  Extension(Backend& backend, const ExtendConfig& config, Console& console)
      : backend_(backend),
        config_(config),
        console_(console),
        given_(load_classifier(config.model, console.stop())) {
    if (given_.memory.empty())
      throw ModelError(config.model +
                       ": carries no features of its classes, which `extend` needs: train it "
                       "again with a network that ends in a dense layer");
    old_ = with_head_on_memory(given_);
    seen_.insert(given_.trained_images.begin(), given_.trained_images.end());
    seen_.insert(given_.validated_images.begin(), given_.validated_images.end());
  }

  ExtendResult run() {
    const Dataset dataset = open_images(config_.dataset);
    for (const std::string& warning : dataset.warnings) console_.warning(warning);
    extended_ = begin(dataset);
    const DividedImages images = divide_images(dataset, extended_.class_names,
                                               {.validation = config_.validation,
                                                .seed = config_.seed,
                                                .known_classes = old_.class_names.size(),
                                                .preparation = preparation_of(old_),
                                                .threads = config_.loader_threads,
                                                .seen = seen_},
                                               console_);
    learn(images.train);
    ExtendResult result = judge();
    remember(images.train);
    result.validation = recalibrate(images.validation);
    return result;
  }

  const Model& extended() const { return extended_; }

 private:
  Model begin(const Dataset& dataset) const {
    Model model = old_;
    model.class_names = extended_classes(old_.class_names, dataset, console_);
    if (model.class_names.size() == old_.class_names.size())
      console_.line("no class is new: the known ones are trained again on memory and images");
    model.spec = with_outputs(old_.spec, static_cast<std::int64_t>(model.class_names.size()));
    // New rows begin at zero: a class is unlikely until something speaks for it.
    std::vector<int> places;
    for (std::size_t c = 0; c < model.class_names.size(); ++c)
      places.push_back(c < old_.class_names.size() ? static_cast<int>(c) : -1);
    model.calibration = Json::object();  // it is of other classes and another memory
    if (!model.quantization.empty())
      console_.line("the new model is in f32: `quantize` makes it run in integers again");
    model.quantization = {};  // it is of another network
    const std::string head = head_of(model.spec);
    for (const ParameterSpec& parameter : parameter_specs(model.spec)) {
      if (layer_of_parameter(parameter.name) != head) continue;
      Tensor fresh{parameter.shape,
                   std::vector<float>(static_cast<std::size_t>(element_count(parameter.shape)))};
      Tensor& rows = model.parameters.at(parameter.name);
      rows = reordered_rows(rows, std::move(fresh), places);
    }
    return model;
  }

  Features features_of(const LabelledExamples& images, std::int64_t views) {
    const NetworkSpec trunk = trunk_of(old_.spec, features_layer(old_.spec));
    return extract_features(backend_,
                            {.spec = trunk,
                             .parameters = parameters_of(trunk, old_.parameters),
                             .preprocessing = image_preparation(preparation_of(old_))},
                            images.examples.paths,
                            {.views = static_cast<std::size_t>(views),
                             .augmentation = config_.augmentation,
                             .seed = config_.seed,
                             .cache = config_.cache,
                             .cache_option = "/extend/cache",
                             .loader_threads = config_.loader_threads},
                            console_);
  }

  void learn(const NewImages& images) {
    const NetworkSpec rest = rest_of(extended_.spec, features_layer(extended_.spec));
    const TensorMap parameters = parameters_of(rest, extended_.parameters);
    fresh_ = features_of(images.examples, config_.views);
    const DividedMemory memory = divide(old_.memory, config_);
    kept_ = memory.kept;
    LabelledFeatures examples =
        join(old_.memory.select(memory.learned), fresh_, images.examples.labels);
    console_.line(std::to_string(old_.memory.size()) + " features remembered of " +
                  std::to_string(old_.class_names.size()) + " classes, " +
                  std::to_string(fresh_.size()) + " new images");
    LearnerConfig learning;
    learning.optimizer = {.kind = OptimizerKind::adamw, .weight_decay = 0.01};
    learning.schedule = {.kind = ScheduleKind::one_cycle, .learning_rate = config_.learning_rate};
    learning.epochs = config_.epochs;
    learning.batch_size = 32;
    learning.sampling = Sampling::balanced;
    learning.random = Random(config_.seed).child(seed_tag::kExtension);
    const PhaseRun head = start_on_features(
        backend_, learning, {.spec = rest, .parameters = parameters}, std::move(examples), {});
    for (std::int64_t epoch = 0; epoch < config_.epochs; ++epoch) {
      head.learn(epoch, [this](std::size_t, double) { return !console_.stop_requested(); });
      console_.throw_if_stopped("the head learned: no model was written");
    }
    for (const auto& [name, tensor] : head.learner->parameters())
      extended_.parameters[name] = tensor;
  }

  // On the images that were given for it, or on the remembered vectors that the new head did not
  // learn from, or on all of them if there are too few to keep some. Throws ForgetError.
  ExtendResult judge() {
    const std::size_t old_classes = old_.class_names.size();
    const bool images = !config_.old.empty();
    const LabelledExamples old = images ? old_images(config_.old, given_) : LabelledExamples{};
    const auto measure = [&](const Model& model, const FeatureMemory& memory) {
      if (images) return recall_on_images(backend_, model, old, old_classes);
      return recall_on_memory(backend_, model, kept_.empty() ? memory : memory.select(kept_),
                              old_classes);
    };
    const ClassRecall before = measure(given_, given_.memory);
    const ClassRecall after = measure(extended_, old_.memory);
    if (before.images() == 0)
      throw DatasetError(config_.old + ": none of its " + std::to_string(old.labels.size()) +
                         " images of the model's classes can be read");
    if (images && before.images() < old.labels.size())
      console_.warning(std::to_string(old.labels.size() - before.images()) + " of " +
                       std::to_string(old.labels.size()) + " images of " + config_.old +
                       " can't be read and measure nothing");
    console_.line("recall of the old classes on " +
                  (images          ? config_.old
                   : kept_.empty() ? "the remembered features, which it learned from"
                                   : std::to_string(kept_.size()) +
                                         " remembered features that it did not learn from") +
                  ", before and after:");
    for (std::size_t c = 0; c < old_classes; ++c)
      if (before.measured(c))
        console_.line("  " + old_.class_names[c] + "  " + percent_text(before.of(c), 2) + "  " +
                      percent_text(after.of(c), 2));
    console_.line("  mean  " + percent_text(before.mean(), 2) + "  " +
                  percent_text(after.mean(), 2));
    const double lost = 100 * (before.mean() - after.mean());
    if (lost > config_.max_forget) {
      char text[160];
      std::snprintf(text, sizeof text,
                    "the old classes would lose %.2f points of recall, --max-forget allows %.2f; "
                    "no model was written",
                    lost, config_.max_forget);
      throw ForgetError(text);
    }
    ExtendResult result{
        .new_classes = {extended_.class_names.begin() + static_cast<std::ptrdiff_t>(old_classes),
                        extended_.class_names.end()},
        .recall_before = before.mean(),
        .recall_after = after.mean(),
        .validation = {}};
    return result;
  }

  // So that the model can be extended again. What it knew of an old class is remembered already.
  void remember(const NewImages& images) {
    std::vector<std::size_t> order(fresh_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(config_.seed).child(seed_tag::kNewMemory).shuffle(order);
    std::vector<std::int64_t> kept(extended_.class_names.size(), 0);
    for (const std::size_t i : order) {
      const int label = images.examples.labels[i];
      if (fresh_.errors.contains(i)) continue;
      const auto hash = images.hashes[i];
      if (std::cmp_less(label, old_.class_names.size()) && hash && seen_.contains(*hash)) continue;
      if (++kept[static_cast<std::size_t>(label)] > config_.memory_per_class) continue;
      extended_.memory.add(fresh_.row(i), label);
    }
    add_hashes(extended_.trained_images, images);
    Json& training = extended_.training;
    training["extended"].push_back({{"classes", extended_.class_names},
                                    {"images", images.examples.labels.size()},
                                    {"seed", config_.seed}});
  }

  // The head is new, so are its confidences: judged on what it did not learn from, the remembered
  // vectors of old classes and the images of new ones that were kept for it. Distances of old
  // images are those from before: these images aren't here.
  Accuracy recalibrate(const NewImages& validation) {
    Validated validated;
    if (const auto before = calibration_of(given_)) validated.distances = before->distances;
    const FeatureMemory kept = old_.memory.select(kept_);
    validated.logits = logits_of(backend_, extended_, kept);
    validated.labels = kept.labels;
    const Accuracy accuracy = add_images(validation.examples, validated);
    add_hashes(extended_.validated_images, validation);
    if (!validated.labels.empty()) extended_.calibration = to_json(calibrate(std::move(validated)));
    return accuracy;
  }

  Accuracy add_images(const LabelledExamples& images, Validated& validated) {
    Accuracy accuracy;
    if (images.examples.empty()) return accuracy;
    const Novelty novelty(extended_.memory);
    ImageNetwork(backend_, extended_, /*features=*/true, {.stop = console_.stop()})
        .run(images.examples, [&](const ImageOutput& output) {
          if (!output.error.empty()) return;
          const int label = images.labels[output.item];
          validated.logits.insert(validated.logits.end(), output.logits.begin(),
                                  output.logits.end());
          validated.labels.push_back(label);
          validated.distances.push_back(novelty.distance(output.features));
          ++accuracy.n;
          accuracy.correct += argmax(output.logits) == label;
        });
    return accuracy;
  }

  static void add_hashes(std::vector<std::uint64_t>& all, const NewImages& more) {
    for (const std::optional<std::uint64_t>& hash : more.hashes)
      if (hash) all.push_back(*hash);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }

  Backend& backend_;
  const ExtendConfig& config_;
  Console& console_;
  const Model given_;
  Model old_;  // the same with a head on all that it remembers
  Model extended_;
  Features fresh_;
  std::set<std::uint64_t> seen_;   // images that the given model learned from or was chosen on
  std::vector<std::size_t> kept_;  // rows of the old memory that the new head does not learn from
};

}  // namespace

ExtendResult extend(Backend& backend, const ExtendConfig& config, Console& console) {
  const OutputClaim claim = claim_file(config.output);
  Extension extension(backend, config, console);
  ExtendResult result = extension.run();
  save_model(config.output, extension.extended());
  fs::path beside = config.output;
  write_config(beside.replace_extension(".config.json"), "extend", extend_fields().write(config));
  std::string names;
  for (const std::string& name : result.new_classes) names += " " + name;
  console.line("new classes:" + (names.empty() ? " none" : names));
  if (result.validation.n > 0)
    console.line("new images kept for validation: " + percent_text(result.validation.value(), 2) +
                 " of " + std::to_string(result.validation.n));
  console.line("model in " + config.output);
  return result;
}

const Fields<ExtendConfig>& extend_fields() {
  using C = ExtendConfig;
  static const Fields<C> fields(
      {
          {"dataset",
           &C::dataset,
           {"dataset", "NEW_DATASET", "Images of the new classes, as for train"},
           required("a folder or list of new images")},
          {"model", &C::model, {"--model", "MODEL", "The model to extend"}},
          {"output",
           &C::output,
           {"-o,--output", "MODEL2", "The model to write, a .safetensors file"},
           model_file()},
          {"old",
           &C::old,
           {"--old", "DATASET", "Images to measure the old classes on, if there are any"}},
          {"max_forget",
           &C::max_forget,
           {"--max-forget", "", "Points of the old classes' mean recall that may be lost"},
           between(0, 100)},
          {"validation",
           &C::validation,
           {"", "", "Share of new images and remembered vectors to calibrate on"}},
          {"epochs",
           &C::epochs,
           {"--epochs", "", "Passes over old and new features"},
           between(1, 100000)},
          {"learning_rate", &C::learning_rate, {"", "", "The highest one"}, more_than(0)},
          {"views",
           &C::views,
           {"--views", "", "Augmented views of each new image"},
           between(1, 1000)},
          {"memory_per_class",
           &C::memory_per_class,
           {"", "", "Features that are remembered of each new class"},
           at_least(1)},
          {"augmentation", &C::augmentation, augmentation_from_json},
          {"cache", &C::cache, {"", "", "Folder for features that are kept"}},
          {"seed", &C::seed},
          loader_threads_field<C>(),
      },
      default_to_shipped_model<C>);
  return fields;
}

}  // namespace steelsight

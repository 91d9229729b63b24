#include "models/kernel_choices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "models/network.hpp"
#include "tests/winograd.hpp"

namespace steelsight::kernel_choices_test {
namespace {

using Policy = KernelConfig::Policy;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr KernelTiming kDirectWins{.direct_ms = 1, .winograd_ms = 2};
constexpr KernelTiming kWinogradWins{.direct_ms = 2, .winograd_ms = 1};

class KernelFile : public testing::Test {
 protected:
  KernelFile() { fs::create_directories(folder_); }
  ~KernelFile() override { fs::remove_all(folder_); }

  KernelChoices timed(const std::string& machine = "A") const {
    return {{.policy = Policy::timed, .file = file_}, machine};
  }
  KernelChoices pinned(const std::string& machine = "A") const {
    return {{.policy = Policy::pinned, .file = file_}, machine};
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const fs::path file_ = folder_ / "cache" / "kernels.json";
};

TEST(KernelTiming, ANearTieIsDirect) {
  EXPECT_EQ((KernelTiming{.direct_ms = 1, .winograd_ms = 0.97}).chosen(), ConvAlgorithm::direct);
  EXPECT_EQ((KernelTiming{.direct_ms = 1, .winograd_ms = 0.90}).chosen(), ConvAlgorithm::winograd);
}

TEST_F(KernelFile, RemembersForEachMachine) {
  KernelChoices first = timed();
  EXPECT_EQ(first.find("conv"), std::nullopt);
  EXPECT_EQ(first.keep("conv", kWinogradWins), ConvAlgorithm::winograd);
  EXPECT_EQ(first.find("conv"), ConvAlgorithm::winograd);
  EXPECT_EQ(timed().find("conv"), ConvAlgorithm::winograd);
  EXPECT_EQ(timed("B").find("conv"), std::nullopt);
  const MachineKernels kernels = read_kernel_file(file_);
  EXPECT_EQ(kernels.at("A").at("conv").direct_ms, 2);
  EXPECT_EQ(kernels.at("A").at("conv").winograd_ms, 1);
}

TEST_F(KernelFile, WhatWasKeptFirstHolds) {
  KernelChoices one = timed(), other = timed();
  EXPECT_EQ(one.keep("conv", kWinogradWins), ConvAlgorithm::winograd);
  EXPECT_EQ(other.keep("conv", kDirectWins), ConvAlgorithm::winograd);
  EXPECT_EQ(other.find("conv"), ConvAlgorithm::winograd);
}

TEST_F(KernelFile, WhatOthersKeptMeanwhileIsNotTimedAgain) {
  KernelChoices one = timed();
  timed().keep("conv", kWinogradWins);
  EXPECT_EQ(one.find("conv"), ConvAlgorithm::winograd);
}

TEST_F(KernelFile, NothingIsTimedWhileItMayNotBe) {
  KernelChoices choices = timed();
  choices.keep("conv", kWinogradWins);
  choices.let_time(false);
  EXPECT_EQ(choices.find("conv"), ConvAlgorithm::direct);
  EXPECT_EQ(choices.find("other"), ConvAlgorithm::direct);
  EXPECT_EQ(choices.description(), "");
  choices.let_time(true);
  EXPECT_EQ(choices.find("conv"), ConvAlgorithm::winograd);
  EXPECT_EQ(choices.find("other"), std::nullopt);

  KernelChoices others = pinned();
  others.let_time(false);
  EXPECT_EQ(others.find("conv"), ConvAlgorithm::winograd);
}

TEST_F(KernelFile, ADamagedFileIsBegunAnew) {
  timed().keep("old", kWinogradWins);
  const std::string whole = read_file(file_);
  for (const std::string& damaged :
       {std::string(), std::string("{"), whole.substr(0, whole.size() / 2),
        std::string(R"({"format": "steelsight kernels 0", "machines": {}})"),
        std::string(R"({"format": "steelsight kernels 1", "machines": 3})"),
        std::string(R"({"format": "steelsight kernels 1", "machines": {"A": {"old": 3}}})"),
        std::string(R"({"format": "steelsight kernels 1",
                        "machines": {"A": {"old": {"direct_ms": -1, "winograd_ms": 1}}}})")}) {
    write_file(file_, damaged);
    EXPECT_THROW(read_kernel_file(file_), ConfigError) << damaged;
    EXPECT_EQ(timed().find("old"), std::nullopt) << damaged;
    EXPECT_THROW(pinned(), ConfigError) << damaged;
    EXPECT_EQ(timed().keep("new", kWinogradWins), ConvAlgorithm::winograd);
    EXPECT_EQ(read_kernel_file(file_).at("A").size(), 1u) << damaged;
  }
}

TEST_F(KernelFile, ManyWritersLoseNothing) {
  constexpr int kWriters = 8, kEach = 20;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.emplace_back([&, w] {
      KernelChoices choices = timed();
      for (int i = 0; i < kEach; ++i) {
        choices.keep("own " + std::to_string(w) + " " + std::to_string(i), kDirectWins);
        choices.keep("shared " + std::to_string(i), w % 2 == 0 ? kDirectWins : kWinogradWins);
      }
      for (int i = 0; i < kEach; ++i)
        EXPECT_EQ(choices.find("shared " + std::to_string(i)),
                  timed().find("shared " + std::to_string(i)));
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(read_kernel_file(file_).at("A").size(), kWriters * kEach + kEach);
}

TEST_F(KernelFile, AFolderThatCannotBeWrittenIsNoError) {
  write_file(folder_ / "cache", "a file where the folder should be");
  std::vector<std::string> told;
  KernelChoices choices({.policy = Policy::timed,
                         .file = file_,
                         .warn = [&](const std::string& reason) { told.push_back(reason); }},
                        "A");
  EXPECT_EQ(choices.keep("conv", kWinogradWins), ConvAlgorithm::winograd);
  EXPECT_EQ(choices.keep("other", kDirectWins), ConvAlgorithm::direct);
  EXPECT_EQ(choices.find("conv"), ConvAlgorithm::winograd);
  ASSERT_EQ(told.size(), 1u);  // once, not for each kernel
  EXPECT_THAT(told[0], HasSubstr(file_.string()));
  EXPECT_EQ(timed().keep("conv", kDirectWins), ConvAlgorithm::direct);  // nobody to tell
}

TEST_F(KernelFile, APinnedFileStaysAsItIs) {
  timed().keep("conv", kWinogradWins);
  const std::string before = read_file(file_);
  KernelChoices choices = pinned();
  EXPECT_EQ(choices.find("conv"), ConvAlgorithm::winograd);
  EXPECT_EQ(choices.find("other"), ConvAlgorithm::direct);
  EXPECT_EQ(read_file(file_), before);
  EXPECT_EQ(choices.description(), pinned().description());
  EXPECT_EQ(timed().description(), "timed kernels");

  // Other times, the same choice: the same pin. Another choice: another one.
  const std::string pin = choices.description();
  fs::remove(file_);
  timed().keep("conv", {.direct_ms = 5, .winograd_ms = 1});
  EXPECT_EQ(pinned().description(), pin);
  fs::remove(file_);
  timed().keep("conv", kDirectWins);
  EXPECT_NE(pinned().description(), pin);
}

TEST_F(KernelFile, APinOfAnotherMachineIsRefused) {
  timed("A").keep("conv", kWinogradWins);
  EXPECT_THAT([&] { pinned("B"); },
              ThrowsMessage<ConfigError>(AllOf(HasSubstr("kernels.json"), HasSubstr("'B'"),
                                               HasSubstr("only on 'A'; CPU"))));
  EXPECT_THROW(KernelChoices({.policy = Policy::pinned, .file = folder_ / "missing"}, "A"),
               FileError);
}

TEST_F(KernelFile, WhatWasUsedCanBeUsedAgain) {
  timed().keep("unused", kWinogradWins);
  KernelChoices run = timed();
  run.keep("conv", kWinogradWins);
  ASSERT_EQ(run.used().size(), 1u);
  fs::remove(file_);
  timed().keep("conv", kDirectWins);
  KernelChoices resumed = timed();
  resumed.use(kernel_timings_from_json(to_json(run.used()), ""));
  EXPECT_EQ(resumed.find("conv"), ConvAlgorithm::winograd);
  EXPECT_EQ(resumed.used().at("conv").winograd_ms, kWinogradWins.winograd_ms);

  KernelChoices others = pinned();
  others.use(run.used());
  EXPECT_EQ(others.find("conv"), ConvAlgorithm::direct);
  EXPECT_TRUE(others.used().empty());
  EXPECT_THROW(kernel_timings_from_json(Json::array(), "/kernels"), ConfigError);
}

TEST(KernelChoices, DirectAsksForNothing) {
  EXPECT_EQ(KernelChoices({}, "A").find("conv"), ConvAlgorithm::direct);
}

// A network whose convolutions Winograd can compute, and what it computes, forward and backward.
struct Results {
  std::vector<float> inference, forward, input_gradient;
  TensorMap gradients;
};

Results compute(const KernelConfig& kernels) {
  constexpr std::int64_t kBatch = 2;
  const auto conv = [](const char* name, std::int64_t out) {
    return LayerSpec{.type = LayerType::conv, .name = name, .out = out, .kernel = 3, .pad = 1};
  };
  const auto relu = [](const char* name) {
    return LayerSpec{.type = LayerType::activation, .name = name};
  };
  const NetworkSpec spec{.input = {32, 18, 18},
                         .layers = {conv("a", 32), relu("relu"), conv("b", 64)}};
  Random random(3);
  TensorMap parameters;
  for (const ParameterSpec& p : parameter_specs(spec)) {
    Tensor& tensor = parameters[p.name];
    tensor.shape = p.shape;
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      tensor.values.push_back(0.1f * random.normal());
  }
  std::vector<float> input(static_cast<std::size_t>(kBatch * element_count(spec.input)));
  for (float& value : input) value = random.normal();

  Backend backend(2, kernels);
  InferenceNetwork inference(backend, spec, parameters, {.batch_size = kBatch});
  Results results;
  results.inference.resize(
      static_cast<std::size_t>(kBatch * element_count(inference.output_shape())));
  inference.run(input, kBatch, results.inference);
  TrainingNetwork training(backend, spec, parameters,
                           {.batch_size = kBatch, .input_gradient = true});
  std::ranges::copy(input, training.input().begin());
  std::ranges::copy(training.forward(Random(0)), std::back_inserter(results.forward));
  for (float& value : training.output_gradient()) value = random.normal();
  training.backward();
  std::ranges::copy(training.input_gradient(), std::back_inserter(results.input_gradient));
  results.gradients = training.gradients();
  return results;
}

// Winograd rounds differently: rms 1e-6 of values around 1 (Lavin and Gray 2016 for F(4x4, 3x3)).
void expect_alike(std::span<const float> got, std::span<const float> expected,
                  const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  float scale = 0;
  for (const float value : expected) scale = std::max(scale, std::abs(value));
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], 1e-4f * scale) << what << " at " << i;
}

TEST_F(KernelFile, WinogradComputesWhatDirectDoes) {
  if (!has_winograd()) GTEST_SKIP() << "no Winograd in this oneDNN on this CPU";
  compute({.policy = Policy::timed, .file = file_});
  Json json = parse_json(read_file(file_), "kernels");
  std::string timed_kernels;
  for (auto& machine : json["machines"])
    for (auto& [convolution, timing] : machine.items()) {
      timing["winograd_ms"] = timing["direct_ms"].get<double>() / 2;
      timed_kernels += convolution + "\n";
    }
  write_file(file_, json.dump());
  for (const char* pass : {"inference", "forward", "backward data", "backward weights"})
    EXPECT_THAT(timed_kernels, HasSubstr(pass));

  const Results direct = compute({});
  const Results winograd = compute({.policy = Policy::pinned, .file = file_});
  EXPECT_NE(winograd.inference, direct.inference) << "Winograd was not used";
  expect_alike(winograd.inference, direct.inference, "inference");
  expect_alike(winograd.forward, direct.forward, "forward");
  expect_alike(winograd.input_gradient, direct.input_gradient, "gradient of the input");
  for (const auto& [name, gradient] : direct.gradients)
    expect_alike(winograd.gradients.at(name).values, gradient.values, name);
}

TEST_F(KernelFile, KernelsArePartOfTheBackendsDescription) {
  const std::string machine = Backend(2).machine();
  KernelChoices(KernelConfig{.policy = Policy::timed, .file = file_}, machine)
      .keep("conv", kWinogradWins);
  const Backend pinned(2, {.policy = Policy::pinned, .file = file_});
  EXPECT_THAT(pinned.description(), HasSubstr(", 2 threads, kernels "));
  EXPECT_THAT(Backend(2).description(), EndsWith(", 2 threads"));
  EXPECT_THAT(Backend(2, {.policy = Policy::timed, .file = file_}).description(),
              EndsWith(", 2 threads, timed kernels"));
}

}  // namespace
}  // namespace steelsight::kernel_choices_test

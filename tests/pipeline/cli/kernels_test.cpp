// Kernels by timing, and how fast they are, from the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "models/model_file.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"
#include "tests/winograd.hpp"

namespace steelsight::kernels_test {
namespace {

using testing::HasSubstr;

// The other tests' kernels stay as they are.
class OwnCache {
 public:
  explicit OwnCache(const std::string& folder) { ::setenv("XDG_CACHE_HOME", folder.c_str(), 1); }
  ~OwnCache() { ::setenv("XDG_CACHE_HOME", before_.c_str(), 1); }
  OwnCache(const OwnCache&) = delete;
  OwnCache& operator=(const OwnCache&) = delete;

 private:
  const std::string before_ = std::getenv("XDG_CACHE_HOME");
};

TEST_F(Cli, KernelsAreTimedOnceShownAndPinned) {
  if (!has_winograd()) GTEST_SKIP() << "no Winograd in this oneDNN on this CPU";
  const auto evaluate = [&](const std::string& kernels, const std::string& output) {
    const ProgramResult result = run_program({"evaluate", images(), "-o", path(output), "--model",
                                              model(), "--threads", "1", "--kernels", kernels});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(path(output) + "/predictions.csv");
  };
  const OwnCache cache(absolute("timed_cache"));
  const std::string file = path("timed_cache/steelsight/kernels.json");
  const std::string direct = evaluate("direct", "direct");
  EXPECT_FALSE(fs::exists(file));
  EXPECT_THAT(run_program({"info", "--kernels"}).out, HasSubstr("nothing was timed"));
  const std::string timed = evaluate("timed", "timed");
  EXPECT_THAT(run_program({"info", "--kernels"}).out,
              testing::AllOf(HasSubstr("1 thread"), HasSubstr("of 3x3, stride 1, pad 1")));
  EXPECT_EQ(evaluate("timed", "again"), timed);
  EXPECT_EQ(evaluate(file, "pinned"), timed);
}

TEST_F(Cli, NumbersThatAreComparedAreNotTimed) {
  std::vector<std::string> arguments{"extract", images(), "-o",        path("features.npy"),
                                     "--model", model(),  "--kernels", "timed"};
  const ProgramResult refused = run_program(arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--kernels FILE"));
  arguments.back() = path("missing.json");
  EXPECT_EQ(run_program(arguments).exit_code, 3);
  write_file(path("damaged.json"), "{");
  arguments.back() = path("damaged.json");
  EXPECT_EQ(run_program(arguments).exit_code, 2);
}

// Even if others were kept meanwhile.
TEST_F(Cli, AStoppedRunGoesOnWithItsOwnKernels) {
  if (!has_winograd()) GTEST_SKIP() << "no Winograd in this oneDNN on this CPU";
  const auto arguments = [&](const std::string& output) {
    std::vector<std::string> words = train_arguments(path(output), "5");
    *(std::ranges::find(words, "--epochs") + 1) = "20";
    words.insert(words.end(), {"--threads", "1"});
    return words;
  };
  const OwnCache cache(absolute("own_cache"));
  ASSERT_EQ(run_program(arguments("whole.safetensors")).exit_code, 0);
  ASSERT_EQ(run_program(arguments("stopped.safetensors"), "epoch 2/").exit_code, 130);

  const std::string file = path("own_cache/steelsight/kernels.json");
  Json json = parse_json(read_file(file), "kernels");
  for (auto& machine : json["machines"])
    for (auto& timing : machine) std::swap(timing["direct_ms"], timing["winograd_ms"]);
  write_file(file, json.dump());
  std::vector<std::string> resume = arguments("stopped.safetensors");
  resume.push_back("--resume");
  ASSERT_EQ(run_program(resume).exit_code, 0);
  EXPECT_EQ(read_file(path("stopped.safetensors")), read_file(path("whole.safetensors")));
}

TEST_F(Cli, PinnedKernelsTrainTheSameBytes) {
  if (!has_winograd()) GTEST_SKIP() << "no Winograd in this oneDNN on this CPU";
  const std::string file = path("cache/steelsight/kernels.json");
  ASSERT_EQ(run_program({"bench", "--model", model(), "--batch-size", "8", "--threads", "1",
                         "--seconds", "0", "--training"})
                .exit_code,
            0);
  fs::copy_file(file, path("pinned.json"));
  const auto train = [&](const std::string& output) {
    std::vector<std::string> arguments = train_arguments(path(output), "5");
    arguments.insert(arguments.end(), {"--threads", "1", "--kernels", path("pinned.json")});
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr(", kernels "));
    return load_model(path(output)).parameters;
  };
  const TensorMap first = train("pinned_1.safetensors"), second = train("pinned_2.safetensors");
  for (const auto& [name, tensor] : first) EXPECT_EQ(second.at(name).values, tensor.values) << name;
}

TEST_F(Cli, BenchSaysWhereTheTimeGoes) {
  const ProgramResult result =
      run_program({"bench", "--model", model(), "--batch-size", "2", "--threads", "1", "--seconds",
                   "0", "--training", "-o", path("bench.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::AllOf(HasSubstr("1 thread"), HasSubstr("batch 2: "),
                                         HasSubstr("block1_conv1"), HasSubstr("a training step")));
  EXPECT_EQ(parse_json(read_file(path("bench.json")), "bench")["batches"].size(), 1u);
}

}  // namespace
}  // namespace steelsight::kernels_test

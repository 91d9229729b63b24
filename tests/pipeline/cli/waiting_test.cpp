// Whatever file is waited for, the program hears that it shall end; and what has no end is not read
// to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <functional>

#include "core/atomic_file.hpp"
#include "core/descriptor.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::waiting_test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class Waiting : public Cli {
 protected:
  static void SetUpTestSuite() {
    Cli::SetUpTestSuite();
    for (const char* name :
         {"fifo", "fifo.safetensors", "fifo.csv", "fifo.json", "fifo.npy", "fifo.h5", "fifo.bmp"})
      ASSERT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
    const ProgramResult named = run_program(
        {"classify", images(), "-o", path("named"), "--model", model(), "--kernels", "direct"});
    ASSERT_EQ(named.exit_code, 0) << named.err;
    write_file(path("grid.json"), R"({"grid": {"/schedule/learning_rate": [0.001]}})");
  }

  static std::string predictions() { return path("named/predictions.csv"); }

  // Every option and argument that names a file to read, with `file` in its place: `like` gives the
  // name with an extension.
  using Commands = std::vector<std::vector<std::string>>;
  static Commands reading(const std::function<std::string(const std::string& extension)>& like) {
    const std::string out = path("out"), out_model = path("out.safetensors");
    return {
        {"train", like(".csv"), "-o", out_model},
        {"train", images(), "-o", out_model, "--arch", like(".json")},
        {"train", images(), "-o", out_model, "--from", like(".safetensors")},
        {"train", images(), "-o", out_model, "--arch", "vgg16", "--weights", like(".h5")},
        {"train", images(), "-o", out_model, "--arch", "resnet50", "--weights",
         like(".safetensors")},
        {"train", images(), "-o", out_model, "--split", like(".json")},
        {"train", images(), "-o", out_model, "--config", like(".json")},
        {"train", images(), "-o", out_model, "--kernels", like(".json")},
        {"classify", like(".bmp"), "-o", out, "--model", model()},
        {"classify", like(".csv"), "-o", out, "--model", model()},
        {"classify", images(), "-o", out, "--model", like(".safetensors")},
        {"evaluate", like(".csv"), "-o", out, "--model", model()},
        {"evaluate", images(), "-o", out, "--model", like(".safetensors")},
        {"report", like(".csv"), "-o", out},
        {"report", predictions(), like(".csv"), "-o", out},
        {"report", predictions(), "-o", out, "--log", like(".csv")},
        {"check", like(".csv")},
        {"check", images(), "--split", like(".json")},
        {"check", images(), "--predictions", like(".csv")},
        {"extract", like(".csv"), "-o", out, "--model", model(), "--layer", "features"},
        {"extract", images(), "-o", out, "--model", like(".safetensors"), "--layer", "features"},
        {"explore", like(".csv"), "-o", out},
        {"explore", images(), "-o", out, "--features", like(".npy")},
        {"explore", images(), "-o", out, "--features", like(".csv")},
        {"explore", images(), "-o", out, "--model", like(".safetensors")},
        {"extend", like(".csv"), "--model", model(), "-o", out_model},
        {"extend", images(), "--model", like(".safetensors"), "-o", out_model},
        {"extend", images(), "--model", model(), "-o", out_model, "--old", like(".csv"), "--views",
         "1"},
        {"quantize", like(".safetensors"), "--calibrate", images(), "-o", out_model},
        {"quantize", model(), "--calibrate", like(".csv"), "-o", out_model},
        {"search", like(".csv"), "-o", out, "--grid", path("grid.json")},
        {"search", images(), "-o", out, "--grid", like(".json")},
        {"info", like(".safetensors")},
        {"bench", "--arch", like(".json")},
        {"bench", "--model", like(".safetensors")},
    };
  }

  static std::string text(const std::vector<std::string>& command) {
    std::string all;
    for (const std::string& word : command) all += word + " ";
    return all;
  }
};

// Either it is refused, or it is waited for and the wait is ended.
TEST_F(Waiting, ForAFifoThatNobodyWritesEndsWithASignal) {
  bool waited = false;
  for (const std::vector<std::string>& command :
       reading([](const std::string& extension) { return path("fifo" + extension); })) {
    const ProgramResult result = signal_program(command, SIGTERM);
    EXPECT_THAT(result.exit_code, AnyOf(0, 2, 3, 4, 130)) << text(command) << result.err;
    waited |= result.exit_code == 130;
  }
  EXPECT_TRUE(waited);
}

TEST_F(Waiting, ForAReaderOfAnOutputEndsWithASignal) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"train", images(), "-o", path("fifo.safetensors"), "--epochs", "1"},
           {"extend", images(), "--model", model(), "-o", path("fifo.safetensors"), "--max-forget",
            "100"},
           {"quantize", model(), "--calibrate", images(), "-o", path("fifo.safetensors")},
           {"extract", images(), "--model", model(), "--layer", "features", "-o", path("fifo")},
           {"bench", "--model", model(), "-o", path("fifo.json")}}) {
    const ProgramResult result = signal_program(command, SIGINT, std::chrono::seconds(2));
    EXPECT_THAT(result.exit_code, AnyOf(2, 3, 130)) << text(command) << result.err;
  }
}

TEST_F(Waiting, HangUpEndsItToo) {
  const std::vector<std::string> command{"report", path("fifo.csv"), "-o", path("out")};
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const ProgramResult result = signal_program(command, signal);
    EXPECT_EQ(result.exit_code, 130) << signal << result.err;
    EXPECT_THAT(result.err, HasSubstr("interrupted while waiting for"));
  }
}

// Zeros without an end, and nothing at all. 130: other work took the time, and it heard the signal.
TEST_F(Waiting, DevicesAreRefused) {
  for (std::string device : {"/dev/zero", "/dev/null", "/dev/full"})
    for (const std::vector<std::string>& command :
         reading([&](const std::string&) { return device; })) {
      const ProgramResult result = signal_program(command, SIGTERM, std::chrono::seconds(20));
      EXPECT_THAT(result.exit_code, AnyOf(0, 2, 3, 4, 130)) << text(command) << result.err;
    }
}

TEST_F(Waiting, ForTheLockOfTheCacheEndsWithASignal) {
  const std::string spec = R"({"input": [1, 32, 32], "layers": [
      {"type": "conv", "name": "c", "out": 4, "kernel": 3, "pad": 1},
      {"type": "global_avgpool", "name": "p"}, {"type": "dense", "name": "logits", "out": 6}]})";
  write_file(path("spec.json"), spec);
  const std::vector<std::string> command{"train",     images(),
                                         "-o",        path("locked.safetensors"),
                                         "--arch",    path("spec.json"),
                                         "--freeze",  "c",
                                         "--epochs",  "1",
                                         "--kernels", "direct"};
  ASSERT_EQ(run_program(command).exit_code, 0);
  std::vector<Descriptor> locks;
  for (const fs::directory_entry& entry : fs::directory_iterator(root() / "cache" / "steelsight"))
    if (entry.path().extension() == ".features") {
      locks.push_back(open_to_read(entry.path()));
      ASSERT_EQ(::flock(locks.back().number(), LOCK_EX | LOCK_NB), 0);
    }
  ASSERT_FALSE(locks.empty());
  const ProgramResult result = signal_program(command, SIGTERM, std::chrono::seconds(3));
  EXPECT_EQ(result.exit_code, 130) << result.err;
}

}  // namespace
}  // namespace steelsight::waiting_test

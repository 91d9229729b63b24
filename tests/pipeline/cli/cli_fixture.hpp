#pragma once
// A small synthetic set and a small network, made once for all tests of a process, which only read
// them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "tests/pipeline/cli/program.hpp"

namespace steelsight {

class Cli : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(root());
    ::setenv("XDG_CACHE_HOME", (root() / "cache").c_str(), /*overwrite=*/1);
    const ProgramResult made =
        run_program({"synth", "-o", images(), "--per-class", "10", "--seed", "3"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const ProgramResult trained = run_program(train_arguments(model(), "5"));
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    trained_output() = trained.out;
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }

  static const fs::path& root() {
    static const fs::path path = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
    return path;
  }
  static std::string images() { return (root() / "images").string(); }
  static std::string model() { return (root() / "model.safetensors").string(); }
  static std::string path(const std::string& name) { return (root() / name).string(); }
  static std::string& trained_output() {
    static std::string output;
    return output;
  }
  static std::vector<std::string> train_arguments(const std::string& output,
                                                  const std::string& seed) {
    return {"train",        images(), "--arch",       "vgg16-slim",
            "-o",           output,   "--seed",       seed,
            "--epochs",     "2",      "--input-size", "32",
            "--width",      "0.125",  "--batch-size", "8",
            "--validation", "0.2",    "--report",     output + ".report"};
  }
  // The percentage behind `what` in the program's output.
  static std::string percentage(const std::string& output, const std::string& what) {
    std::smatch match;
    const std::regex pattern(what + R"(\s+accuracy ([0-9.]+) %)");
    return std::regex_search(output, match, pattern) ? match[1].str() : "none";
  }
};

}  // namespace steelsight

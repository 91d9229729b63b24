#pragma once
// A small synthetic set and a small network, made once for all tests of a process, which only read
// them. They stand in the current folder: half of the tests name all files as a user does who is
// there, relatively, the other half absolutely.
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/pipeline/cli/program.hpp"

namespace steelsight {

class Cli : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(root());
    folder_before() = fs::current_path();
    fs::current_path(root());
    ::setenv("XDG_CACHE_HOME", (root() / "cache").c_str(), /*overwrite=*/1);
    const ProgramResult made =
        run_program({"synth", "-o", images(), "--per-class", "10", "--seed", "3"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const ProgramResult trained = run_program(train_arguments(model(), "5"));
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    trained_output() = trained.out;
  }
  static void TearDownTestSuite() {
    fs::current_path(folder_before());
    fs::remove_all(root());
  }

  static const fs::path& root() {
    static const fs::path path = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
    return path;
  }
  static std::string images() { return path("images"); }
  static std::string model() { return path("model.safetensors"); }
  static std::string path(const std::string& name) {
    return names_relatively() ? name : absolute(name);
  }
  static std::string absolute(const std::string& name) { return (root() / name).string(); }
  // As one letter more or less in a test's name decides.
  static bool names_relatively() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return test == nullptr || std::string_view(test->name()).size() % 2 == 0;
  }
  static fs::path& folder_before() {
    static fs::path folder;
    return folder;
  }
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

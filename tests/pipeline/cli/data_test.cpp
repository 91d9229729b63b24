// What the commands make of data sets and lists as users have them.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "evaluation/predictions.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::data_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CliData : public Cli {
 protected:
  // Images of the shared set under other names: "Cr_1.bmp" as "a/1.bmp".
  static void copy(const std::string& image, const std::string& to) {
    write_file(root() / to, read_file(fs::path(images()) / image));
  }
  static std::size_t rows(const std::string& csv) {
    return read_predictions(path(csv)).rows.size();
  }
  static ProgramResult train_on(const std::string& data, const std::string& to,
                                const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"train",   path(data), "--arch",       "vgg16-slim",
                                       "-o",      path(to),   "--epochs",     "1",
                                       "--width", "0.125",    "--input-size", "32",
                                       "--test",  "0.2",      "--batch-size", "4"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
};

TEST_F(CliData, WhatItWroteIsNeverItsInput) {
  for (int i = 1; i <= 5; ++i)
    for (const char* name : {"Cr", "In", "Pa"})
      copy(std::string(name) + "_" + std::to_string(i) + ".bmp",
           std::string("own/") + name + "/" + std::to_string(i) + ".bmp");
  for (int run = 0; run < 2; ++run) {
    const ProgramResult result = train_on("own", "own/m.safetensors", {"--report", path("own/r")});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("15 images of 3 classes"));
    EXPECT_EQ(result.err.find("steelsight wrote itself") != std::string::npos, run == 1);
  }
  for (const char* output : {"own/named", "own"})
    for (int run = 0; run < 2; ++run) {
      const ProgramResult result = run_program(
          {"classify", path("own"), "-o", path(output), "--model", model(), "--explain"});
      ASSERT_EQ(result.exit_code, 0) << result.err;
      EXPECT_EQ(rows(std::string(output) + "/predictions.csv"), 15u);
    }
}

TEST_F(CliData, AClassWithNothingToLearnIsRefused) {
  for (const char* name : {"Cr", "In"})
    for (int i = 1; i <= 3; ++i)
      copy(std::string(name) + "_" + std::to_string(i) + ".bmp",
           std::string("val/train/") + name + "/" + std::to_string(i) + ".bmp");
  copy("Sc_1.bmp", "val/val/Sc/1.bmp");
  const ProgramResult result = train_on("val", "v.safetensors");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("class 'Sc' has no image to train on"));
  EXPECT_FALSE(fs::exists(path("v.safetensors")));
  const ProgramResult checked = run_program({"check", path("val")});
  EXPECT_EQ(checked.exit_code, 3);
  EXPECT_THAT(checked.out, HasSubstr("Sc: no image to train on"));
}

TEST_F(CliData, EvaluateNamesLabelsThatTheModelDoesNotKnow) {
  for (int i = 1; i <= 3; ++i) {
    copy("Cr_" + std::to_string(i) + ".bmp", "labels/Cr/" + std::to_string(i) + ".bmp");
    copy("In_" + std::to_string(i) + ".bmp", "labels/inclusion/" + std::to_string(i) + ".bmp");
  }
  const ProgramResult some =
      run_program({"evaluate", path("labels"), "-o", path("labels-out"), "--model", model()});
  EXPECT_EQ(some.exit_code, 0) << some.err;
  EXPECT_THAT(some.err, HasSubstr("3 of 6 images have labels that the model has no class for: "
                                  "inclusion"));
  fs::rename(root() / "labels/Cr", root() / "labels/CR");
  const ProgramResult none =
      run_program({"evaluate", path("labels"), "-o", path("labels-none"), "--model", model()});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_THAT(none.err, HasSubstr("the model has none of the classes CR and inclusion; it has Cr, "
                                  "In, PS, Pa, RS and Sc; 'CR' and the model's 'Cr' differ only in "
                                  "case"));
  EXPECT_FALSE(fs::exists(path("labels-none")));
}

TEST_F(CliData, ClassifySaysWhatItLeavesOutAndTakesAList) {
  copy("Cr_1.bmp", "left/Cr_1.bmp");
  copy("Cr_2.bmp", "left/locked/Cr_2.bmp");
  write_file(root() / "left/x.webp", "no");
  fs::permissions(root() / "left/locked", fs::no_perms);
  const bool is_root = ::access(path("left/locked").c_str(), R_OK) == 0;
  const ProgramResult result = run_program(
      {"classify", path("left"), "-o", path("left-out"), "--model", model(), "--strict"});
  fs::permissions(root() / "left/locked", fs::owner_all);
  EXPECT_THAT(result.err, HasSubstr("1 file is not an image and was left out: 1 .webp"));
  EXPECT_EQ(rows("left-out/predictions.csv"), is_root ? 2u : 1u);
  if (!is_root) {
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("locked: folder can't be read: Permission denied"));
  }
  write_file(root() / "left/list.csv", "path,label\nlocked/Cr_2.bmp,Cr\nCr_1.bmp,Cr\n");
  const ProgramResult listed =
      run_program({"classify", path("left/list.csv"), "-o", path("listed"), "--model", model()});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(rows("listed/predictions.csv"), 2u);
}

TEST_F(CliData, ReportCountsNoImageTwice) {
  const ProgramResult evaluated =
      run_program({"evaluate", images(), "-o", path("once"), "--model", model()});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const std::string text = read_file(path("once/predictions.csv"));
  const std::size_t second = text.find('\n') + 1;
  write_file(path("twice.csv"), text + text.substr(second, text.find('\n', second) + 1 - second));
  const ProgramResult once =
      run_program({"report", path("once/predictions.csv"), "-o", path("r1")});
  const ProgramResult twice = run_program({"report", path("twice.csv"), "-o", path("r2")});
  EXPECT_THAT(once.err, Not(HasSubstr("left out")));
  EXPECT_THAT(twice.err, HasSubstr("twice.csv: 1 row is of an image that is there already"));
  EXPECT_EQ(percentage(twice.out, "overall"), percentage(once.out, "overall"));
  const ProgramResult both =
      run_program({"report", path("twice.csv"), path("once/predictions.csv"), "-o", path("r3")});
  EXPECT_THAT(both.err, HasSubstr("twice.csv: 1 row is of an image that is there already"));
  EXPECT_THAT(read_file(path("r3/comparison.json")), HasSubstr("\"only_in_a\": []"));
}

}  // namespace
}  // namespace steelsight::data_test

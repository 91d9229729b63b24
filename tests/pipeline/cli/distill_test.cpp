// The command `distill`, from images to a backbone that other commands use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "models/model_file.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::distill_cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Distill : public Cli {
 protected:
  using Arguments = std::vector<std::string>;
  static Arguments distil(const std::string& output, const Arguments& more,
                          const std::string& epochs = "3") {
    Arguments arguments{
        "distill",    "--teacher", model(), "-o",           path(output), "--arch",
        "vgg16-slim", "--width",   "0.125", "--input-size", "32",         "--batch-size",
        "8",          "--epochs",  epochs,  "--components", "12",         "--views",
        "2",          "--threads", "1",     "--kernels",    "direct"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(Distill, OfLabelledImagesGivesAClassifierThatExtendAndTrainTake) {
  const ProgramResult result = run_program(distil("labelled.safetensors", {images()}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("teacher accuracy"));
  EXPECT_THAT(result.out, HasSubstr("student accuracy"));
  const Model written = load_model(absolute("labelled.safetensors"));
  EXPECT_EQ(written.class_names.size(), 6u);
  EXPECT_FALSE(written.memory.empty());
  EXPECT_EQ(written.trained_images.size(), 54u);
  EXPECT_EQ(written.validated_images.size(), 6u);
  EXPECT_EQ(written.training.at("distilled").at("linear_head").at("student").at("images"), 6);
  EXPECT_FALSE(fs::exists(absolute("labelled.checkpoint.safetensors")));
  for (const Arguments& use : {Arguments{"classify", images(), "-o", path("named"), "--model"},
                               Arguments{"train", images(), "-o", path("headed.safetensors"),
                                         "--head", "least_squares", "--from"},
                               Arguments{"explore", images(), "-o", path("explored"), "--model"}}) {
    Arguments arguments = use;
    arguments.push_back(path("labelled.safetensors"));
    const ProgramResult used = run_program(arguments);
    EXPECT_EQ(used.exit_code, 0) << use[0] << ": " << used.err;
  }
}

TEST_F(Distill, WithoutLabelsGivesABackboneThatClassifyRefuses) {
  const ProgramResult result =
      run_program(distil("backbone.safetensors", {"--unlabelled", images()}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Model written = load_model(absolute("backbone.safetensors"));
  EXPECT_TRUE(written.class_names.empty());
  for (const char* command : {"classify", "evaluate"}) {
    const ProgramResult refused = run_program(
        {command, images(), "-o", path("out"), "--model", path("backbone.safetensors")});
    EXPECT_EQ(refused.exit_code, 4);
    EXPECT_THAT(refused.err, HasSubstr("is a backbone, which knows no classes; train a head"));
  }
  EXPECT_EQ(run_program({"extract", images(), "-o", path("features"), "--model",
                         path("backbone.safetensors")})
                .exit_code,
            0);
  const ProgramResult trained =
      run_program({"train", images(), "-o", path("from_backbone.safetensors"), "--from",
                   path("backbone.safetensors"), "--head", "least_squares"});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(run_program({"info", path("backbone.safetensors")}).out,
              HasSubstr("none: a backbone"));
}

TEST_F(Distill, GoesOnBehindAStopToTheSameBytes) {
  ASSERT_EQ(run_program(distil("whole.safetensors", {images()}, "40")).exit_code, 0);
  const ProgramResult stopped =
      run_program(distil("stopped.safetensors", {images()}, "40"), "epoch 1/");
  ASSERT_EQ(stopped.exit_code, 130) << stopped.out;
  EXPECT_FALSE(fs::exists(absolute("stopped.safetensors")));
  const ProgramResult other = run_program(
      distil("stopped.safetensors", {images(), "--label-weight", "0.5", "--resume"}, "40"));
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("/config/label_weight was 0.3 and is 0.5"));
  const ProgramResult resumed =
      run_program(distil("stopped.safetensors", {images(), "--resume"}, "40"));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, HasSubstr("going on behind epoch"));
  EXPECT_EQ(read_file(absolute("stopped.safetensors")), read_file(absolute("whole.safetensors")));
  const ProgramResult again =
      run_program(distil("stopped.safetensors", {images(), "--resume"}, "40"));
  EXPECT_THAT(again.out, HasSubstr("is complete: there is nothing to resume"));
}

TEST_F(Distill, LeavesBrokenImagesOut) {
  fs::create_directories(root() / "mixed");
  for (int i = 1; i <= 10; ++i)
    for (const char* name : {"Cr_", "Sc_"})
      fs::copy_file(root() / "images" / (name + std::to_string(i) + ".bmp"),
                    root() / "mixed" / (name + std::to_string(i) + ".bmp"));
  write_file(root() / "mixed" / "Cr_11.bmp", "BM and nothing else");
  const ProgramResult result =
      run_program(distil("mixed.safetensors", {absolute("mixed"), "--validation", "0"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("1 image can't be read and left out; the first: "));
  EXPECT_THAT(result.out, HasSubstr("20 images to learn from, 20 of them with one of 2 classes"));
}

TEST_F(Distill, SaysWhatIsMissing) {
  const auto fails = [](const Arguments& arguments, int code, const std::string& reason) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, code);
    EXPECT_THAT(result.err, HasSubstr(reason));
  };
  fails(distil("x.safetensors", {}), 2, "/distill/images is missing");
  fails({"distill", images(), "-o", path("x.safetensors")}, 2, "/distill/teacher is missing");
  fails({"distill", images(), "-o", path("x.safetensors"), "--teacher", "resnet50"}, 2,
        "expected a model file, or an architecture with --teacher-weights FILE");
  fails(distil("x.safetensors", {images(), "--teacher-layer", "block9"}), 4,
        "has no layer 'block9'");
  EXPECT_FALSE(fs::exists(absolute("x.safetensors")));
}

}  // namespace
}  // namespace steelsight::distill_cli_test

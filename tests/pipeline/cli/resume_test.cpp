// `train --resume` ends in the file that an undisturbed run of the same inputs makes, or refuses
// with the reason; whatever was done to the inputs in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "models/model_file.hpp"
#include "tests/pipeline/cli/program.hpp"

namespace steelsight::resume_test {
namespace {

using testing::HasSubstr;

constexpr const char* kSpec =
    R"({"input":[1,16,16],"layers":[{"type":"conv","name":"c","out":2,"kernel":3,"pad":1},
    {"type":"batchnorm","name":"b"},{"type":"relu","name":"r"},
    {"type":"maxpool","name":"m","kernel":4},{"type":"global_avgpool","name":"g"},
    {"type":"dense","name":"logits","out":6}]})";

class Resume : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::create_directories(root());
    ::setenv("XDG_CACHE_HOME", (root() / "cache").c_str(), /*overwrite=*/1);
    ASSERT_EQ(run_program({"synth", "-o", path("images"), "--per-class", "6", "--seed", "1",
                           "--size", "32"})
                  .exit_code,
              0);
    write_file(path("spec.json"), kSpec);
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }

  static const fs::path& root() {
    static const fs::path path = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
    return path;
  }
  static std::string path(const std::string& name) { return (root() / name).string(); }

  using Arguments = std::vector<std::string>;
  static Arguments train(const std::string& output, const Arguments& more = {},
                         const std::string& epochs = "60") {
    Arguments arguments{"train",     path("images"), "-o",           path(output),
                        "--epochs",  epochs,         "--threads",    "1",
                        "--kernels", "direct",       "--batch-size", "8"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static Arguments from_spec(const std::string& output, const Arguments& more = {},
                             const std::string& epochs = "60") {
    Arguments arguments = train(output, {"--arch", path("spec.json")}, epochs);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static Arguments resumed(Arguments arguments) {
    arguments.push_back("--resume");
    return arguments;
  }
  static std::string bytes(const std::string& name) { return read_file(path(name)); }

  // Stops the run behind its first epoch.
  static void stop(const Arguments& arguments) {
    const ProgramResult stopped = run_program(arguments, "epoch 1/");
    ASSERT_EQ(stopped.exit_code, 130) << stopped.out << stopped.err;
  }
  static void refuses(const Arguments& arguments, const std::string& reason) {
    const ProgramResult refused = run_program(resumed(arguments));
    EXPECT_EQ(refused.exit_code, 2) << refused.out;
    EXPECT_THAT(refused.err, HasSubstr(reason));
  }
};

TEST_F(Resume, EndsAsARunThatWasNotStopped) {
  ASSERT_EQ(run_program(from_spec("whole.safetensors")).exit_code, 0);
  stop(from_spec("stopped.safetensors"));
  EXPECT_FALSE(fs::exists(path("stopped.safetensors")));  // written once, at the end
  const ProgramResult result = run_program(resumed(from_spec("stopped.safetensors")));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("going on behind epoch"));
  EXPECT_EQ(bytes("stopped.safetensors"), bytes("whole.safetensors"));
  EXPECT_FALSE(fs::exists(path("stopped.checkpoint.safetensors")));
}

TEST_F(Resume, OfACompleteModelWithOtherOptionsIsRefusedAndChangesNothing) {
  const Arguments arguments = from_spec("complete.safetensors");
  ASSERT_EQ(run_program(arguments).exit_code, 0);
  const std::vector<std::string> files{"complete.safetensors", "complete.config.json",
                                       "complete.split.json", "complete.log.csv"};
  std::vector<std::string> before;
  for (const std::string& file : files) before.push_back(bytes(file));
  refuses(from_spec("complete.safetensors", {"--learning-rate", "0.1"}),
          "/schedule/learning_rate was 0.002 and is 0.1");
  const ProgramResult again = run_program(resumed(arguments));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("is complete: there is nothing to resume"));
  for (std::size_t i = 0; i < files.size(); ++i) EXPECT_EQ(bytes(files[i]), before[i]) << files[i];
}

TEST_F(Resume, KnowsItsInputsByContentNotByPath) {
  fs::create_directories(root() / "moved");
  for (const fs::path& image : fs::directory_iterator(path("images")))
    write_file(root() / "moved" / image.filename(), read_file(image));
  write_file(path("other_name.json"), kSpec);
  ASSERT_EQ(run_program(from_spec("here.safetensors")).exit_code, 0);
  stop(from_spec("there.safetensors"));
  Arguments elsewhere = train("there.safetensors", {"--arch", path("other_name.json")});
  elsewhere[1] = path("moved");
  const ProgramResult result = run_program(resumed(elsewhere));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Model here = load_model(path("here.safetensors"));
  const Model there = load_model(path("there.safetensors"));
  for (const auto& [name, tensor] : here.parameters)
    EXPECT_EQ(there.parameters.at(name).values, tensor.values) << name;
}

TEST_F(Resume, OfAnEditedSpecIsRefused) {
  const std::string spec = path("edited.json");
  write_file(spec, kSpec);
  const Arguments arguments = train("edited.safetensors", {"--arch", spec});
  stop(arguments);
  std::string other = kSpec;
  other.replace(other.find(R"("kernel":4)"), 10, R"("kernel":2)");
  write_file(spec, other);
  refuses(arguments, "the network that it starts from");
}

TEST_F(Resume, OfAnotherBaseModelIsRefused) {
  ASSERT_EQ(run_program(from_spec("base.safetensors", {}, "1")).exit_code, 0);
  const Arguments arguments =
      train("on_base.safetensors", {"--from", path("base.safetensors"), "--head", "gradient"});
  stop(arguments);
  ASSERT_EQ(run_program(from_spec("base.safetensors", {"--seed", "9"}, "1")).exit_code, 0);
  refuses(arguments, "the network that it starts from");
}

TEST_F(Resume, OfAChangedImageIsRefusedByItsName) {
  fs::create_directories(root() / "changing");
  for (const fs::path& image : fs::directory_iterator(path("images")))
    write_file(root() / "changing" / image.filename(), read_file(image));
  Arguments arguments = from_spec("changing.safetensors", {"--validation", "0", "--test", "0"});
  arguments[1] = path("changing");
  stop(arguments);
  const std::string image = bytes("changing/In_2.bmp");
  write_file(path("changing/In_2.bmp"), bytes("changing/In_3.bmp"));
  refuses(arguments, "the first: In_2.bmp is changed");
  fs::remove(path("changing/In_2.bmp"));
  refuses(arguments, "the first: In_2.bmp is missing");
  write_file(path("changing/In_2.bmp"), image);
  EXPECT_EQ(run_program(resumed(arguments)).exit_code, 0);
}

TEST_F(Resume, AModelCanReplaceWhatItStartedFrom) {
  ASSERT_EQ(run_program(from_spec("first.safetensors", {}, "1")).exit_code, 0);
  write_file(path("own.safetensors"), bytes("first.safetensors"));
  write_file(path("own2.safetensors"), bytes("first.safetensors"));
  const auto arguments = [&](const std::string& own) {
    return train(own, {"--from", path(own), "--head", "gradient"});
  };
  ASSERT_EQ(run_program(arguments("own.safetensors")).exit_code, 0);
  stop(arguments("own2.safetensors"));
  EXPECT_EQ(bytes("own2.safetensors"), bytes("first.safetensors"));
  const ProgramResult result = run_program(resumed(arguments("own2.safetensors")));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Model own = load_model(path("own.safetensors"));
  const Model own2 = load_model(path("own2.safetensors"));
  EXPECT_NE(bytes("own2.safetensors"), bytes("first.safetensors"));
  for (const auto& [name, tensor] : own.parameters)
    EXPECT_EQ(own2.parameters.at(name).values, tensor.values) << name;
}

// The epoch that is kept is in the first phase; a kill in the second one can't lose it.
TEST_F(Resume, KeepsTheBestOfAnEarlierPhase) {
  const std::string phases =
      R"(/train/phases=[{"epochs":2,"learning_rate":0.01},{"epochs":40,"learning_rate":3}])";
  Arguments arguments{"train", path("images"), "--arch", path("spec.json"), "--seed",
                      "1",     "--threads",    "1",      "--kernels",       "direct",
                      "--set", phases};
  Arguments whole = arguments, stopped = arguments;
  whole.insert(whole.end(), {"-o", path("two.safetensors")});
  stopped.insert(stopped.end(), {"-o", path("two_stopped.safetensors")});
  ASSERT_EQ(run_program(whole).exit_code, 0);
  const ProgramResult interrupted = run_program(stopped, "epoch 4/");
  ASSERT_EQ(interrupted.exit_code, 130) << interrupted.err;
  ASSERT_EQ(run_program(resumed(stopped)).exit_code, 0);
  EXPECT_EQ(bytes("two_stopped.safetensors"), bytes("two.safetensors"));
}

TEST_F(Resume, TheWrittenConfigurationIsWhatWasResolvedAndRepeatsTheRun) {
  ASSERT_EQ(run_program(from_spec("asked.safetensors", {"--freeze", "c"}, "3")).exit_code, 0);
  const Json config = parse_json(bytes("asked.config.json"), "config").at("train");
  EXPECT_EQ(config.at("phases").at(0).at("epochs"), 3);
  EXPECT_EQ(config.at("phases").at(0).at("freeze"), "c");
  const Arguments again{"train",
                        "--config",
                        path("asked.config.json"),
                        "-o",
                        path("again.safetensors"),
                        "--threads",
                        "1",
                        "--kernels",
                        "direct"};
  ASSERT_EQ(run_program(again).exit_code, 0);
  EXPECT_EQ(bytes("again.safetensors"), bytes("asked.safetensors"));
  Arguments ignored = again;
  ignored.insert(ignored.end(), {"--epochs", "5"});
  const ProgramResult refused = run_program(ignored);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--set /train/phases/0/epochs=VALUE"));
}

// 18 images, one broken: 17 don't fill the batch of 18 that fitted all of them.
TEST_F(Resume, TrainGoesOnWithoutImagesThatCannotBeRead) {
  fs::create_directories(root() / "few");
  for (const char* label : {"Cr", "In", "PS"})
    for (int i = 1; i <= 6; ++i) {
      const std::string name = std::string(label) + "_" + std::to_string(i) + ".bmp";
      write_file(root() / "few" / name, bytes("images/" + name));
    }
  write_file(path("few/Cr_1.bmp"), bytes("few/Cr_1.bmp").substr(0, 300));
  Arguments arguments = train("few.safetensors",
                              {"--arch", "vgg16-slim", "--width", "0.0625", "--input-size", "32",
                               "--validation", "0", "--test", "0"},
                              "2");
  arguments[1] = path("few");
  const ProgramResult result = run_program(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("1 training images can't be read and are left out: "));
  EXPECT_THAT(result.err, HasSubstr("Cr_1.bmp"));
  EXPECT_THAT(result.out, HasSubstr("17 to train"));

  for (int i = 2; i <= 6; ++i) write_file(path("few/Cr_" + std::to_string(i) + ".bmp"), "no image");
  const ProgramResult without = run_program(arguments);
  EXPECT_EQ(without.exit_code, 3);
  EXPECT_THAT(without.err, HasSubstr("class 'Cr'"));
}

}  // namespace
}  // namespace steelsight::resume_test

// What goes on from something that is there: stopped runs and searches, trained networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "models/model_file.hpp"
#include "pipeline/predict/classifier.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::going_on_test {
namespace {

using testing::HasSubstr;

// Long enough to be met in the middle.
std::vector<std::string> with_epochs(std::vector<std::string> arguments, const std::string& count) {
  *std::next(std::ranges::find(arguments, "--epochs")) = count;
  return arguments;
}

TEST_F(Cli, CtrlCLeavesARunThatCanBeResumed) {
  const std::string output = path("interrupted.safetensors"), whole = path("whole.safetensors");
  ASSERT_EQ(run_program(with_epochs(train_arguments(whole, "5"), "20")).exit_code, 0);
  std::vector<std::string> arguments = with_epochs(train_arguments(output, "5"), "20");
  const ProgramResult stopped = run_program(arguments, "epoch 1/");
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_FALSE(fs::exists(output));
  arguments.push_back("--resume");
  const ProgramResult resumed = run_program(arguments);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(read_file(output), read_file(whole));
  EXPECT_FALSE(fs::exists(path("interrupted.checkpoint.safetensors")));
  const ProgramResult again = run_program(arguments);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("is complete: there is nothing to resume"));
  EXPECT_EQ(read_file(output), read_file(whole));
}

TEST_F(Cli, ARunIsResumedOnlyAsItWasBegun) {
  const std::string output = path("early.safetensors");
  std::vector<std::string> arguments = {"train", images(),   "--arch", "vgg16-slim", "-o",
                                        output,  "--epochs", "5",      "--seed",     "5"};
  const ProgramResult stopped = run_program(arguments, "parameters, input");
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.out, HasSubstr("train --resume"));
  arguments.insert(arguments.end(), {"--resume", "--learning-rate", "0.1"});
  const ProgramResult other = run_program(arguments);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("/config/schedule/learning_rate"));
}

// The shipped model knows steel: its features and a new head are enough for the
// synthetic classes, and new ones can be added to it.
TEST_F(Cli, TransferFromTheNetworkThatComesAlong) {
  const std::string output = path("transfer.safetensors");
  const ProgramResult trained =
      run_program({"train", images(), "-o", output, "--seed", "1", "--epochs", "4", "--validation",
                   "0.2", "--set", "/train/cache=" + path("cache"), "--threads", "1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.out, HasSubstr("the head by least squares"));
  EXPECT_THAT(trained.out, HasSubstr("left-out training accuracy"));
  EXPECT_FALSE(load_model(output).memory.empty());
  EXPECT_EQ(load_model(output).class_names.size(), 6u);
  EXPECT_EQ(run_program({"classify", images() + "/Sc_2.bmp", "-o", path("shipped")}).exit_code, 0);
}

TEST_F(Cli, ExtendAddsAClassFromItsImagesAlone) {
  // Images that the model has not seen: those that it has would not validate.
  ASSERT_EQ(
      run_program({"synth", "-o", path("fresh"), "--per-class", "10", "--seed", "4"}).exit_code, 0);
  const auto give = [](const std::string& name, const std::string& like) {
    for (int i = 1; i <= 10; ++i)
      write_file(root() / "new" / name / (std::to_string(i) + ".bmp"),
                 read_file(root() / "fresh" / (like + "_" + std::to_string(i) + ".bmp")));
  };
  give("Xy", "Cr");
  const std::vector<std::string> arguments{"extend",      path("new"),
                                           "--model",     model(),
                                           "-o",          path("more.safetensors"),
                                           "--set",       "/extend/cache=" + path("cache"),
                                           "--max-forget"};
  std::vector<std::string> lenient = arguments;
  lenient.push_back("100");
  const ProgramResult extended = run_program(lenient);
  ASSERT_EQ(extended.exit_code, 0) << extended.err;
  EXPECT_THAT(extended.out, HasSubstr("new classes: Xy"));
  EXPECT_THAT(load_model(path("more.safetensors")).class_names,
              testing::ElementsAre("Cr", "In", "PS", "Pa", "RS", "Sc", "Xy"));
  // Calibrated on a fifth of what is remembered of each old class, and of the new images.
  std::vector<std::size_t> remembered(6);
  for (const int label : load_model(model()).memory.labels)
    ++remembered[static_cast<std::size_t>(label)];
  EXPECT_EQ(calibration_of(load_model(path("more.safetensors")))->judged.size(),
            6 * (std::ranges::min(remembered) / 5) + 2);

  // And once more, from what it was made into.
  fs::remove_all(root() / "new");
  give("Xz", "In");
  const ProgramResult again = run_program(
      {"extend", path("new"), "--model", path("more.safetensors"), "-o", path("most.safetensors"),
       "--set", "/extend/cache=" + path("cache"), "--max-forget", "100"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const Model most = load_model(path("most.safetensors"));
  EXPECT_EQ(most.class_names.size(), 8u);
  EXPECT_EQ(std::ranges::count(most.memory.labels, 7), 8);  // of 10, 2 validate
}

TEST_F(Cli, ExtractWritesTheSameNumbersAsNpyAndCsv) {
  const ProgramResult result =
      run_program({"extract", images(), "-o", path("features"), "--model", model(), "--layer",
                   "block4,block5", "--set", "/extract/cache=" + path("cache")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string npy = read_file(path("features.npy"));
  EXPECT_THAT(npy.substr(0, 128), HasSubstr("'shape': (60, 128, )"));
  EXPECT_EQ(npy.size() % 64, (60 * 128 * 4) % 64);
  const std::string csv = read_file(path("features.csv"));
  EXPECT_THAT(csv.substr(0, 40), HasSubstr("path,label,error,f0,f1"));

  write_file(path("unlabelled.csv"), "path\n" + images() + "/Cr_1.bmp\n");
  const ProgramResult unlabelled =
      run_program({"extract", path("unlabelled.csv"), "-o", path("unlabelled"), "--model", model(),
                   "--layer", "block5", "--set", "/extract/cache=" + path("cache")});
  EXPECT_EQ(unlabelled.exit_code, 0) << unlabelled.err;
}

TEST_F(Cli, SearchGoesOnWhereItWasStopped) {
  write_file(path("grid.json"), R"({"grid": {"/schedule/learning_rate": [1e-3, 4e-3]}})");
  const std::vector<std::string> arguments{"search",       images(),
                                           "-o",           path("search"),
                                           "--grid",       path("grid.json"),
                                           "--folds",      "2",
                                           "--seed",       "5",
                                           "--epochs",     "10",
                                           "--input-size", "32",
                                           "--set",        "/search/train/arch=vgg16-slim",
                                           "--set",        "/search/train/width=0.125",
                                           "--set",        "/search/train/validation=0.2"};
  const ProgramResult stopped = run_program(arguments, "[1/4]");
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  const std::string begun = read_file(path("search/search.csv"));
  EXPECT_LT(std::ranges::count(begun, '\n'), 5);

  const ProgramResult whole = run_program(arguments);
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("best of 2 trials by validation accuracy: trial "));
  EXPECT_THAT(whole.out, HasSubstr("steelsight train " + images() + " -o best.safetensors"));
  EXPECT_TRUE(fs::exists(path("search/accuracy.png")));
  const std::string table = read_file(path("search/search.csv"));
  EXPECT_EQ(std::ranges::count(table, '\n'), 5);

  // What was written repeats it, with nothing to do.
  ASSERT_EQ(run_program({"search", "--config", path("search/config.json")}).exit_code, 0);
  EXPECT_EQ(read_file(path("search/search.csv")), table);

  std::vector<std::string> other = arguments;
  other.insert(other.end(), {"--set", "/search/train/patience=3"});
  const ProgramResult refused = run_program(other);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("holds another search: /search/train/patience is 0 there"));
}

}  // namespace
}  // namespace steelsight::going_on_test

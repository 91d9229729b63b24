// The program from end to end, on a small synthetic set and a small network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <regex>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "evaluation/predictions.hpp"
#include "models/model_file.hpp"
#include "pipeline/predict/classifier.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::cli_test {
namespace {

using testing::HasSubstr;

TEST_F(Cli, WrongUsageExitsWithTwoAndSaysWhy) {
  EXPECT_EQ(run_program({}).exit_code, 2);
  EXPECT_EQ(run_program({"no-such-command"}).exit_code, 2);
  EXPECT_EQ(run_program({"train", "--no-such-option"}).exit_code, 2);
  EXPECT_EQ(run_program({"train", images(), "--arch", "vgg16-slim", "-o", path("x.safetensors"),
                         "--epochs", "many"})
                .exit_code,
            2);
  const ProgramResult unknown = run_program({"train", images(), "--arch", "vgg16-slim", "-o",
                                             path("x.safetensors"), "--set", "/train/epoch=5"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("/train/epoch is not known"));
  const ProgramResult range = run_program(
      {"train", images(), "--arch", "vgg16-slim", "-o", path("x.safetensors"), "--epochs", "0"});
  EXPECT_EQ(range.exit_code, 2);
  EXPECT_THAT(range.err, HasSubstr("/train/epochs"));
  EXPECT_EQ(
      run_program({"train", images(), "--arch", "vgg16-slim", "-o", path("model.bin")}).exit_code,
      2);
  EXPECT_EQ(run_program({"classify", "-o", path("x"), "--model", model()}).exit_code, 2);
  EXPECT_EQ(run_program({"classify", images(), "--model", model()}).exit_code, 2);
  EXPECT_EQ(
      run_program({"evaluate", images(), "-o", path("x"), "--model", model(), "--batch-size", "0"})
          .exit_code,
      2);
  EXPECT_EQ(run_program({"synth", "--threads", "-1", "-o", path("x")}).exit_code, 2);
  EXPECT_EQ(run_program({"--help"}).exit_code, 0);
  EXPECT_EQ(run_program({"train", "--help"}).exit_code, 0);
  EXPECT_EQ(run_program({"--version"}).exit_code, 0);
}

TEST_F(Cli, EveryCommandHasASectionInTheConfiguration) {
  const std::string help = run_program({"--help"}).out;
  const std::regex name("\n  ([a-z]+) +[A-Z]");
  const auto begin = help.begin() + static_cast<std::ptrdiff_t>(help.find("Subcommands:"));
  Json sections = Json::object();
  for (std::sregex_iterator match(begin, help.end(), name), end; match != end; ++match)
    sections[(*match)[1].str()] = Json::object();
  EXPECT_GE(sections.size(), 13u);
  write_file(path("sections.json"), sections.dump());
  const ProgramResult result = run_program({"info", model(), "--config", path("sections.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(Cli, WrongDataExitsWithThree) {
  const ProgramResult missing =
      run_program({"train", path("nowhere"), "-o", path("x.safetensors")});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("nowhere"));
  EXPECT_EQ(run_program({"classify", path("nothing*.bmp"), "-o", path("x"), "--model", model()})
                .exit_code,
            3);
  EXPECT_EQ(run_program({"report", path("missing.csv"), "-o", path("x")}).exit_code, 3);
}

TEST_F(Cli, WrongModelsExitWithFour) {
  const auto classify = [&](const std::string& file) {
    return run_program({"classify", images(), "-o", path("x"), "--model", file});
  };
  EXPECT_EQ(classify(path("missing.safetensors")).exit_code, 4);
  const std::string bytes = read_file(model());
  write_file(path("truncated.safetensors"), bytes.substr(0, bytes.size() / 2));
  const ProgramResult truncated = classify(path("truncated.safetensors"));
  EXPECT_EQ(truncated.exit_code, 4);
  EXPECT_THAT(truncated.err, HasSubstr("truncated.safetensors"));
  write_file(path("text.safetensors"), "this is not a model");
  EXPECT_EQ(classify(path("text.safetensors")).exit_code, 4);
  write_file(path("spec.json"), R"({"input":[1,8,8],"layers":[{"type":"magic","name":"m"}]})");
  EXPECT_EQ(
      run_program({"train", images(), "-o", path("x.safetensors"), "--arch", path("spec.json")})
          .exit_code,
      4);
}

TEST_F(Cli, TrainingWritesItsFilesAndTheSameSeedGivesTheSameBytes) {
  for (const char* suffix : {".safetensors", ".config.json", ".split.json", ".log.csv"})
    EXPECT_TRUE(fs::exists(path(std::string("model") + suffix))) << suffix;
  for (const char* file : {"report.html", "report.json", "report.md", "per_class.csv",
                           "confusion_matrix.csv", "confusion_matrix.png", "confusion_matrix.svg",
                           "learning_curves.png", "learning_curves.svg", "predictions.csv"})
    EXPECT_TRUE(fs::exists(fs::path(model() + ".report") / file)) << file;

  const std::string again = path("again.safetensors"), other = path("other.safetensors");
  ASSERT_EQ(run_program(train_arguments(again, "5")).exit_code, 0);
  EXPECT_EQ(read_file(again), read_file(model()));
  ASSERT_EQ(run_program(train_arguments(other, "6")).exit_code, 0);
  EXPECT_NE(read_file(other), read_file(model()));

  // The configuration that was written gives the same model once more, loader threads or not.
  const std::string repeated = path("repeated.safetensors");
  ASSERT_EQ(run_program({"train", "--config", path("model.config.json"), "--set",
                         "/train/output=" + repeated, "--set", "/train/loader_threads=3"})
                .exit_code,
            0);
  EXPECT_EQ(read_file(repeated), read_file(model()));
}

TEST_F(Cli, ASpecFileIsAnArchitecture) {
  write_file(path("small.json"),
             R"({"input":[3,24,24],"layers":[
                  {"type":"conv","name":"a","out":8,"kernel":3,"pad":1},{"type":"relu","name":"b"},
                  {"type":"conv","name":"c","out":8,"kernel":3,"pad":1},
                  {"type":"add","name":"d","inputs":["b","c"]},
                  {"type":"global_avgpool","name":"e"},{"type":"dense","name":"f","out":6}]})");
  const ProgramResult trained = run_program({"train", images(), "-o", path("spec.safetensors"),
                                             "--arch", path("small.json"), "--epochs", "1"});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(load_model(path("spec.safetensors")).spec.layers.size(), 6u);

  const ProgramResult resized =
      run_program({"bench", "--arch", path("small.json"), "--input-size", "32"});
  EXPECT_EQ(resized.exit_code, 4);
  EXPECT_THAT(resized.err, HasSubstr("input is 3x24x24, not 32"));
}

TEST_F(Cli, ExplainWritesAPictureOfEachImageThatWasRead) {
  fs::create_directories(path("some"));
  fs::copy_file(fs::path(images()) / "Cr_1.bmp", path("some/a.bmp"));
  write_file(path("some/b.bmp"), "broken");
  fs::copy_file(fs::path(images()) / "In_1.bmp", path("some/c.bmp"));
  for (const std::string method : {"grad_cam", "occlusion"}) {
    const std::string out = path("explained_" + method);
    const ProgramResult result = run_program({"classify", path("some"), "-o", out, "--model",
                                              model(), "--explain", "--explain-by", method});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_FALSE(cv::imread(out + "/explained/1_a.jpg").empty());
    EXPECT_FALSE(fs::exists(out + "/explained/2_b.jpg"));
    EXPECT_FALSE(cv::imread(out + "/explained/3_c.jpg").empty());
  }
  ASSERT_EQ(
      run_program({"classify", path("some"), "-o", path("plain"), "--model", model()}).exit_code,
      0);
  EXPECT_FALSE(fs::exists(path("plain/explained")));
  const ProgramResult layer = run_program({"classify", path("some"), "-o", path("x"), "--model",
                                           model(), "--explain", "--explain-layer", "nothing"});
  EXPECT_EQ(layer.exit_code, 4);
  EXPECT_THAT(layer.err, HasSubstr("nothing"));
  const ProgramResult method = run_program(
      {"classify", path("some"), "-o", path("x"), "--model", model(), "--explain-by", "magic"});
  EXPECT_EQ(method.exit_code, 2);
  EXPECT_THAT(method.err, HasSubstr("/classify/explain is \"magic\""));
}

TEST_F(Cli, EvaluateAgreesWithThePredictionsAndWithTraining) {
  const ProgramResult evaluated =
      run_program({"evaluate", images(), "-o", path("evaluated"), "--model", model()});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const Predictions predictions = read_predictions(path("evaluated/predictions.csv"));
  ASSERT_EQ(predictions.rows.size(), 60u);
  std::size_t correct = 0;
  for (const Prediction& row : predictions.rows) correct += row.label == row.prediction;
  const Json report = Json::parse(read_file(path("evaluated/report.json")));
  EXPECT_DOUBLE_EQ(report.at("accuracy").get<double>(), static_cast<double>(correct) / 60);
  EXPECT_EQ(report.at("n").get<int>(), 60);

  EXPECT_THAT(evaluated.out, HasSubstr("already seen 48 of these 60"));
  EXPECT_EQ(percentage(evaluated.out, "validated"), percentage(trained_output(), "\nvalidation"));
  EXPECT_EQ(percentage(evaluated.out, "unseen"), percentage(trained_output(), "\ntest"));

  // The report can be made again without the images.
  ASSERT_EQ(
      run_program({"report", path("evaluated/predictions.csv"), "-o", path("again")}).exit_code, 0);
  const Json again = Json::parse(read_file(path("again/report.json")));
  for (const char* key : {"accuracy", "confusion_matrix", "per_class", "macro"})
    EXPECT_EQ(again.at(key), report.at(key)) << key;
}

TEST_F(Cli, ReportComparesTwoFiles) {
  ASSERT_EQ(run_program({"classify", images(), "-o", path("two"), "--model", model()}).exit_code,
            0);
  ASSERT_EQ(run_program({"evaluate", images(), "-o", path("one"), "--model", model()}).exit_code,
            0);
  const std::string one = path("one/predictions.csv"), two = path("two/predictions.csv");
  const ProgramResult same = run_program({"report", one, one, "-o", path("compared")});
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_THAT(same.out, HasSubstr("nothing to test"));
  EXPECT_TRUE(fs::exists(path("compared/comparison.html")));
  const ProgramResult unlabelled = run_program({"report", one, two, "-o", path("x")});
  EXPECT_EQ(unlabelled.exit_code, 3);
  EXPECT_THAT(unlabelled.err, HasSubstr("no label in B"));
  EXPECT_EQ(run_program({"report", one, one, "-o", path("x"), "--log", "log.csv"}).exit_code, 2);
}

TEST_F(Cli, ExploreLooksAtImages) {
  const ProgramResult found =
      run_program({"explore", images(), "-o", path("explored"), "--set", "/explore/iterations=20",
                   "--set", "/explore/cache=" + path("cache")});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_THAT(found.out, HasSubstr("KL divergence"));
  EXPECT_TRUE(fs::exists(path("explored/explore.html")));
  const ProgramResult wrong = run_program({"explore", images(), "-o", path("x"), "--tsne", "fast"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("/explore/tsne is \"fast\""));
}

TEST_F(Cli, ClassifyAgreesWithEvaluate) {
  ASSERT_EQ(run_program({"classify", images(), "-o", path("c"), "--model", model()}).exit_code, 0);
  ASSERT_EQ(run_program({"evaluate", images(), "-o", path("e"), "--model", model()}).exit_code, 0);
  const Predictions classified = read_predictions(path("c/predictions.csv"));
  const Predictions evaluated = read_predictions(path("e/predictions.csv"));
  ASSERT_EQ(classified.rows.size(), evaluated.rows.size());
  for (std::size_t i = 0; i < classified.rows.size(); ++i) {
    EXPECT_EQ(classified.rows[i].path, evaluated.rows[i].path);
    EXPECT_EQ(classified.rows[i].probabilities, evaluated.rows[i].probabilities);
  }
}

TEST_F(Cli, BrokenImagesBecomeRowsWithErrorsAndTheRunGoesOn) {
  const fs::path folder = root() / "broken";
  const std::string good = read_file(fs::path(images()) / "Cr_1.bmp");
  write_file(folder / "1_good.bmp", good);
  write_file(folder / "2_truncated.bmp", good.substr(0, good.size() / 2));
  write_file(folder / "3_empty.bmp", "");
  write_file(folder / "4_text.bmp", "this is a text, not an image");
  std::string huge = good;  // width and height stand at 18 and 22, little-endian
  for (const std::size_t at : {18u, 22u}) huge.replace(at, 4, std::string("\xa0\x86\x01\x00", 4));
  write_file(folder / "5_huge.bmp", huge);
  write_file(folder / "6_划痕 表面.bmp", good);
  cv::Mat wide(40, 30, CV_16UC1);
  cv::randu(wide, 0, 65535);
  ASSERT_TRUE(cv::imwrite((folder / "7_wide.tiff").string(), wide));

  const std::vector<std::string> arguments{"classify", folder.string(), "-o",
                                           path("b"),  "--model",       model()};
  const ProgramResult result = run_program(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const Predictions predictions = read_predictions(path("b/predictions.csv"));
  ASSERT_EQ(predictions.rows.size(), 7u);
  const std::vector<bool> readable{true, false, false, false, false, true, true};
  for (std::size_t i = 0; i < 7; ++i) {
    const Prediction& row = predictions.rows[i];
    EXPECT_THAT(row.path, HasSubstr("/" + std::to_string(i + 1) + "_"));
    EXPECT_EQ(row.error.empty(), readable[i]) << row.path << ": " << row.error;
    EXPECT_EQ(row.prediction.empty(), !readable[i]);
  }
  EXPECT_THAT(predictions.rows[4].error, HasSubstr("100000"));
  EXPECT_EQ(predictions.rows[0].probabilities, predictions.rows[5].probabilities);

  std::vector<std::string> strict = arguments;
  strict.push_back("--strict");
  EXPECT_EQ(run_program(strict).exit_code, 3);
  EXPECT_EQ(read_predictions(path("b/predictions.csv")).rows.size(), 7u);
}

TEST_F(Cli, ClassifyTakesFilesAndPatternsInOrder) {
  const std::string sc = images() + "/Sc_2.bmp";
  const ProgramResult result =
      run_program({"classify", sc, images() + "/Cr_1*.bmp", "-o", path("p"), "--model", model()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Predictions predictions = read_predictions(path("p/predictions.csv"));
  ASSERT_EQ(predictions.rows.size(), 3u);
  EXPECT_EQ(predictions.rows[0].path, sc);
  EXPECT_THAT(predictions.rows[1].path, HasSubstr("Cr_1.bmp"));
  EXPECT_THAT(predictions.rows[2].path, HasSubstr("Cr_10.bmp"));
}

// Stopped in the second epoch and resumed, it ends in the same bytes as if it had never stopped.
TEST_F(Cli, UnreadableTrainingImagesAreNamedAndLeftOut) {
  for (const char* name : {"Cr_1.bmp", "Cr_2.bmp", "Cr_3.bmp", "In_1.bmp", "In_2.bmp", "In_3.bmp"})
    write_file(root() / "damaged" / name, read_file(fs::path(images()) / name));
  write_file(root() / "damaged" / "Cr_4.bmp", "not an image");
  const ProgramResult result =
      run_program({"train", path("damaged"), "--arch", "vgg16-slim", "-o",
                   path("damaged.safetensors"), "--epochs", "2", "--input-size", "32", "--width",
                   "0.125", "--batch-size", "2", "--validation", "0", "--test", "0"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("1 training images can't be read"));
  EXPECT_THAT(result.err, HasSubstr("Cr_4.bmp"));
}

TEST_F(Cli, InfoSaysWhatTheModelIs) {
  const ProgramResult result = run_program({"info", model()});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* text :
       {"Cr, In, PS, Pa, RS, Sc", "1x32x32", "block5_conv3", "36 trained", "12 validated"})
    EXPECT_THAT(result.out, HasSubstr(text));
}

// Interrupted in its first runs, it goes on where it was; then there is nothing left to do.
TEST_F(Cli, QuietSaysNothing) {
  const ProgramResult result =
      run_program({"--quiet", "classify", images(), "-o", path("q"), "--model", model()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out + result.err, "");
}

}  // namespace
}  // namespace steelsight::cli_test

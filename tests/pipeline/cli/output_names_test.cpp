// Outputs named as they come to mind: without a folder, from here, with a folder that is not there
// yet, and the current folder itself.
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::output_names_test {
namespace {

constexpr const char* kSpec =
    R"({"input":[1,16,16],"layers":[
         {"type":"conv","name":"c","out":2,"kernel":3,"pad":1},{"type":"relu","name":"r"},
         {"type":"global_avgpool","name":"g"},{"type":"dense","name":"logits","out":6}]})";

// A current folder of the test's own, beside the images and the model.
class OwnFolder {
 public:
  explicit OwnFolder(const fs::path& folder) : folder_(folder), before_(fs::current_path()) {
    fs::create_directories(folder);
    fs::current_path(folder);
  }
  ~OwnFolder() {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

 private:
  const fs::path folder_, before_;
};

// The command with `-o name` is done, and has written the file.
void expect_written(std::vector<std::string> command, const std::string& name,
                    const fs::path& file) {
  command.insert(command.end(), {"-o", name, "--quiet"});
  const ProgramResult result = run_program(command);
  EXPECT_EQ(result.exit_code, 0) << command.front() << " -o " << name << ": " << result.err;
  EXPECT_TRUE(fs::exists(file)) << command.front() << " -o " << name << ": no " << file;
  fs::remove(file);
}

TEST_F(Cli, AnOutputFileIsWrittenWithAndWithoutAFolder) {
  const OwnFolder here(root() / "own");
  write_file("tiny.json", kSpec);
  const std::string model = "../model.safetensors", images = "../images";
  for (const std::string folder : {"", "./", "new/folder/"}) {
    const std::string made = folder + "made.safetensors";
    expect_written({"train", images, "--arch", "tiny.json", "--epochs", "1"}, made, made);
    expect_written({"extend", images, "--model", model, "--max-forget", "100", "--epochs", "1"},
                   made, made);
    expect_written({"quantize", model, "--calibrate", images}, made, made);
    expect_written({"extract", images, "--model", model, "--layer", "block5"}, folder + "features",
                   folder + "features.npy");
    expect_written({"bench", "--arch", "tiny.json", "--seconds", "0"}, folder + "bench.json",
                   folder + "bench.json");
  }
}

TEST_F(Cli, AnOutputFolderIsTheCurrentOneOrANewOne) {
  const OwnFolder here(root() / "own");
  write_file("tiny.json", kSpec);
  const std::string model = "../model.safetensors", images = "../images";
  write_file("grid.json", R"({"grid": {"/epochs": [1]}})");
  ASSERT_EQ(run_program({"evaluate", images, "--model", model, "-o", "evaluated"}).exit_code, 0);
  for (const std::string folder : {".", "./", "..", "named", "./named", "named/", "new/folder"}) {
    const fs::path written = folder;
    expect_written({"classify", images + "/Cr_1.bmp", "--model", model}, folder,
                   written / "predictions.csv");
    expect_written({"evaluate", images, "--model", model, "--explain-by", "none"}, folder,
                   written / "report.json");
    expect_written({"report", "evaluated/predictions.csv"}, folder, written / "report.html");
    expect_written({"check", images}, folder, written / "check.json");
    expect_written({"synth", "--per-class", "1", "--size", "16"}, folder, written / "Cr_1.bmp");
    expect_written({"explore", images, "--features", "pixels", "--tsne", "none"}, folder,
                   written / "explore.json");
    expect_written({"search", images, "--grid", "grid.json", "--folds", "2", "--set",
                    "/search/train/arch=tiny.json", "--set", "/search/train/validation=0.2"},
                   folder, written / "search.csv");
    for (const char* name : {"check.html", "config.json", "search"}) fs::remove_all(written / name);
  }
}

}  // namespace
}  // namespace steelsight::output_names_test

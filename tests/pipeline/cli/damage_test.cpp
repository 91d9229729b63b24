// Files that are damaged or something else: what every command that opens one says of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::damage_test {
namespace {

using testing::HasSubstr;

// A copy of a file with another byte.
void flip(const std::string& from, const std::string& to, std::size_t at) {
  std::string bytes = read_file(from);
  ASSERT_LT(at, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write_file(to, bytes);
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& what) {
  const ProgramResult result = run_program(arguments);
  EXPECT_EQ(result.exit_code, 4) << arguments[0] << ": " << result.err;
  EXPECT_THAT(result.err, HasSubstr(what)) << arguments[0];
}

TEST_F(Cli, AFlippedByteOfAModelIsNoticedByEveryCommand) {
  const std::string bytes = read_file(model());
  const std::string bad = path("flipped.safetensors"), out = path("flipped-out.safetensors");
  const std::size_t in_a_class_name = bytes.find("RS\\\"");  // in a JSON text
  ASSERT_NE(in_a_class_name, std::string::npos);
  for (const std::size_t at : {in_a_class_name, bytes.size() - 5, bytes.size() / 2}) {
    flip(model(), bad, at);
    const std::string what = "flipped.safetensors: is damaged";
    expect_refused({"info", bad}, what);
    expect_refused({"classify", images(), "-o", path("f"), "--model", bad}, what);
    expect_refused({"train", images(), "-o", out, "--from", bad}, what);
    expect_refused({"quantize", bad, "-o", out, "--calibrate", images()}, what);
    expect_refused({"extend", images(), "-o", out, "--model", bad}, what);
    EXPECT_FALSE(fs::exists(out));
  }
}

TEST_F(Cli, AFlippedByteOfACheckpointIsNoticed) {
  const std::string output = path("stopped.safetensors");
  std::vector<std::string> arguments = train_arguments(output, "5");
  *(std::ranges::find(arguments, "--epochs") + 1) = "50";
  const ProgramResult stopped = run_program(arguments, "epoch 1/");
  ASSERT_EQ(stopped.exit_code, 130) << stopped.err;
  const std::string checkpoint = path("stopped.checkpoint.safetensors");
  flip(checkpoint, checkpoint, fs::file_size(checkpoint) - 9);
  arguments.push_back("--resume");
  expect_refused(arguments, "stopped.checkpoint.safetensors: is damaged");
}

TEST_F(Cli, InfoSaysWhetherThereIsAChecksum) {
  EXPECT_THAT(run_program({"info", model()}).out, HasSubstr("checksum       right"));
  std::string bytes = read_file(model());
  for (std::size_t at; (at = bytes.find("steelsight.checksum")) != std::string::npos;)
    bytes.replace(at, 3, "any");
  write_file(path("old.safetensors"), bytes);
  const ProgramResult old = run_program({"info", path("old.safetensors")});
  EXPECT_EQ(old.exit_code, 0) << old.err;
  EXPECT_THAT(old.out, HasSubstr("checksum       none"));
}

TEST_F(Cli, SaysWhatAFileIsThatIsNoModel) {
  write_file(path("m.pth"), "PK\3\4aaaaaaaaaaaa");
  write_file(path("page.safetensors"), "<!DOCTYPE html><title>404</title>");
  write_file(path("empty.safetensors"), "");
  ::mkfifo(path("fifo.safetensors").c_str(), 0600);
  for (const auto& [file, what] : {std::pair{"m.pth", "ZIP"},
                                   {"page.safetensors", "web page"},
                                   {"empty.safetensors", "empty"},
                                   {"fifo.safetensors", "FIFO"},
                                   {"images", "folder"}}) {
    expect_refused({"info", path(file)}, what);
    expect_refused({"train", images(), "-o", path("x.safetensors"), "--arch", "resnet50",
                    "--weights", path(file), "--epochs", "1"},
                   what);
  }
  ::mkfifo(path("fifo.json").c_str(), 0600);
  expect_refused({"train", images(), "-o", path("x.safetensors"), "--arch", path("fifo.json")},
                 "FIFO");
}

}  // namespace
}  // namespace steelsight::damage_test

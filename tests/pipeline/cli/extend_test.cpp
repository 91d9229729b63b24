// What `extend` makes of images that are broken, known already, too few, or named strangely.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "models/model_file.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::extend_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Extend : public Cli {
 protected:
  void SetUp() override {
    ASSERT_FALSE(HasFatalFailure());
    fs::remove_all(root() / "new");
    fs::remove(path("more.safetensors"));
  }
  // Images of a synthetic class as images of a class to be learned.
  static void give(const std::string& name, const std::string& like, int count) {
    for (int i = 1; i <= count; ++i)
      write_file(root() / "new" / name / (std::to_string(i) + ".bmp"),
                 read_file(fs::path(images()) / (like + "_" + std::to_string(i) + ".bmp")));
  }
  static void damage(const std::string& name, int i) {
    write_file(root() / "new" / name / (std::to_string(i) + ".bmp"),
               "no image " + std::to_string(i));
  }
  static ProgramResult extend(std::vector<std::string> more = {},
                              const std::string& output = path("more.safetensors"),
                              const std::string& from = model()) {
    std::vector<std::string> arguments{"extend",       path("new"),
                                       "--model",      from,
                                       "-o",           output,
                                       "--set",        "/extend/cache=" + path("cache"),
                                       "--set",        "/extend/views=2",
                                       "--set",        "/extend/epochs=5",
                                       "--threads",    "1",
                                       "--max-forget", "100"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  static std::ptrdiff_t remembered(const std::string& file, int label) {
    return std::ranges::count(load_model(file).memory.labels, label);
  }
};

TEST_F(Extend, GoesOnWithoutImagesThatCanNotBeRead) {
  give("Xy", "Cr", 10);
  for (const int i : {1, 2, 3, 4, 5}) damage("Xy", i);
  const ProgramResult result = extend();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("can't be read and are left out: "), HasSubstr("1.bmp")));
  const Model more = load_model(path("more.safetensors"));
  EXPECT_EQ(more.class_names.back(), "Xy");
  // Of the five that are left, at most the two of ten that validate are not learned.
  EXPECT_THAT(remembered(path("more.safetensors"), 6), AllOf(testing::Ge(3), testing::Le(5)));
}

TEST_F(Extend, StopsIfNothingOfAClassCanBeRead) {
  give("Xy", "Cr", 5);
  give("Xz", "In", 5);
  for (const int i : {1, 2, 3, 4, 5}) damage("Xz", i);
  const ProgramResult result = extend();
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("'Xz'"));
  EXPECT_FALSE(fs::exists(path("more.safetensors")));
}

TEST_F(Extend, AFolderWithoutImagesIsNoClass) {
  give("Xy", "Cr", 5);
  fs::create_directories(root() / "new" / "Empty");
  const ProgramResult result = extend();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("Empty"));
  EXPECT_THAT(load_model(path("more.safetensors")).class_names,
              testing::ElementsAre("Cr", "In", "PS", "Pa", "RS", "Sc", "Xy"));
}

TEST_F(Extend, OneImageOfAClassIsTooFewUnlessNoneValidates) {
  give("Xy", "Cr", 1);
  const ProgramResult refused = extend();
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("'Xy' has 1 independent images"));
  const ProgramResult result = extend({"--set", "/extend/validation=0"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("the remembered features, which it learned from"));
  EXPECT_EQ(remembered(path("more.safetensors"), 6), 1);
}

TEST_F(Extend, TheModelItselfCanBeReplaced) {
  give("Xy", "Cr", 5);
  ASSERT_EQ(extend().exit_code, 0);
  fs::copy_file(model(), path("own.safetensors"));
  const ProgramResult result = extend({}, path("own.safetensors"), path("own.safetensors"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_file(path("own.safetensors")), read_file(path("more.safetensors")));
}

// They validate nothing, and are not remembered twice.
TEST_F(Extend, ImagesThatTheModelKnowsAreSaidToBe) {
  give("Cr", "Cr", 10);
  give("Xy", "In", 5);  // known too, under another name
  const ProgramResult result = extend();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("images already: they are learned again, and measure nothing"));
  const Model before = load_model(model()), after = load_model(path("more.safetensors"));
  const auto seen = before.trained_images.size() + before.validated_images.size();
  const std::size_t of_test = 60 - seen;
  EXPECT_LE(after.validated_images.size() - before.validated_images.size(), of_test);
  EXPECT_LE(remembered(path("more.safetensors"), 0), 10);
  EXPECT_GE(remembered(path("more.safetensors"), 6), 4);
}

TEST_F(Extend, AKnownClassAloneIsTrainedAgain) {
  give("In", "In", 5);
  const ProgramResult result = extend();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("no class is new"), HasSubstr("new classes: none")));
  EXPECT_EQ(load_model(path("more.safetensors")).class_names.size(), 6u);
}

TEST_F(Extend, WarnsOfANameThatDiffersOnlyInCase) {
  give("cr", "Cr", 5);
  const ProgramResult result = extend();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the new class 'cr' and 'Cr' differ only in case"));
  give("Xy", "In", 5);
  fs::remove_all(root() / "new" / "cr");
  EXPECT_THAT(extend().err, Not(HasSubstr("differ only")));
}

TEST_F(Extend, JudgesOnVectorsThatItDidNotLearnFrom) {
  give("Xy", "Cr", 5);
  const ProgramResult result = extend();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::vector<std::size_t> of_class(6);
  for (const int label : load_model(model()).memory.labels)
    ++of_class[static_cast<std::size_t>(label)];
  const std::size_t kept = 6 * (std::ranges::min(of_class) / 5);
  ASSERT_GT(kept, 0u);
  EXPECT_THAT(result.out, HasSubstr("recall of the old classes on " + std::to_string(kept) +
                                    " remembered features that it did not learn from"));
}

TEST_F(Extend, OldImagesThatCanNotBeReadAreNoMeasure) {
  give("Xy", "Cr", 5);
  write_file(root() / "old" / "Cr" / "1.bmp", "no image");
  const ProgramResult refused = extend({"--old", path("old")});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("none of its 1 images of the model's classes can be read"));
  write_file(root() / "old" / "Cr" / "2.bmp", read_file(images() + "/Cr_2.bmp"));
  const ProgramResult result = extend({"--old", path("old")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("1 of 2 images of " + path("old")));
}

}  // namespace
}  // namespace steelsight::extend_test

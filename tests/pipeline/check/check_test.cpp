#include "pipeline/check/check.hpp"

#include <gmock/gmock.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/random.hpp"
#include "datasets/error.hpp"
#include "pipeline/check/check_report.hpp"
#include "tests/preprocessing/image_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::check_test {
namespace {

using Names = std::vector<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Coarse noise, so that copies survive JPEG and strangers are unlike.
cv::Mat surface(std::uint64_t seed, int side = 64) {
  cv::Mat coarse(16, 16, CV_8UC1), image;
  Random random(seed);
  for (auto at = coarse.begin<std::uint8_t>(); at != coarse.end<std::uint8_t>(); ++at)
    *at = static_cast<std::uint8_t>(40 + random.below(160));
  cv::resize(coarse, image, cv::Size(side, side), 0, 0, cv::INTER_CUBIC);
  return image;
}

std::string bmp(std::uint64_t seed) {
  return encode(".bmp", surface(seed));
}

// Brightened, smaller, and through JPEG.
std::string near_copy(std::uint64_t seed) {
  cv::Mat image;
  cv::resize(surface(seed), image, cv::Size(60, 60), 0, 0, cv::INTER_AREA);
  image.convertTo(image, CV_8U, 0.9, 30);
  return encode(".jpg", image, {cv::IMWRITE_JPEG_QUALITY, 85});
}

Names names(const CheckResult::Disagreement& disagreement) {
  Names found;
  for (const CheckResult::Member& member : disagreement.images)
    found.push_back(member.image + "|" + member.label + "|" + member.part);
  return found;
}

// Four good images of two classes, to which each test adds what is wrong.
class Check : public testing::Test {
 protected:
  Check() {
    add("Cr_1.bmp", bmp(1));
    add("Cr_2.bmp", bmp(2));
    add("In_1.bmp", bmp(3));
    add("In_2.bmp", bmp(4));
  }

  fs::path add(const std::string& name, const std::string& bytes) {
    return folder.add("data/" + name, bytes);
  }
  CheckConfig config() const { return {.dataset = (folder.path() / "data").string()}; }
  CheckResult run(const CheckConfig& with) const {
    Console quiet(true);
    return check(with, quiet);
  }
  CheckResult run() const { return run(config()); }
  // The findings but for sizes, as one text: to say that there is one and nothing else.
  static std::string found(const CheckResult& result) {
    Json json = to_json(result);
    for (const char* key : {"dataset", "layout", "warnings", "images", "serious", "classes",
                            "imbalance", "formats", "compared", "has_parts"})
      json.erase(key);
    Json left = Json::object();
    for (const auto& [key, value] : json.items())
      if (value != Json::array() && value != Json(0)) left[key] = value;
    return left.dump();
  }

  TemporaryFolder folder;
};

TEST_F(Check, AGoodSetHasNothing) {
  const CheckResult result = run();
  EXPECT_EQ(found(result), "{}");
  EXPECT_FALSE(result.serious());
  EXPECT_EQ(result.images, 4u);
  EXPECT_EQ(result.layout, "prefixed files");
  EXPECT_EQ(result.imbalance(), 1);
  EXPECT_FALSE(result.has_parts);
  ASSERT_EQ(result.formats.size(), 1u);
  EXPECT_EQ(result.formats[0].width, 64);
  EXPECT_EQ(result.formats[0].height, 64);
  EXPECT_EQ(result.formats[0].channels, 1);
  EXPECT_EQ(result.formats[0].bits, 8);
  EXPECT_EQ(result.formats[0].images, 4u);
}

TEST_F(Check, UnreadableImagesWithTheirReasons) {
  add("Cr_3.bmp", bmp(5).substr(0, 2000));
  add("Cr_4.bmp", "");
  add("In_3.bmp", "no image at all, and the same text twice");
  add("In_4.bmp", "no image at all, and the same text twice");
  const CheckResult result = run();
  ASSERT_EQ(result.unreadable.size(), 4u);
  EXPECT_EQ(result.unreadable[0].image, "Cr_3.bmp");
  EXPECT_EQ(result.unreadable[1].image, "Cr_4.bmp");
  for (const CheckResult::Unreadable& image : result.unreadable)
    EXPECT_THAT(image.reason, HasSubstr(image.image + ": "));
  EXPECT_THAT(result.identical, IsEmpty());
  EXPECT_EQ(result.formats.at(0).images, 4u);
  EXPECT_TRUE(result.serious());
}

TEST_F(Check, ByteIdenticalImagesOfOneClassAreNotSerious) {
  add("Cr_10.bmp", bmp(1));
  add("Cr_11.bmp", bmp(1));
  const CheckResult result = run();
  EXPECT_EQ(found(result), R"({"identical":[["Cr_1.bmp","Cr_10.bmp","Cr_11.bmp"]]})");
  EXPECT_FALSE(result.serious());
}

TEST_F(Check, NearDuplicates) {
  add("Cr_10.jpg", near_copy(1));
  const CheckResult result = run();
  ASSERT_EQ(result.near_duplicates.size(), 1u);
  EXPECT_THAT(result.near_duplicates[0].images, ElementsAre("Cr_1.bmp", "Cr_10.jpg"));
  EXPECT_GT(result.near_duplicates[0].similarity, 0.95f);
  EXPECT_LT(result.near_duplicates[0].similarity, 1);
  EXPECT_THAT(result.identical, IsEmpty());
  EXPECT_THAT(result.conflicts, IsEmpty());
  EXPECT_EQ(result.formats.size(), 2u);
  EXPECT_EQ(result.formats[1].example, "Cr_10.jpg");
  EXPECT_FALSE(result.serious());

  CheckConfig quick = config();
  quick.near_duplicates = false;
  EXPECT_EQ(found(run(quick)), "{}");
}

TEST_F(Check, OneFileUnderTwoLabels) {
  add("In_10.bmp", bmp(1));
  const CheckResult result = run();
  ASSERT_EQ(result.conflicts.size(), 1u);
  EXPECT_TRUE(result.conflicts[0].byte_identical);
  EXPECT_THAT(names(result.conflicts[0]), ElementsAre("Cr_1.bmp|Cr|", "In_10.bmp|In|"));
  EXPECT_THAT(result.near_duplicates, IsEmpty());
  EXPECT_THAT(result.leaks, IsEmpty());
  EXPECT_TRUE(result.serious());
}

// The copies agree with each other; the near-duplicate disagrees.
TEST_F(Check, NearDuplicatesUnderTwoLabels) {
  add("Cr_10.bmp", bmp(1));
  add("In_10.jpg", near_copy(1));
  const CheckResult result = run();
  ASSERT_EQ(result.conflicts.size(), 1u);
  EXPECT_FALSE(result.conflicts[0].byte_identical);
  EXPECT_THAT(names(result.conflicts[0]),
              ElementsAre("Cr_1.bmp|Cr|", "Cr_10.bmp|Cr|", "In_10.jpg|In|"));
  ASSERT_EQ(result.near_duplicates.size(), 1u);
  EXPECT_THAT(result.near_duplicates[0].images, ElementsAre("Cr_1.bmp", "In_10.jpg"));
  EXPECT_TRUE(result.serious());
}

TEST_F(Check, UnlabelledImagesConflictWithNothing) {
  add("unknown.bmp", bmp(1));
  const CheckResult result = run();
  EXPECT_EQ(found(result), R"({"unlabelled":1,"identical":[["Cr_1.bmp","unknown.bmp"]]})");
  EXPECT_EQ(result.warnings.size(), 1u);
}

TEST_F(Check, ImagesOfASingleColour) {
  cv::Mat gray(64, 64, CV_8UC1, cv::Scalar(77)), colour(64, 64, CV_8UC3, cv::Scalar(1, 2, 3)),
      wide(64, 64, CV_16UC1, cv::Scalar(300));
  add("Cr_3.bmp", encode(".bmp", gray));
  add("Cr_4.png", encode(".png", colour));
  add("Cr_5.png", encode(".png", wide));
  add("Cr_6.png", encode(".png", cv::Mat(1, 1, CV_8UC1, cv::Scalar(9))));
  gray.at<std::uint8_t>(63, 63) = 78;
  add("In_3.bmp", encode(".bmp", gray));
  colour.at<cv::Vec3b>(0, 1)[1] = 9;
  add("In_4.png", encode(".png", colour));
  const CheckResult result = run();
  EXPECT_EQ(found(result), R"({"single_colour":["Cr_3.bmp","Cr_4.png","Cr_5.png","Cr_6.png"]})");
  EXPECT_FALSE(result.serious());
}

TEST_F(Check, SizesAndDepths) {
  add("Cr_3.png", encode(".png", surface(5, 65)));
  cv::Mat wide, colour;
  surface(6).convertTo(wide, CV_16U, 257);
  cv::cvtColor(surface(7), colour, cv::COLOR_GRAY2BGR);
  colour.at<cv::Vec3b>(0, 0)[0] ^= 1;
  add("Cr_4.png", encode(".png", wide));
  add("Cr_5.png", encode(".png", colour));
  const CheckResult result = run();
  EXPECT_EQ(found(result), "{}");
  Names formats;
  for (const CheckResult::Format& f : result.formats)
    formats.push_back(std::to_string(f.width) + " " + std::to_string(f.channels) + " " +
                      std::to_string(f.bits) + " " + std::to_string(f.images) + " " + f.example);
  EXPECT_THAT(formats, ElementsAre("64 1 8 4 Cr_1.bmp", "64 1 16 1 Cr_4.png", "64 3 8 1 Cr_5.png",
                                   "65 1 8 1 Cr_3.png"));
}

TEST_F(Check, BalanceAndEmptyClasses) {
  for (const char* name : {"a/1.bmp", "a/2.bmp", "a/3.bmp", "b/1.bmp", "b/2.bmp"})
    folder.add(std::string("folders/") + name, bmp(std::hash<std::string>{}(name)));
  fs::create_directories(folder.path() / "folders" / "empty");
  const CheckResult result = run({.dataset = (folder.path() / "folders").string()});
  EXPECT_EQ(found(result), R"({"empty_classes":["empty"]})");
  EXPECT_DOUBLE_EQ(result.imbalance(), 1.5);
  ASSERT_EQ(result.classes.size(), 2u);
  EXPECT_EQ(result.classes[0].images, 3u);
  EXPECT_THAT(result.warnings, ElementsAre("folder 'empty' holds no image and is no class"));
}

TEST_F(Check, ClassesThatNothingTeachesAreSerious) {
  for (const char* name : {"train/a/1.bmp", "train/b/2.bmp", "test/a/3.bmp", "test/c/4.bmp"})
    folder.add(std::string("parts/") + name, bmp(std::hash<std::string>{}(name)));
  folder.add("parts/train/d/1.bmp", "");
  const CheckResult result = run({.dataset = (folder.path() / "parts").string()});
  ASSERT_EQ(result.not_learnable.size(), 2u);
  EXPECT_EQ(result.not_learnable[0].class_name, "c");
  EXPECT_EQ(result.not_learnable[0].reason, "no image to train on");
  EXPECT_EQ(result.not_learnable[1].class_name, "d");
  EXPECT_EQ(result.not_learnable[1].reason, "no image to train on can be read");
  EXPECT_TRUE(result.serious());
  EXPECT_THAT(verdict(result), HasSubstr("2 classes without a training image"));
  // A set to test on alone.
  const CheckResult test = run({.dataset = (folder.path() / "parts/test").string()});
  EXPECT_THAT(test.not_learnable, IsEmpty());
}

TEST_F(Check, AFolderThatCanNotBeReadIsSerious) {
  CheckResult result = run();
  EXPECT_FALSE(result.serious());
  result.unreadable_folders = 1;
  EXPECT_TRUE(result.serious());
  EXPECT_THAT(verdict(result), HasSubstr("1 unreadable folder"));
}

TEST_F(Check, LeaksAcrossASplitFile) {
  add("Cr_10.bmp", bmp(1));
  add("In_10.jpg", near_copy(3));
  add("In_11.bmp", bmp(4));
  const fs::path split = folder.add("split.json", R"({
    "train": ["Cr_1.bmp", "Cr_2.bmp", "In_1.bmp", "In_2.bmp"],
    "validation": ["Cr_10.bmp"], "test": ["In_10.jpg"]})");
  CheckConfig with = config();
  with.split = split.string();
  const CheckResult result = run(with);
  EXPECT_TRUE(result.has_parts);
  ASSERT_EQ(result.leaks.size(), 2u);  // In_11 is in no part
  EXPECT_THAT(names(result.leaks[0]), ElementsAre("Cr_1.bmp|Cr|train", "Cr_10.bmp|Cr|validation"));
  EXPECT_TRUE(result.leaks[0].byte_identical);
  EXPECT_THAT(names(result.leaks[1]), ElementsAre("In_1.bmp|In|train", "In_10.jpg|In|test"));
  EXPECT_FALSE(result.leaks[1].byte_identical);
  EXPECT_THAT(result.conflicts, IsEmpty());
  EXPECT_TRUE(result.serious());
  EXPECT_FALSE(run().serious());
}

TEST_F(Check, LeaksAcrossTheSetsOwnPartsAndASplitFileThatMendsThem) {
  for (const auto& [name, seed] :
       std::initializer_list<std::pair<const char*, int>>{{"train/Cr_1.bmp", 1},
                                                          {"train/In_1.bmp", 2},
                                                          {"test/Cr_9.bmp", 1},
                                                          {"test/In_9.bmp", 3}})
    folder.add(std::string("parts/") + name, bmp(static_cast<std::uint64_t>(seed)));
  CheckConfig with{.dataset = (folder.path() / "parts").string()};
  const CheckResult result = run(with);
  ASSERT_EQ(result.leaks.size(), 1u);
  EXPECT_THAT(names(result.leaks[0]),
              ElementsAre("test/Cr_9.bmp|Cr|test", "train/Cr_1.bmp|Cr|train"));
  with.split = folder
                   .add("split.json", R"({"train": ["train/Cr_1.bmp", "train/In_1.bmp"],
                                          "validation": [], "test": ["test/In_9.bmp"]})")
                   .string();
  EXPECT_FALSE(run(with).serious());
}

TEST_F(Check, GroupsInDifferentParts) {
  const fs::path list = add("list.csv",
                            "path,label,split,group\n"
                            "Cr_1.bmp,Cr,train,plate 1\nCr_2.bmp,Cr,test,plate 1\n"
                            "In_1.bmp,In,train,plate 2\nIn_2.bmp,In,train,plate 2\n");
  const CheckResult result = run({.dataset = list.string()});
  EXPECT_EQ(found(result), R"({"split_groups":["plate 1"]})");
  EXPECT_TRUE(result.serious());
  EXPECT_EQ(result.dataset, list.string());
}

TEST_F(Check, WritesWhatItFound) {
  add("In_10.bmp", bmp(1));
  CheckConfig with = config();
  with.output = (folder.path() / "out").string();
  const CheckResult result = run(with);
  const Json written = parse_json(read_file(folder.path() / "out" / "check.json"), "check.json");
  EXPECT_EQ(written, to_json(result));
  EXPECT_TRUE(written["serious"]);
  const Json used = parse_json(read_file(folder.path() / "out" / "config.json"), "config.json");
  EXPECT_EQ(used["check"], check_fields().write(with));
}

// File names are bytes, JSON is UTF-8.
TEST_F(Check, WritesReasonsThatNameFilesOfOtherEncodings) {
  add("Cr_\xE4_3.bmp", "broken");
  CheckConfig with = config();
  with.output = (folder.path() / "out").string();
  EXPECT_EQ(run(with).unreadable.size(), 1u);
  EXPECT_NO_THROW(parse_json(read_file(folder.path() / "out" / "check.json"), "check.json"));
}

TEST_F(Check, ThreadsChangeNothing) {
  for (std::uint64_t i = 5; i < 80; ++i)
    add("Cr_" + std::to_string(i) + ".bmp", i % 4 == 0 ? near_copy(i - 1) : bmp(i % 50));
  CheckConfig with = config();
  with.threads = 1;
  const Json one = to_json(run(with));
  EXPECT_FALSE(one["near_duplicates"].empty());
  with.threads = 5;
  EXPECT_EQ(to_json(run(with)), one);
}

TEST_F(Check, ThrowsForWhatCannotBeChecked) {
  CheckConfig with = config();
  with.dataset = (folder.path() / "nothing").string();
  EXPECT_THROW(run(with), DatasetError);
  with = config();
  with.split = (folder.path() / "none.json").string();
  EXPECT_THROW(run(with), FileError);
  with.split =
      folder.add("foreign.json", R"({"train": ["Xy_1.bmp"], "validation": [], "test": []})")
          .string();
  EXPECT_THROW(run(with), DatasetError);
  with = config();
  with.output = (folder.path() / "data" / "Cr_1.bmp" / "out").string();
  EXPECT_THROW(run(with), FileError);
}

TEST(CheckSummary, CutsLongListsAndGivesAVerdict) {
  CheckResult result;
  EXPECT_EQ(summary(result, "").back(), "nothing serious found");
  for (int i = 0; i < 13; ++i) result.single_colour.push_back("Cr_" + std::to_string(i) + ".bmp");
  result.unreadable = {{"Cr_1.bmp", "Cr_1.bmp: is empty"}};
  result.leaks.resize(2);
  result.has_parts = true;
  const std::vector<std::string> lines = summary(result, "see check.json");
  EXPECT_THAT(lines, testing::Contains("  Cr_9.bmp"));
  EXPECT_THAT(lines, testing::Not(testing::Contains("  Cr_10.bmp")));
  EXPECT_THAT(lines, testing::Contains("  and 3 more, see check.json"));
  EXPECT_THAT(lines, testing::Contains("  Cr_1.bmp: is empty"));
  EXPECT_EQ(lines.back(), "to be mended before training: 1 unreadable image, 2 leaks");
}

TEST(CheckConfigFromJson, IsStrictAndLossless) {
  const CheckConfig all{
      .dataset = "d", .output = "o", .split = "s", .near_duplicates = false, .threads = 3};
  EXPECT_EQ(check_fields().write(check_fields().read(check_fields().write(all), "/check")),
            check_fields().write(all));
  struct Row {
    const char* json;
    const char* message;
  };
  for (const Row& row :
       {Row{R"({})", "/check/dataset is missing"}, Row{R"({"dataset": "d", "typo": 1})", "typo"},
        Row{R"({"dataset": 5})", "/check/dataset"},
        Row{R"({"dataset": "d", "threads": -1})", "/check/threads"},
        Row{R"({"dataset": "d", "threads": 257})", "/check/threads is 257"},
        Row{R"({"dataset": "d", "near_duplicates": 1})", "/check/near_duplicates"}})
    EXPECT_THAT([&] { check_fields().read(Json::parse(row.json), "/check"); },
                testing::ThrowsMessage<ConfigError>(HasSubstr(row.message)));
}

}  // namespace
}  // namespace steelsight::check_test

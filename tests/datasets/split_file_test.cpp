#include "datasets/split_file.hpp"

#include <gmock/gmock.h>

#include "core/json_object.hpp"
#include "datasets/open_dataset.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::split_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SplitFileTest : public FolderFixture {
 protected:
  SplitFileTest() {
    touch_all({"Cr_1.bmp", "Cr_2.bmp", "Cr_3.bmp", "裂 \"纹\"_1.bmp", "unlabelled.bmp"});
    dataset_ = open_dataset(folder_);
  }
  std::string error(const std::string& text) const {
    write_file(folder_ / "split.json", text);
    return message_of<DatasetError>([&] { read_split(folder_ / "split.json", dataset_); });
  }

  Dataset dataset_;
};

TEST_F(SplitFileTest, RoundTrip) {
  ASSERT_EQ(dataset_.samples[3].name, "unlabelled.bmp");
  const Split split{.train = {0, 4}, .validation = {2}, .test = {}, .left_out = {1, 3}};
  write_split(folder_ / "out" / "split.json", dataset_, split);
  const Split again = read_split(folder_ / "out" / "split.json", dataset_);
  EXPECT_EQ(again.train, split.train);
  EXPECT_EQ(again.validation, split.validation);
  EXPECT_EQ(again.test, split.test);
  EXPECT_EQ(again.left_out, split.left_out);
}

TEST_F(SplitFileTest, HoldsNamesByPart) {
  write_split(folder_ / "split.json", dataset_,
              {.train = {0}, .validation = {1}, .test = {2}, .left_out = {}});
  EXPECT_EQ(Json::parse(read_file(folder_ / "split.json")),
            Json::parse(R"({"train":["Cr_1.bmp"],"validation":["Cr_2.bmp"],"test":["Cr_3.bmp"]})"));
}

TEST_F(SplitFileTest, ReadsByNameWhateverTheOrder) {
  write_file(folder_ / "split.json",
             R"({"test":["Cr_3.bmp"],"train":["Cr_2.bmp","Cr_1.bmp"],"validation":[]})");
  const Split split = read_split(folder_ / "split.json", dataset_);
  EXPECT_THAT(split.train, ElementsAre(0, 1));
  EXPECT_THAT(split.test, ElementsAre(2));
  EXPECT_THAT(split.left_out, ElementsAre(3, 4));
}

TEST_F(SplitFileTest, RefusesWhatDoesNotFitTheDataSet) {
  const struct {
    const char *text, *message;
  } cases[] = {
      {R"({"train":["x.bmp"],"validation":[],"test":[]})", "\"x.bmp\" in train is not in "},
      {R"({"train":["Cr_1.bmp"],"validation":[],"test":["Cr_1.bmp"]})",
       "\"Cr_1.bmp\" in test is already in train"},
      {R"({"train":["Cr_1.bmp","Cr_1.bmp"],"validation":[],"test":[]})",
       "\"Cr_1.bmp\" in train is already in train"},
      {R"({"train":["unlabelled.bmp"],"validation":[],"test":[]})", "in train has no label"},
      {R"({"train":[],"test":[]})", "split.json: not a split file: /validation is missing"},
      {R"({"train":[],"validation":[],"test":[],"extra":[]})", "/extra is not known"},
      {R"({"train":[1],"validation":[],"test":[]})", "/train/0 is 1, expected a text"},
      {R"({"train":"Cr_1.bmp","validation":[],"test":[]})", "expected a list"},
      {R"({"train":[null],"validation":[],"test":[]})", "/train/0 is null, expected a text"},
      {R"({"train":null,"validation":[],"test":[]})", "/train is null, expected a list"},
      {R"({"train":[],"validation":[],"test":[],"train":["Cr_1.bmp"]})", "/train is there twice"},
      {R"([])", "expected an object"},
      {R"(null)", "expected an object"},
      {"", "not valid JSON: it is empty"},
      {R"({"train":["Cr_1.bmp")", "not valid JSON"},
      {"{\"train\":[\"\xFF\"],\"validation\":[],\"test\":[]}", "not valid JSON"},
      {R"({"train":["\u0000"],"validation":[],"test":[]})", "\"\\u0000\" in train is not in "},
  };
  for (const auto& c : cases) EXPECT_THAT(error(c.text), HasSubstr(c.message));
  EXPECT_THROW(read_split(folder_ / "missing.json", dataset_), FileError);
}

TEST_F(SplitFileTest, RefusesDeepNesting) {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_THAT(error(deep), HasSubstr("nested deeper"));
  EXPECT_THAT(error(R"({"train":)" + deep + R"(,"validation":[],"test":[]})"),
              HasSubstr("nested deeper"));
  EXPECT_THAT(error(R"({"train":[["Cr_1.bmp"]],"validation":[],"test":[]})"),
              HasSubstr("/train/0 is [\"Cr_1.bmp\"], expected a text"));
}

}  // namespace
}  // namespace steelsight::split_file_test

#include "datasets/table.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "datasets/open_dataset.hpp"
#include "datasets/split.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::table_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class TableTest : public FolderFixture {
 protected:
  fs::path write(const std::string& text) const {
    write_file(folder_ / "t.csv", text);
    return folder_ / "t.csv";
  }
  std::string error_of(const std::string& text) const {
    return message_of<DatasetError>([&] { read_table(write(text)); });
  }
};

TEST_F(TableTest, ReadsNumbersByColumn) {
  const Table table =
      read_table(write("width,label,height,group,split\n"
                       "1.5,a,-2e3,coil 7,train\n"
                       " +3 ,,0.25,,\n"));
  EXPECT_THAT(table.features, ElementsAre("width", "height"));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0].values, ElementsAre(1.5, -2000));
  EXPECT_EQ(table.rows[0].label, "a");
  EXPECT_EQ(table.rows[0].group, "coil 7");
  EXPECT_EQ(table.rows[0].part, Part::train);
  EXPECT_THAT(table.rows[1].values, ElementsAre(3, 0.25));
  EXPECT_EQ(table.rows[1].label, "");
  EXPECT_EQ(table.rows[1].part, std::nullopt);
  EXPECT_EQ(table.where(table.rows[1]), (folder_ / "t.csv").string() + ":3");
}

TEST_F(TableTest, KeepsCellsThatAreNoFiniteNumber) {
  const Table table = read_table(write("x,y\n,1\nabc,2\n1e999,nan\n1 2,0x10\n1,-inf\n"));
  const auto texts = [&](std::size_t row) { return table.rows[row].no_numbers; };
  EXPECT_THAT(texts(0), ElementsAre(Pair(0, "")));
  EXPECT_THAT(texts(1), ElementsAre(Pair(0, "abc")));
  EXPECT_THAT(texts(2), ElementsAre(Pair(0, "1e999"), Pair(1, "nan")));
  EXPECT_THAT(texts(3), ElementsAre(Pair(0, "1 2"), Pair(1, "0x10")));
  EXPECT_THAT(texts(4), ElementsAre(Pair(1, "-inf")));
  EXPECT_TRUE(std::isnan(table.rows[1].values[0]));
  // Every one of these was read as something else by some program.
  for (const char* cell :
       {"+-1",   "-+1",    "++1",   "--1",     "+",     "-",    "1e",    "1e+",  ".",
        "0x1p3", "1_000",  "1'000", "\"1,5\"", "1.5.2", "1f",   "inf",   "+inf", "infinity",
        "NaN",   "nan(1)", "-nan",  "1e39",    "-1e39", "TRUE", "1 000", "١"}) {
    const Table odd = read_table(write(std::string("x,y\n") + cell + ",1\n"));
    EXPECT_EQ(odd.rows[0].no_numbers.size(), 1u) << cell;
    EXPECT_TRUE(std::isnan(odd.rows[0].values[0])) << cell;
  }
  const struct {
    const char* cell;
    double value;
  } numbers[] = {{"+1", 1},        {"-1", -1}, {".5", 0.5}, {"1.", 1},   {"1E5", 1e5},
                 {"1e-30", 1e-30}, {"-0", 0},  {"007", 7},  {" 2\t", 2}, {"3.4e38", 3.4e38}};
  for (const auto& [cell, value] : numbers)
    EXPECT_EQ(read_table(write(std::string("x\n") + cell + "\n")).rows[0].values[0], value) << cell;
  EXPECT_EQ(table.rows[1].values[1], 2);
}

TEST_F(TableTest, SaysWhatIsWrongWhere) {
  EXPECT_THAT(error_of(""), HasSubstr("t.csv:1: empty"));
  EXPECT_THAT(error_of("label,split\na,\n"), HasSubstr("t.csv:1: has no feature"));
  EXPECT_THAT(error_of("x,x,label\n1,2,a\n"), HasSubstr("column 'x' is there twice"));
  EXPECT_THAT(error_of("x,,label\n1,2,a\n"), HasSubstr("has no name"));
  EXPECT_THAT(error_of("x,label\n"), HasSubstr("no row follows the header"));
  EXPECT_THAT(error_of("x,split\n1,\n2,tset\n"), HasSubstr("t.csv:3: split is 'tset'"));
  EXPECT_THAT(error_of("x,label\n1,\xff\n"), HasSubstr("t.csv:2: label '\\xFF' is not UTF-8"));
  EXPECT_THAT(error_of("filename,label\nimg/Cr_1.bmp,a\n"),
              HasSubstr("t.csv:2: filename is 'img/Cr_1.bmp', expected a number; a list of images "
                        "has its names in a column 'path'"));
  EXPECT_THAT(error_of("x,label\n1,a,3\n"), HasSubstr("row has 3 cells, expected 2"));
  EXPECT_THROW(read_table(folder_ / "missing.csv"), FileError);
}

TEST_F(TableTest, IsToldFromAListOfImagesByItsHeader) {
  EXPECT_TRUE(is_table(write("x,label\n")));
  EXPECT_TRUE(is_labelled_table(folder_ / "t.csv"));
  EXPECT_TRUE(is_table(write("x,y\n")));
  EXPECT_FALSE(is_labelled_table(folder_ / "t.csv"));
  EXPECT_FALSE(is_table(write("path,label\n")));
  write_file(folder_ / "t.bmp", "x,label\n");
  EXPECT_FALSE(is_table(folder_ / "t.bmp"));
}

TEST_F(TableTest, IsADataSetWithARowASample) {
  std::string text = "x,label,split\n";
  for (int i = 0; i < 12; ++i)  // more than 9 lines: natural order is needed
    text +=
        std::to_string(i) + "," + (i % 2 == 0 ? "b" : "a") + "," + (i == 3 ? "test" : "") + "\n";
  const Dataset dataset = open_dataset(write(text + "12,,\n"));
  EXPECT_EQ(dataset.layout, Layout::table);
  EXPECT_THAT(dataset.class_names, ElementsAre("a", "b"));
  EXPECT_THAT(dataset.warnings, ElementsAre("1 row has no label"));
  ASSERT_EQ(dataset.samples.size(), 13u);
  for (std::size_t i = 0; i < 13; ++i) {
    EXPECT_EQ(dataset.table->rows[i].values[0], static_cast<double>(i));
    EXPECT_EQ(dataset.samples[i].name, "t.csv:" + std::to_string(i + 2));
    EXPECT_EQ(dataset.samples[i].path, (folder_ / "t.csv").string() + ":" + std::to_string(i + 2));
  }
  EXPECT_EQ(dataset.samples[3].part, Part::test);
  EXPECT_EQ(dataset.samples[12].label, std::nullopt);

  EXPECT_THAT(message_of<DatasetError>([&] { open_images(folder_ / "t.csv"); }),
              HasSubstr("is a table of numbers"));
  EXPECT_THAT(message_of<DatasetError>([&] { open_dataset(write("x,label\n1,\n")); }),
              HasSubstr("none of 1 rows has a label"));
}

TEST_F(TableTest, HashesKnowNumbersAndNotTheOrderOfColumns) {
  const std::vector<double> values{1, -0.0, 3}, moved{3, 1, 0.0}, other{3, 1, 1e-9};
  EXPECT_EQ(row_hash({"a", "b", "c"}, values), row_hash({"c", "a", "b"}, moved));
  EXPECT_NE(row_hash({"c", "a", "b"}, moved), row_hash({"c", "a", "b"}, other));

  const ContentHashes hashes =
      content_hashes(open_dataset(write("x,y,label\n1,2,a\n1,2,b\n2,1,a\n1,?,a\n")));
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[0], hashes[2]);
  EXPECT_EQ(hashes[3], std::nullopt);
}

TEST_F(TableTest, EqualRowsStayOnOneSideOfASplit) {
  std::string text = "x,label\n";
  for (int i = 0; i < 40; ++i) text += std::to_string(i / 2) + (i % 4 < 2 ? ",a\n" : ",b\n");
  const Dataset dataset = open_dataset(write(text));
  const Split split =
      make_split(dataset, content_hashes(dataset), {.validation = 0.2, .test = 0.3, .seed = 4});
  EXPECT_EQ(split.train.size(), 20u);
  for (const auto* part : {&split.train, &split.validation, &split.test})
    for (const std::size_t row : *part)
      EXPECT_NE(std::ranges::find(*part, row ^ 1u), part->end()) << row;
}

}  // namespace
}  // namespace steelsight::table_test

#include "datasets/csv.hpp"

#include "core/random.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::csv_test {
namespace {

using Cells = std::vector<std::string>;

class CsvTest : public FolderFixture {
 protected:
  std::vector<CsvRow> read(const std::string& text, CsvLimits limits = {}) const {
    write_file(folder_ / "t.csv", text);
    CsvReader reader(folder_ / "t.csv", limits);
    std::vector<CsvRow> rows;
    for (CsvRow row; reader.next(row);) rows.push_back(row);
    return rows;
  }
  std::string error(const std::string& text, CsvLimits limits = {}) const {
    return message_of<DatasetError>([&] { read(text, limits); });
  }
};

TEST_F(CsvTest, ReadsCellsUnchangedWithLineNumbers) {
  const auto rows = read("path,label\r\n\"a,\"\"b\"\"\r\nc\", x \n\n\n=1+1,-2\n@a,+b");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].cells, (Cells{"path", "label"}));
  EXPECT_EQ(rows[1].cells, (Cells{"a,\"b\"\r\nc", " x "}));
  EXPECT_EQ(rows[2].cells, (Cells{"=1+1", "-2"}));
  EXPECT_EQ(rows[3].cells, (Cells{"@a", "+b"}));
  EXPECT_EQ(rows[0].line, 1u);
  EXPECT_EQ(rows[1].line, 2u);
  EXPECT_EQ(rows[2].line, 6u);
  EXPECT_EQ(rows[3].line, 7u);
}

TEST_F(CsvTest, ToleratesByteOrderMarkBlankLinesAndEmptyCells) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("\xEF\xBB\xBF").empty());
  EXPECT_TRUE(read("\r\n\n").empty());
  const auto rows = read("\xEF\xBB\xBFpath,\n,\n\"\",\"\"\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].cells, (Cells{"path", ""}));
  EXPECT_EQ(rows[1].cells, (Cells{"", ""}));
  EXPECT_EQ(rows[2].cells, (Cells{"", ""}));
}

TEST_F(CsvTest, SaysFileAndLineOfWhatIsNotCsv) {
  const struct {
    std::string text, message;
  } cases[] = {
      {"a,b\n1,2\nx\"y,2\n", "t.csv:3: stray quote"},
      {"a,b\n\"x\"y,2\n", "t.csv:2: stray quote"},
      {"a,b\n\"x\" ,2\n", "t.csv:2: stray quote"},
      {"a,b\n1,\"open\n\n", "t.csv:2: a quoted cell of this row is never closed"},
      {"a,b\n1,2,3\n", "t.csv:2: row has 3 cells, expected 2"},
      {"a,b\n1\n", "t.csv:2: row has 1 cells, expected 2"},
      {"a,b\r1,2\r", "t.csv:1: carriage return"},
      {"a,b\n1,2\r3,4\n", "t.csv:2: carriage return"},
      {"a,b\n1,2\r3,4", "t.csv:2: carriage return"},
      {"path;label\nx;y\n", "t.csv:1: the columns are divided by ';'; save it with commas"},
      {"\xEF\xBB\xBFpath;label\r\nx;y\r\n", "t.csv:1: the columns are divided by ';'"},
      {"sep=;\npath;label\n", "t.csv:1: the columns are divided by ';'"},
      {"sep=,\npath,label\n", "t.csv:1: the line 'sep=' is for Excel alone; remove it"},
      {"path\tlabel\nx\ty\n", "t.csv:1: the columns are divided by tabs; save it with commas"},
      {std::string("a,b\n1,\0\n", 8), "NUL byte"},
      {std::string("\xFF\xFEp\0a\0", 6), "UTF-16"},
  };
  for (const auto& c : cases)
    EXPECT_NE(error(c.text).find(c.message), std::string::npos) << error(c.text);
}

TEST_F(CsvTest, LimitsRowsAndFiles) {
  EXPECT_EQ(read("abc,d\nabc,d\n", {.max_row_bytes = 6, .max_file_bytes = 12}).size(), 2u);
  EXPECT_NE(error("abc,d\nabcd,d\n", {.max_row_bytes = 6}).find("t.csv:2: row is longer"),
            std::string::npos);
  EXPECT_NE(error("abc,d\nabc,d\n", {.max_file_bytes = 11}).find("larger than the limit of 11"),
            std::string::npos);
  // An unclosed quote must not swallow the rest of a large file.
  EXPECT_NE(error("a\n\"" + std::string(1 << 21, '\n')).find("row is longer"), std::string::npos);
}

TEST_F(CsvTest, RefusesWhatCanNotBeOpened) {
  EXPECT_THROW(CsvReader(folder_ / "missing.csv"), FileError);
  EXPECT_THROW(CsvReader{folder_}, FileError);
}

TEST_F(CsvTest, WritesQuotesOnlyWhereNeeded) {
  EXPECT_EQ(csv_row({"a", "", "=1", "1.5"}), "a,,=1,1.5\n");
  EXPECT_EQ(csv_row({"a,b", "c\"d", "e\nf", "g\rh", " i", "j "}),
            "\"a,b\",\"c\"\"d\",\"e\nf\",\"g\rh\",\" i\",\"j \"\n");
  EXPECT_EQ(csv_row({""}), "\"\"\n");
}

TEST_F(CsvTest, ReadsBackCellsThatBeginAsAByteOrderMark) {
  for (const std::string cell : {"\xEF\xBB\xBF"
                                 "a",
                                 "\xFF\xFE", "\xFE\xFF"}) {
    const auto rows = read(csv_row({cell, "b"}));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].cells, (Cells{cell, "b"}));
  }
}

TEST(TextCell, IsNoFormulaForASpreadsheetAndGivesTheTextBack) {
  for (const std::string text :
       {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=", "'=1", "''-"}) {
    EXPECT_EQ(text_cell(text), "'" + text);
    EXPECT_EQ(text_of_cell(text_cell(text)), text);
  }
  for (const std::string text : {"", "a.bmp", "./=1", "'", "'a'", "a=1", "裂纹", " =1"}) {
    EXPECT_EQ(text_cell(text), text);
    EXPECT_EQ(text_of_cell(text), text);
  }
}

TEST_F(CsvTest, WhatIsWrittenIsReadBackAcrossBlockBoundaries) {
  const std::string alphabet[] = {",", "\"", "\r", "\n", "\r\n", " ", "=", "a", "裂", "", "'"};
  Random random(7);
  for (const std::size_t rows_written : {1u, 30u, 9000u}) {
    std::vector<Cells> expected;
    std::string text;
    for (std::size_t i = 0; i < rows_written; ++i) {
      Cells cells(3);
      for (std::string& cell : cells)
        for (std::uint64_t n = random.below(8); n > 0; --n) cell += alphabet[random.below(11)];
      text += csv_row(cells);
      expected.push_back(cells);
    }
    const auto rows = read(text);
    ASSERT_EQ(rows.size(), expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i].cells, expected[i]) << i;
  }
}

}  // namespace
}  // namespace steelsight::csv_test

#include "evaluation/predictions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "datasets/error.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::predictions_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kHeader = "path,label,prediction,confidence,p_Cr,p_In,error\n";
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

class PredictionsTest : public testing::Test {
 protected:
  Predictions read(const std::string& text) const {
    write_file(file_, text);
    return read_predictions(file_);
  }
  void write(const Predictions& predictions) const {
    PredictionsWriter writer(file_, predictions.class_names);
    for (const Prediction& row : predictions.rows) writer.write(row);
    writer.commit();
  }

  const TemporaryFolder folder_;
  const fs::path file_ = folder_ / "predictions.csv";
};

TEST_F(PredictionsTest, WritesTheDocumentedColumns) {
  write({{"Cr", "In"},
         {{"a.bmp", "Cr", "In", 0.75f, {0.25f, 0.75f}, ""},
          {"b,c.bmp", "", "", 0, {}, "truncated"}}});
  EXPECT_EQ(read_file(file_), kHeader +
                                  "a.bmp,Cr,In,0.75,0.25,0.75,\n"
                                  "\"b,c.bmp\",,,,,,truncated\n");
}

TEST_F(PredictionsTest, NamesAreNoFormulasForASpreadsheet) {
  const Predictions predictions{
      {"=Cr", "In"},
      {{"=cmd|' /C calc'!A0.bmp", "-In", "=Cr", 0.75f, {0.75f, 0.25f}, ""},
       {"'@a.bmp", "+Cr", "", 0, {}, "=1"}}};
  write(predictions);
  EXPECT_EQ(read_file(file_),
            "path,label,prediction,confidence,p_=Cr,p_In,error\n"
            "'=cmd|' /C calc'!A0.bmp,'-In,'=Cr,0.75,0.75,0.25,\n"
            "''@a.bmp,'+Cr,,,,,'=1\n");
  EXPECT_EQ(read_predictions(file_).rows, predictions.rows);
}

TEST_F(PredictionsTest, ReadsBackWhatWasWritten) {
  const float third = 1.0f / 3;
  const Predictions predictions{
      {"a,b", "say \"x\"", "two\nlines", "裂纹", " spaced ", "p_p"},
      {{"图/裂纹 1.bmp",
        "裂纹",
        "two\nlines",
        0.1f,
        {0.1f, third, third, 1e-30f, 0.2333333f, 0},
        ""},
       {"a\r\nb \"c\".bmp", "a class of its own", "p_p", 1, {0, 0, 0, 0, 0, 1}, ""},
       {"\xff.bmp", "", "a,b", 0.9999999f, {0.9999999f, 0, 0, 0, 0, 0}, ""},
       {"broken.bmp", "a,b", "", 0, {}, "it is \"broken\",\nreally"}}};
  write(predictions);
  const Predictions back = read_predictions(file_);
  EXPECT_EQ(back.class_names, predictions.class_names);
  EXPECT_EQ(back.rows, predictions.rows);
}

TEST_F(PredictionsTest, MayHaveDistances) {
  const Predictions predictions{{"Cr", "In"},
                                {{"a.bmp", "Cr", "In", 0.75f, {0.25f, 0.75f}, "", 0.1f},
                                 {"b.bmp", "", "unknown", 0.75f, {0.75f, 0.25f}, "", 1.5f},
                                 {"c.bmp", "", "", 0, {}, "truncated"}}};
  PredictionsWriter writer(file_, predictions.class_names, /*distances=*/true);
  for (const Prediction& row : predictions.rows) writer.write(row);
  EXPECT_THROW(writer.write({"d.bmp", "", "In", 0.75f, {0.25f, 0.75f}, ""}), std::invalid_argument);
  EXPECT_THROW(writer.write({"d.bmp", "", "In", 0.75f, {0.25f, 0.75f}, "", -0.1f}),
               std::invalid_argument);
  EXPECT_THROW(writer.write({"d.bmp", "", "", 0, {}, "truncated", 0.1f}), std::invalid_argument);
  writer.commit();
  EXPECT_EQ(read_file(file_),
            "path,label,prediction,confidence,p_Cr,p_In,distance,error\n"
            "a.bmp,Cr,In,0.75,0.25,0.75,0.1,\n"
            "b.bmp,,unknown,0.75,0.75,0.25,1.5,\n"
            "c.bmp,,,,,,,truncated\n");
  EXPECT_EQ(read_predictions(file_).rows, predictions.rows);
  PredictionsWriter plain(file_, {"Cr", "In"});
  EXPECT_THROW(plain.write(predictions.rows[0]), std::invalid_argument);
}

TEST_F(PredictionsTest, UnknownIsNoPredictionUnlessAClassHasThatName) {
  const Prediction row{"a.bmp", "Cr", "unknown", 0.75f, {0.25f, 0.75f}, ""};
  EXPECT_TRUE(is_unknown(row, {"Cr", "In"}));
  EXPECT_FALSE(is_unknown(row, {"Cr", "unknown"}));
  EXPECT_FALSE(is_unknown({"a.bmp", "unknown", "Cr", 0.75f, {0.75f, 0.25f}, ""}, {"Cr", "In"}));
}

TEST_F(PredictionsTest, NoRowsAreAFileToo) {
  write({{"Cr"}, {}});
  EXPECT_EQ(read_predictions(file_).class_names, std::vector<std::string>{"Cr"});
  EXPECT_TRUE(read_predictions(file_).rows.empty());
}

TEST_F(PredictionsTest, NothingIsThereWithoutCommit) {
  { PredictionsWriter(file_, {"Cr"}).write({"a", "", "Cr", 1, {1}, ""}); }
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(PredictionsTest, WriterRefusesWhatTheReaderWould) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{}, {""}, {"a", "b", "a"}, {std::string("a\0b", 3)}})
    EXPECT_THROW(PredictionsWriter(file_, names), std::invalid_argument);

  const Prediction good{"a.bmp", "Cr", "In", 0.75f, {0.25f, 0.75f}, ""};
  PredictionsWriter writer(file_, {"Cr", "In"});
  EXPECT_NO_THROW(writer.write(good));
  const auto refuses = [&](auto change) {
    Prediction bad = good;
    change(bad);
    EXPECT_THROW(writer.write(bad), std::invalid_argument);
  };
  refuses([](Prediction& row) { row.path = ""; });
  refuses([](Prediction& row) { row.path = std::string("a\0b", 3); });
  refuses([](Prediction& row) { row.prediction = "Sc"; });
  refuses([](Prediction& row) { row.confidence = 1.1f; });
  refuses([](Prediction& row) { row.confidence = kNaN; });
  refuses([](Prediction& row) { row.probabilities = {1}; });
  refuses([](Prediction& row) { row.probabilities = {kNaN, 1}; });
  refuses([](Prediction& row) { row.probabilities = {-0.5f, 1.5f}; });
  refuses([](Prediction& row) { row.probabilities = {0.25f, 0.25f}; });
  refuses([](Prediction& row) { row.error = "an error and a prediction"; });
}

struct Broken {
  std::string name, text, message;
};

class BrokenPredictions : public testing::TestWithParam<Broken> {};

TEST_P(BrokenPredictions, AreRefusedWithFileAndLine) {
  const TemporaryFolder folder;
  const fs::path file = folder / "predictions.csv";
  write_file(file, GetParam().text);
  EXPECT_THAT([&] { read_predictions(file); },
              ThrowsMessage<PredictionsError>(HasSubstr("predictions.csv:" + GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    , BrokenPredictions,
    testing::Values(
        Broken{"NoPath", "label,prediction,confidence,p_a,error\n",
               "1: column 1 is 'label', expected 'path'"},
        Broken{"OneColumn", "path\n", "1: column 2 is missing, expected 'label'"},
        Broken{"NoConfidence", "path,label,prediction,p_a,error\n",
               "1: column 4 is 'p_a', expected 'confidence'"},
        Broken{"NoError", "path,label,prediction,confidence,p_a\n",
               "1: column 5 is 'p_a', expected 'error'"},
        Broken{"FourColumns", "path,label,prediction,confidence\n",
               "1: column 5 is missing, expected 'error'"},
        Broken{"NoClasses", "path,label,prediction,confidence,error\n", "1: there are no classes"},
        Broken{"ForeignColumn", "path,label,prediction,confidence,p_a,note,error\n",
               "1: column 6 is 'note', expected 'p_<class>'"},
        Broken{"EmptyClass", "path,label,prediction,confidence,p_,error\n",
               "1: a class has an empty"},
        Broken{"ClassTwice", "path,label,prediction,confidence,p_a,p_a,error\n",
               "1: class 'a' is there twice"},
        Broken{"DistanceTooEarly", "path,label,prediction,confidence,distance,p_a,error\n",
               "1: column 5 is 'distance', expected 'p_<class>'"},
        Broken{"DistanceAlone", "path,label,prediction,confidence,distance,error\n",
               "1: there are no classes"},
        Broken{"NoDistance", "path,label,prediction,confidence,p_a,distance,error\na,,a,1,1,,\n",
               "2: distance is '', expected a number"},
        Broken{"NegativeDistance",
               "path,label,prediction,confidence,p_a,distance,error\na,,a,1,1,-1,\n",
               "2: distance is -1, expected 0 or more"},
        Broken{"InfiniteDistance",
               "path,label,prediction,confidence,p_a,distance,error\na,,a,1,1,inf,\n",
               "2: distance is inf, expected 0 or more"},
        Broken{"SignTwice", kHeader + "a,,Cr,+-1,1,0,\n", "2: confidence is '+-1', expected"},
        Broken{"CutExponent", kHeader + "a,,Cr,1e,1,0,\n", "2: confidence is '1e', expected"},
        Broken{"ErrorAndDistance",
               "path,label,prediction,confidence,p_a,distance,error\na,,,,,1,oops\n",
               "2: confidence is ''"},
        Broken{"NoNumber", kHeader + "a,,Cr,x,1,0,\n", "2: confidence is 'x', expected a number"},
        Broken{"MissingNumber", kHeader + "a,,Cr,1,1,,\n", "2: p_In is '', expected a number"},
        Broken{"TrailingText", kHeader + "a,,Cr,1,1.0f,0,\n", "2: p_Cr is '1.0f', expected"},
        Broken{"NaN", kHeader + "a,,Cr,1,nan,0,\n", "2: p_Cr is nan, expected 0 to 1"},
        Broken{"Infinity", kHeader + "a,,Cr,inf,1,0,\n", "2: confidence is inf, expected 0 to 1"},
        Broken{"Percent", kHeader + "a,,Cr,99,0.99,0.01,\n",
               "2: confidence is 99, expected 0 to 1"},
        Broken{"Negative", kHeader + "a,,Cr,1,1,-0.001,\n", "2: p_In is -0.001, expected 0 to 1"},
        Broken{"Sum", kHeader + "a,,Cr,1,1,0.5,\n", "2: the probabilities sum to 1.5, expected 1"},
        Broken{"UnknownClass", kHeader + "a,,Sc,1,1,0,\n",
               "2: prediction 'Sc' is not one of the 2"},
        Broken{"NothingAtAll", kHeader + "a,,,,,,\n", "2: confidence is '', expected a number"},
        Broken{"EmptyPath", kHeader + ",,Cr,1,1,0,\n", "2: path is empty"},
        Broken{"ErrorAndPrediction", kHeader + "a,,Cr,1,1,0,oops\n", "2: row has an error and a"},
        Broken{"ErrorAndClass", kHeader + "a,,Cr,,,,oops\n", "2: row has an error and a"},
        Broken{"LineAfterLineBreaks", kHeader + "\"a\nb\",,Cr,1,1,0,\nc,,Cr,2,1,0,\n",
               "4: confidence is 2"}),
    [](const auto& broken) { return broken.param.name; });

TEST_F(PredictionsTest, RowsOfAnImageThatIsThereAlreadyAreLeftOut) {
  Predictions predictions = read(kHeader + "a,Cr,Cr,1,1,0,\nb,Cr,In,1,0,1,\na,Cr,In,1,0,1,\n" +
                                 "b,,,,,,broken\na,Cr,Cr,1,1,0,\n");
  EXPECT_EQ(drop_double_rows(predictions), 3u);
  ASSERT_EQ(predictions.rows.size(), 2u);
  EXPECT_EQ(predictions.rows[0].prediction, "Cr");
  EXPECT_EQ(predictions.rows[1].prediction, "In");
  EXPECT_EQ(drop_double_rows(predictions), 0u);
}

TEST_F(PredictionsTest, RefusesWhatIsNotCsv) {
  EXPECT_THAT([&] { read(""); }, ThrowsMessage<PredictionsError>(HasSubstr("file is empty")));
  EXPECT_THROW(read(kHeader + "a,,Cr,1,1,0\n"), DatasetError);
  EXPECT_THROW(read(kHeader + "a,,Cr,1,1,0,,\n"), DatasetError);
  EXPECT_THROW(read(kHeader + "\"a,,Cr,1,1,0,\n"), DatasetError);
  EXPECT_THROW(read(std::string("\x89PNG\0\0", 6)), DatasetError);
  EXPECT_THROW(read_predictions(folder_ / "missing.csv"), FileError);
  EXPECT_THROW(read_predictions(folder_.path()), FileError);
}

TEST_F(PredictionsTest, ToleratesASpreadsheetsByteOrderMarkAndLineEnds) {
  const Predictions read_back =
      read("\xEF\xBB\xBFpath,label,prediction,confidence,p_Cr,error\r\na.bmp,Cr,Cr,1,1.00,\r\n");
  ASSERT_EQ(read_back.rows.size(), 1u);
  EXPECT_EQ(read_back.rows[0], (Prediction{"a.bmp", "Cr", "Cr", 1, {1}, ""}));
}

}  // namespace
}  // namespace steelsight::predictions_test

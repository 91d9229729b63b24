#include "evaluation/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "pipeline/compare/comparison_text.hpp"
#include "pipeline/compare/write_comparison.hpp"
#include "tests/pipeline/figures/figure_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::comparison_test {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

Prediction row(const std::string& path, const std::string& label, const std::string& prediction,
               float confidence = 0.75f) {
  return {.path = path,
          .label = label,
          .prediction = prediction,
          .confidence = confidence,
          .probabilities = prediction == "Cr" ? std::vector<float>{confidence, 1 - confidence}
                                              : std::vector<float>{1 - confidence, confidence}};
}

NamedPredictions file(const std::string& name, std::vector<Prediction> rows) {
  return {name, {{"Cr", "In"}, std::move(rows)}};
}

auto path_is(const std::string& path) {
  return Field(&ChangedImage::path, path);
}

std::string message_of(const NamedPredictions& a, const NamedPredictions& b) {
  try {
    compare(a, b);
  } catch (const PredictionsError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Comparison, SaysWhatChanged) {
  const Comparison c =
      compare(file("a", {row("1", "Cr", "Cr"), row("2", "Cr", "In"), row("3", "In", "In"),
                         row("4", "In", "Cr"), row("5", "In", "In"), row("6", "Xx", "Cr")}),
              file("b", {row("6", "Xx", "In"), row("5", "In", "Cr", 0.875f), row("4", "In", "Cr"),
                         row("3", "In", "Cr", 1), row("2", "Cr", "Cr"), row("1", "Cr", "Cr")}));
  EXPECT_EQ(c.n, 6u);
  EXPECT_EQ(c.both_right, 1u);
  EXPECT_EQ(c.both_wrong(), 2u);
  EXPECT_THAT(c.fixed, ElementsAre(path_is("2")));
  EXPECT_THAT(c.broken, ElementsAre(path_is("3"), path_is("5")));  // by B's confidence
  EXPECT_THAT(c.changed, ElementsAre(path_is("6")));               // 4 did not change
  EXPECT_EQ(c.test.only_a, 2u);
  EXPECT_EQ(c.test.only_b, 1u);
  ASSERT_EQ(c.classes.size(), 3u);
  EXPECT_EQ(c.classes[1].name, "In");
  EXPECT_EQ(c.classes[1].support, 3u);
  EXPECT_EQ(c.classes[1].broken, 2u);
  EXPECT_DOUBLE_EQ(c.classes[1].a.recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(c.classes[1].b.recall, 0);
  EXPECT_EQ(c.classes[2].name, "Xx");
}

TEST(Comparison, ComparesOnlyWhatBothScore) {
  Prediction broken = row("unreadable", "Cr", "");
  broken.error = "truncated";
  broken.confidence = 0;
  broken.probabilities.clear();
  const Comparison c =
      compare(file("a", {row("1", "Cr", "Cr"), row("alone", "Cr", "Cr"), broken,
                         row("unlabelled", "", "Cr"), row("relabelled", "Cr", "Cr"),
                         row("unsure", "Cr", "Cr")}),
              file("b", {row("unsure", "Cr", kUnknown), row("relabelled", "In", "Cr"),
                         row("unreadable", "Cr", "Cr"), row("unlabelled", "", "Cr"),
                         row("1", "Cr", "Cr"), row("new", "In", "In")}));
  EXPECT_EQ(c.n, 1u);
  EXPECT_THAT(c.only_in_a, ElementsAre("alone"));
  EXPECT_THAT(c.only_in_b, ElementsAre("new"));
  EXPECT_THAT(c.not_compared,
              ElementsAre(Field(&NotCompared::reason, "unreadable in A"),
                          Field(&NotCompared::reason, "no label in A"),
                          Field(&NotCompared::reason, "labels differ: 'Cr' in A, 'In' in B"),
                          Field(&NotCompared::reason, "called unknown in B")));
  EXPECT_EQ(c.a.own.n, 4u);
  EXPECT_EQ(c.b.own.n, 4u);
  EXPECT_EQ(c.b.own.correct, 3u);
}

TEST(Comparison, PairsCopiesOfAPathInTheirOrder) {
  const Comparison c = compare(file("a", {row("1", "Cr", "Cr"), row("1", "Cr", "In")}),
                               file("b", {row("1", "Cr", "Cr"), row("1", "Cr", "Cr")}));
  EXPECT_EQ(c.n, 2u);
  EXPECT_EQ(c.both_right, 1u);
  EXPECT_EQ(c.fixed.size(), 1u);
  const Comparison fewer = compare(file("a", {row("1", "Cr", "Cr"), row("1", "Cr", "In")}),
                                   file("b", {row("1", "Cr", "Cr")}));
  EXPECT_EQ(fewer.n, 1u);
  EXPECT_THAT(fewer.only_in_a, ElementsAre("1"));
}

TEST(Comparison, RefusesFilesWithNothingInCommon) {
  EXPECT_THAT(message_of(file("a.csv", {row("x/1.bmp", "Cr", "Cr")}),
                         file("b.csv", {row("y/1.bmp", "Cr", "Cr")})),
              testing::AllOf(HasSubstr("a.csv and b.csv: no image is in both"),
                             HasSubstr("'x/1.bmp'"), HasSubstr("'y/1.bmp'")));
  EXPECT_THAT(
      message_of(file("a.csv", {row("1.bmp", "", "Cr")}), file("b.csv", {row("1.bmp", "", "Cr")})),
      HasSubstr("none of the 1 images in both can be compared; the first: 1.bmp, no label"));
}

TEST(Comparison, SaysWhichTestWasMade) {
  EXPECT_THAT(test_sentence(mcnemar_test(0, 0)), HasSubstr("nothing to test"));
  EXPECT_THAT(test_sentence(mcnemar_test(1, 0)), HasSubstr("only 1 image decide"));
  EXPECT_THAT(test_sentence(mcnemar_test(0, 6)),
              testing::AllOf(HasSubstr("exact binomial"), HasSubstr("p = 0.031"),
                             HasSubstr("would rarely")));
  EXPECT_THAT(test_sentence(mcnemar_test(12, 13)),
              testing::AllOf(HasSubstr("chi-squared"), HasSubstr("p = 1.000"),
                             HasSubstr("can well be chance")));
  EXPECT_THAT(test_sentence(mcnemar_test(0, 100)), HasSubstr("p < 0.0001"));
}

TEST(Comparison, PointsHaveASign) {
  EXPECT_EQ(points_text(0.0123), "+1.2");
  EXPECT_EQ(points_text(-0.5), "\u221250.0");
  EXPECT_EQ(points_text(-0.0001), "0.0");
}

TEST(Comparison, NamesAreTextInThePage) {
  const TemporaryFolder folder;
  const std::string name = "</script><script>alert(1)</script>\"'<img src=x>{{title}}裂纹";
  const Comparison c = compare(file(name, {row(name, "Cr", "In"), row("2", "Cr", "Cr")}),
                               file("b", {row(name, "Cr", "Cr"), row("3", "Cr", "Cr")}));
  write_comparison(folder.path(), c);
  const std::string page = read_file(folder / "comparison.html");
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, HasSubstr("{{title}}裂纹"));
  EXPECT_THAT(page, HasSubstr("in B alone"));
  EXPECT_THAT(page, HasSubstr("shows no thumbnails"));
}

TEST(Comparison, FigureHasNoLabelCutOff) {
  const TemporaryFolder folder;
  const Comparison c =
      compare(file(std::string(200, 'a'), {row("1", "Cr", "In"), row("2", "In", "In")}),
              file("b", {row("1", "Cr", "Cr"), row("2", "In", "In")}));
  write_comparison(folder.path(), c);
  EXPECT_TRUE(has_clean_border(read_png(folder / "comparison.png"), 6));
  EXPECT_TRUE(is_well_formed(read_file(folder / "comparison.svg")));
  EXPECT_TRUE(fs::exists(folder / "comparison.pdf"));
}

}  // namespace
}  // namespace steelsight::comparison_test

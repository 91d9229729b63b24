#include "pipeline/figures/figure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "pipeline/figures/drawing.hpp"
#include "tests/pipeline/figures/figure_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::figure_test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

Metrics metrics_of(const std::vector<std::string>& names, std::size_t n) {
  Predictions predictions{names, {}};
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t predicted = i % 5 == 0 ? (i + 1) % names.size() : i % names.size();
    std::vector<float> p(names.size(), 0);
    p[predicted] = 1;
    predictions.rows.push_back({"a", names[i % names.size()], names[predicted], 1, p, ""});
  }
  return compute_metrics(predictions);
}

std::vector<std::string> numbered(std::size_t n) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) names.push_back("defect type " + std::to_string(i));
  return names;
}

class FigureTest : public testing::Test {
 protected:
  const TemporaryFolder folder_;
};

TEST_F(FigureTest, WellFormedCanFail) {
  EXPECT_TRUE(is_well_formed("<?xml version=\"1.0\"?><a b=\"1\"><c/></a>"));
  for (const char* bad :
       {"", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a b=\"1/>", "<a> < </a>"})
    EXPECT_FALSE(is_well_formed(bad)) << bad;
}

TEST_F(FigureTest, EveryNumberOfClassesFitsOnThePage) {
  for (const std::size_t classes : {1u, 2u, 6u, 12u, 30u, 31u, 100u}) {
    SCOPED_TRACE(classes);
    draw_confusion_matrix(folder_ / "m.png", metrics_of(numbered(classes), 500));
    const PngImage image = read_png(folder_ / "m.png");
    EXPECT_GT(image.width, 400);
    EXPECT_LT(image.width, 3000);
    EXPECT_TRUE(has_clean_border(image, 12));
    const auto blank = std::count(image.pixels.begin(), image.pixels.end(), 0xFFFFFFu);
    EXPECT_LT(blank, static_cast<std::ptrdiff_t>(image.pixels.size() * 19 / 20));
  }
}

TEST_F(FigureTest, PngAndSvgHaveTheSameSize) {
  const Metrics metrics = metrics_of({"crazing", "inclusion", "scratches"}, 100);
  draw_confusion_matrix(folder_ / "m.png", metrics);
  draw_confusion_matrix(folder_ / "m.SVG", metrics);
  const PngImage image = read_png(folder_ / "m.png");
  const std::string svg = read_file(folder_ / "m.SVG");
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_EQ(image.width % 3, 0);  // pixels a point
  EXPECT_THAT(svg, testing::HasSubstr("viewBox=\"0 0 " + std::to_string(image.width / 3) + " " +
                                      std::to_string(image.height / 3) + "\""));
}

TEST_F(FigureTest, PdfIsPdf) {
  draw_confusion_matrix(folder_ / "m.pdf", metrics_of({"a", "b"}, 10));
  EXPECT_TRUE(read_file(folder_ / "m.pdf").starts_with("%PDF-"));
}

TEST_F(FigureTest, ClassNamesAreInTheSvgAsGlyphs) {
  draw_confusion_matrix(folder_ / "short.svg", metrics_of({"a", "b"}, 10));
  draw_confusion_matrix(folder_ / "long.svg", metrics_of({"abcdefgh", "b"}, 10));
  const std::string before = read_file(folder_ / "short.svg");
  const std::string after = read_file(folder_ / "long.svg");
  EXPECT_EQ(count(after, "<use "), count(before, "<use ") + 14);  // as row and as column
}

TEST_F(FigureTest, HostileNamesDoNotBreakIt) {
  const std::vector<std::string> names = {
      "<&>\"'",          "裂纹", "two\nlines", "\xff\xfe", " ", std::string(5000, 'w'), "]]>",
      "\xF0\x9F\x94\xA5"};
  const Metrics metrics = metrics_of(names, 100);
  draw_confusion_matrix(folder_ / "m.svg", metrics);
  draw_confusion_matrix(folder_ / "m.png", metrics);
  EXPECT_TRUE(is_well_formed(read_file(folder_ / "m.svg")));
  EXPECT_TRUE(has_clean_border(read_png(folder_ / "m.png"), 12));
  EXPECT_LT(read_png(folder_ / "m.png").width, 3000);
}

TEST_F(FigureTest, LargeCountsWidenTheCells) {
  Metrics metrics = metrics_of({"a", "b"}, 10);
  draw_confusion_matrix(folder_ / "small.png", metrics);
  metrics.confusion[0][0] = 1234567890;
  metrics.per_class[0].support = 1234567891;
  draw_confusion_matrix(folder_ / "large.png", metrics);
  EXPECT_GT(read_png(folder_ / "large.png").height, read_png(folder_ / "small.png").height);
}

TEST_F(FigureTest, LearningCurvesOfAnyLog) {
  std::vector<EpochLog> log;
  for (int epoch = 1; epoch <= 30; ++epoch)
    log.push_back({epoch, 1e-3, 2.0 / epoch, 1 - 0.5 / epoch, 2.5 / epoch, 1 - 0.6 / epoch, 3});
  const std::vector<EpochLog> one(log.begin(), log.begin() + 1);
  std::vector<EpochLog> gaps = log;
  for (std::size_t i = 0; i < 30; i += 3) gaps[i].train_loss = gaps[i].validation_accuracy = NAN;
  std::vector<EpochLog> diverged = log;
  diverged[20].train_loss = INFINITY;
  diverged[21].train_loss = 1e300;
  diverged[22].train_loss = -1e300;
  const std::vector<EpochLog> tiny = {{1, 0, 1e-320, 1, 0, 1, 0}, {2, 0, 0, 1, 0, 1, 0}};
  const std::vector<EpochLog> far = {{1, 0, 1, 0, 1, 0, 0}, {2147483647, 0, 1e8, 1, 0, 1, 0}};
  for (const auto& curves : {log, one, gaps, diverged, tiny, far, {EpochLog{}}}) {
    draw_learning_curves(folder_ / "c.png", curves);
    draw_learning_curves(folder_ / "c.svg", curves);
    const PngImage image = read_png(folder_ / "c.png");
    EXPECT_TRUE(has_clean_border(image, 12));
    EXPECT_GT(image.width, 1500);
    EXPECT_LT(image.width, 2500);
    EXPECT_LT(image.height, 800);
    EXPECT_TRUE(is_well_formed(read_file(folder_ / "c.svg")));
  }
  EXPECT_THROW(draw_learning_curves(folder_ / "c.png", {}), std::invalid_argument);
}

TEST_F(FigureTest, ABlankIsLeftWhereAValueIsMissing) {
  const auto blue_pixels = [&](double second) {
    EpochLog log[3];
    for (int i = 0; i < 3; ++i) log[i] = {.epoch = i + 1, .train_loss = i == 1 ? second : 1.0};
    draw_learning_curves(folder_ / "c.png", {log[0], log[1], log[2]});
    const PngImage image = read_png(folder_ / "c.png");
    return std::count(image.pixels.begin(), image.pixels.end(), 0x0072B2u);
  };
  EXPECT_GT(blue_pixels(1.0), 2 * blue_pixels(NAN));
}

TEST_F(FigureTest, SaysWhatCanNotBeWritten) {
  const Metrics metrics = metrics_of({"a", "b"}, 10);
  EXPECT_THROW(draw_confusion_matrix(folder_ / "m.jpg", metrics), std::invalid_argument);
  EXPECT_THROW(draw_confusion_matrix(folder_ / "m", metrics), std::invalid_argument);
  write_file(folder_ / "file", "");
  for (const char* name : {"file/m.png", "file/m.svg"})
    EXPECT_THROW(draw_confusion_matrix(folder_ / name, metrics), FileError) << name;
}

std::vector<ClassCurve> curves(std::size_t n) {
  std::vector<ClassCurve> list;
  for (const std::string& name : numbered(n))
    list.push_back({.name = name, .points = {{0, 0}, {0.25, 0.75}, {1, 1}}, .area = 0.75});
  return list;
}

// A hundred confidences, from 0.5 up; every fourth image is wrong.
std::vector<Judged> judged() {
  std::vector<Judged> images;
  for (int i = 0; i < 100; ++i) images.push_back({0.5f + static_cast<float>(i) / 200, i % 4 != 0});
  return images;
}

TEST_F(FigureTest, CurvesOfAnyNumberOfClassesAreNotCutOff) {
  for (const std::size_t n : {1u, 2u, 6u, 7u, 12u}) {
    draw_roc_curves(folder_ / "roc.png", curves(n));
    draw_precision_recall_curves(folder_ / "pr.png", curves(n));
    EXPECT_TRUE(has_clean_border(read_png(folder_ / "roc.png"), 12)) << n;
    EXPECT_TRUE(has_clean_border(read_png(folder_ / "pr.png"), 12)) << n;
  }
}

TEST_F(FigureTest, ConfidenceFiguresAreWellFormedAndNotCutOff) {
  const std::vector<Judged> images = judged();
  for (const auto draw : {draw_reliability, draw_coverage, draw_confidences}) {
    draw(folder_ / "x.png", images);
    draw(folder_ / "x.svg", images);
    draw(folder_ / "one.svg", std::vector<Judged>{{1, true}});
    EXPECT_TRUE(has_clean_border(read_png(folder_ / "x.png"), 12));
    EXPECT_TRUE(is_well_formed(read_file(folder_ / "x.svg")));
    EXPECT_TRUE(is_well_formed(read_file(folder_ / "one.svg")));
    EXPECT_THROW(draw(folder_ / "x.svg", {}), std::invalid_argument);
  }
  EXPECT_THROW(draw_roc_curves(folder_ / "x.svg", {}), std::invalid_argument);
}

// Twenty thousand images make no larger a figure than a page can hold.
TEST_F(FigureTest, CurvesOfManyImagesAreThinned) {
  ClassCurve curve{.name = "Cr", .points = {}};
  for (int i = 0; i <= 20000; ++i) curve.points.push_back({i / 20000.0, i / 20000.0});
  draw_roc_curves(folder_ / "many.svg", {curve});
  EXPECT_LT(fs::file_size(folder_ / "many.svg"), 100'000u);
}

}  // namespace
}  // namespace steelsight::figure_test

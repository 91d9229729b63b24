#include "pipeline/figures/drawing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/temporary_folder.hpp"

namespace steelsight::drawing_test {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

TEST(NiceTicks, AreRoundAndEncloseTheRange) {
  EXPECT_THAT(nice_ticks(0, 1, 5), ElementsAre(0, 0.5, 1));
  EXPECT_THAT(nice_ticks(0, 1, 6), ElementsAre(DoubleEq(0), DoubleEq(0.2), DoubleEq(0.2 * 2),
                                               DoubleEq(0.2 * 3), DoubleEq(0.8), DoubleEq(1)));
  EXPECT_THAT(nice_ticks(-3, 17, 5), ElementsAre(-5, 0, 5, 10, 15, 20));
  EXPECT_THAT(nice_ticks(1, 30, 6), ElementsAre(0, 10, 20, 30));
  EXPECT_THAT(nice_ticks(0, 1e-9, 2), ElementsAre(0, DoubleEq(1e-9)));
}

TEST(NiceTicks, AreAtLeastTwoAndNeverTooMany) {
  constexpr double kHuge = std::numeric_limits<double>::max() / 4;
  const std::pair<double, double> ranges[] = {
      {0, 0},          {5, 5},     {-1e300, -1e300},  {0, 5e-324},   {1e17, 1e17 + 16},
      {-kHuge, kHuge}, {0, kHuge}, {0.1, 0.30000001}, {1, 1 + 1e-15}};
  for (const auto& [low, high] : ranges)
    for (const int count : {0, 1, 2, 5, 10}) {
      const std::vector<double> ticks = nice_ticks(low, high, count);
      ASSERT_GE(ticks.size(), 2u) << low << " " << high;
      EXPECT_LE(ticks.size(), static_cast<std::size_t>(std::max(count, 2)) + 2);
      EXPECT_LE(ticks.front(), low);
      EXPECT_GE(ticks.back(), high);
      EXPECT_LT(ticks[0], ticks[1]);
    }
}

TEST(NiceTicks, RefuseWhatIsNoRange) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kMax = std::numeric_limits<double>::max();
  EXPECT_THROW(nice_ticks(2, 1, 5), std::invalid_argument);
  EXPECT_THROW(nice_ticks(0, kInfinity, 5), std::invalid_argument);
  EXPECT_THROW(nice_ticks(-kInfinity, 0, 5), std::invalid_argument);
  EXPECT_THROW(nice_ticks(std::numeric_limits<double>::quiet_NaN(), 0, 5), std::invalid_argument);
  EXPECT_THROW(nice_ticks(-kMax, kMax, 5), std::invalid_argument);
}

TEST(ReadableInk, IsWhiteOnDarkAndDarkOnLight) {
  EXPECT_EQ(readable_ink({0, 0, 0}).red, kPaper.red);
  EXPECT_EQ(readable_ink({0.03, 0.19, 0.42}).red, kPaper.red);
  EXPECT_EQ(readable_ink({1, 1, 1}).red, kInk.red);
  EXPECT_EQ(readable_ink({0.62, 0.79, 0.88}).red, kInk.red);
}

TEST(Canvas, ShortensTextInTheMiddleAtCharacters) {
  const TemporaryFolder folder;
  save_figure(folder / "x.png", [](Canvas& canvas) {
    const TextStyle style;
    const auto width = [&](const std::string& text) { return canvas.text_width(text, style); };
    EXPECT_EQ(canvas.shortened("abcdef", style, width("abcdef")), "abcdef");
    EXPECT_EQ(canvas.shortened("abcdefgh", style, width("ab\u2026gh")), "ab\u2026gh");
    EXPECT_EQ(canvas.shortened("abcdef", style, 0), "\u2026");
    EXPECT_EQ(canvas.shortened("", style, 0), "");
    EXPECT_EQ(canvas.shortened("äöüäöüäöü", style, width("äö\u2026ü")), "äö\u2026ü");
    EXPECT_EQ(canvas.shortened("a\nb\xff", style, 1000), "a b\\xFF");
    canvas.dot({0, 0}, 3, kInk);
  });
}

TEST(SaveFigure, RefusesWhatIsTooLargeForAPng) {
  const TemporaryFolder folder;
  const Drawing wide = [](Canvas& canvas) { canvas.fill({0, 0, 20000, 1}, kInk); };
  EXPECT_THROW(save_figure(folder / "x.png", wide), FigureError);
  EXPECT_FALSE(fs::exists(folder / "x.png"));
  EXPECT_NO_THROW(save_figure(folder / "x.svg", wide));
}

}  // namespace
}  // namespace steelsight::drawing_test

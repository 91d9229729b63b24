#include "pipeline/report/gallery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/report/report.hpp"

namespace steelsight::gallery_test {
namespace {

using testing::ElementsAre;

// Row i is of class i % 2 and predicted as "a", with a confidence that grows with i.
Predictions rows(std::size_t n) {
  Predictions predictions{{"a", "b"}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    const float confidence = 0.5f + static_cast<float>(i) / 1024;
    predictions.rows.push_back({std::to_string(i),
                                i % 2 == 0 ? "a" : "b",
                                "a",
                                confidence,
                                {confidence, 1 - confidence},
                                ""});
  }
  return predictions;
}

TEST(Gallery, HasTheMostConfidentErrorsFirstAndNotAll) {
  const Gallery gallery = choose_gallery(make_report(rows(200)));
  ASSERT_EQ(gallery.errors.size(), 48u);
  EXPECT_EQ(gallery.errors[0], 199u);
  EXPECT_EQ(gallery.errors[1], 197u);
}

TEST(Gallery, SamplesAreSpreadOverTheClass) {
  const Gallery gallery = choose_gallery(make_report(rows(24)));
  ASSERT_EQ(gallery.samples.size(), 2u);
  EXPECT_EQ(gallery.samples[1].name, "b");
  EXPECT_THAT(gallery.samples[1].rows, ElementsAre(3, 7, 11, 15, 19, 23));
  EXPECT_THAT(choose_gallery(make_report(rows(4))).samples[0].rows, ElementsAre(0, 2));
}

TEST(Gallery, WithoutLabelsSamplesAreOfWhatWasPredicted) {
  Predictions predictions = rows(3);
  for (Prediction& row : predictions.rows) row.label.clear();
  predictions.rows.push_back({"broken", "", "", 0, {}, "truncated"});
  const Gallery gallery = choose_gallery(make_report(predictions));
  EXPECT_TRUE(gallery.errors.empty());
  ASSERT_EQ(gallery.samples.size(), 1u);
  EXPECT_THAT(gallery.samples[0].rows, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace steelsight::gallery_test

#include "pipeline/report/report_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <regex>

#include "core/atomic_file.hpp"
#include "pipeline/report/report_figures.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::report_page_test {
namespace {

using testing::HasSubstr;
using testing::Not;

Predictions example(const std::string& first = "1.bmp") {
  return {{"Cr", "In"},
          {{first, "Cr", "Cr", 0.75f, {0.75f, 0.25f}, ""},
           {"2.bmp", "Cr", "In", 0.625f, {0.375f, 0.625f}, ""},
           {"3.bmp", "In", "In", 1, {0, 1}, ""},
           {"4.bmp", "In", "", 0, {}, "truncated"}}};
}

class ReportPageTest : public testing::Test {
 protected:
  std::string page(const Report& report, const ReportImages& images = {}) const {
    write_figures(folder_.path(), report);
    return report_page(report, images, folder_.path());
  }
  // The rows that the script of the page reads.
  static Json data_of(const std::string& page) {
    const std::string start = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = page.find(start) + start.size();
    return parse_json(page.substr(begin, page.find("</script>", begin) - begin), "data");
  }

  const TemporaryFolder folder_;
};

TEST_F(ReportPageTest, SaysWhatTheReportSays) {
  const std::string html = page(make_report(
      example(),
      {.title = "NEU, test",
       .model = {{"file", "m.safetensors"},
                 {"training", {{"seed", 7}}},
                 {"preprocessing", {{"width", 64}, {"height", 32}, {"channel_order", "gray"}}}},
       .images_date = "2013-05-02"}));
  for (const char* text :
       {"<h1>NEU, test</h1>", "66.7 %", "2 of 3 images", "20.8 % to 93.9 %", "m.safetensors",
        "64 x 32 pixels, gray", "<dd>7</dd>", "2013-05-02", "truncated", "href=\"#cell-0-1\""})
    EXPECT_THAT(html, HasSubstr(text));
}

TEST_F(ReportPageTest, HasEveryRowForItsScript) {
  const Json data = data_of(page(make_report(example(), {.seen = std::vector(4, Seen::trained)})));
  EXPECT_EQ(data.at("names"), Json({"Cr", "In"}));
  EXPECT_EQ(data.at("path"), Json({"1.bmp", "2.bmp", "3.bmp", "4.bmp"}));
  EXPECT_EQ(data.at("truth"), Json({0, 0, 1, 1}));
  EXPECT_EQ(data.at("predicted"), Json({0, 1, 1, -1}));
  EXPECT_EQ(data.at("confidence"), Json({0.75, 0.625, 1.0, nullptr}));
  EXPECT_EQ(data.at("top")[1], Json({{1, 0.625}, {0, 0.375}}));
  EXPECT_EQ(data.at("error"), Json({{"3", "truncated"}}));
  EXPECT_EQ(data.at("unknown"), -1);
  EXPECT_EQ(data.at("seenNames")[data.at("seen")[0].get<std::size_t>()], "trained");
}

TEST_F(ReportPageTest, ImagesCalledUnknownAreTold) {
  Predictions predictions = example();
  predictions.rows[0].prediction = kUnknown;
  const Json data = data_of(page(make_report(predictions)));
  EXPECT_EQ(data.at("names")[data.at("unknown").get<std::size_t>()], "unknown");
  EXPECT_EQ(data.at("predicted")[0], data.at("unknown"));
}

TEST_F(ReportPageTest, HostileNamesAreText) {
  const std::string name =
      "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{title}}裂纹\xff";
  Predictions predictions = example(name + std::string(200, 'x'));
  predictions.class_names[0] = predictions.rows[0].prediction = name;
  for (Prediction& row : predictions.rows)
    if (row.label == "Cr") row.label = name;
  predictions.rows[3].error = name;
  const std::string html = page(make_report(predictions, {.title = name, .model = {{name, name}}}));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, HasSubstr("{{title}}"));  // of the name: not filled in
  EXPECT_EQ(data_of(html).at("names")[0],
            "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{title}}裂纹\\xFF");
}

TEST_F(ReportPageTest, NeedsNothingFromElsewhere) {
  const std::string html = page(make_report(example(), {.training_log = {EpochLog{}}}));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  const std::regex address(R"re((?:src|href)="([^"#]{0,5}))re");
  std::size_t addresses = 0;
  for (auto match = std::sregex_iterator(html.begin(), html.end(), address);
       match != std::sregex_iterator(); ++match, ++addresses)
    EXPECT_TRUE((*match)[1] == "data:" || (*match)[1] == "") << (*match)[0];
  EXPECT_GT(addresses, 0u);  // it has pictures
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("fetch(")));
}

TEST_F(ReportPageTest, ShowsThumbnailsOnceAndSaysIfThereAreNone) {
  cv::imwrite((folder_ / "1.bmp").string(), cv::Mat(200, 200, CV_8UC1, cv::Scalar(99)));
  const Report report = make_report(example((folder_ / "1.bmp").string()));
  const ReportImages images = read_thumbnails(report);
  ASSERT_EQ(images.thumbnails.size(), 1u);
  const std::string html = page(report, images);
  EXPECT_THAT(html, HasSubstr("src=\"data:image/jpeg;base64,"));
  EXPECT_TRUE(data_of(html).at("thumbnail").empty());  // it stands in the gallery
  EXPECT_THAT(html, Not(HasSubstr("no thumbnails")));
  EXPECT_THAT(page(report), HasSubstr("it shows no thumbnails"));
}

TEST_F(ReportPageTest, WithoutLabelsShowsWhatWasPredicted) {
  Predictions predictions = example();
  for (Prediction& row : predictions.rows) row.label.clear();
  const std::string html = page(make_report(predictions));
  EXPECT_THAT(html, HasSubstr("No image has a label"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("id=\"confusion\"")));
}

TEST_F(ReportPageTest, OneClassHasNoCurves) {
  const Predictions predictions{{"Cr"}, {{"1.bmp", "Cr", "Cr", 1, {1}, ""}}};
  EXPECT_THAT(page(make_report(predictions)), Not(HasSubstr("id=\"curves\"")));
}

TEST(DateOfImages, IsThatOfTheFiles) {
  const TemporaryFolder folder;
  write_file(folder / "a", "");
  write_file(folder / "b", "");
  fs::last_write_time(folder / "a", 1367452800);  // 2013-05-02 00:00 UTC
  fs::last_write_time(folder / "b", 1367539199);  // one second before the next day
  Predictions predictions{{"Cr"}, {}};
  for (const char* name : {"a", "b", "missing"})
    predictions.rows.push_back({(folder / name).string(), "", "Cr", 1, {1}, ""});
  EXPECT_EQ(date_of_images(predictions), "2013-05-02");
  fs::last_write_time(folder / "b", 1367539200);
  EXPECT_EQ(date_of_images(predictions), "2013-05-02 to 2013-05-03");
  EXPECT_EQ(date_of_images({{"Cr"}, {}}), "");
}

}  // namespace
}  // namespace steelsight::report_page_test

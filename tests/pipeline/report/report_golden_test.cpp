// Every number of a report against the ones that scikit-learn and SciPy give for the same
// predictions.csv: data/example_report.json, written by scripts/reference/export_report.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "core/atomic_file.hpp"
#include "pipeline/report/report_figures.hpp"
#include "pipeline/report/report_json.hpp"
#include "pipeline/report/report_page.hpp"
#include "tests/pipeline/report/expect_json.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::report_golden_test {
namespace {

const fs::path kData = STEELSIGHT_SOURCE_DIR "/tests/pipeline/report/data";

Json expected_numbers(const char* part) {
  const fs::path file = kData / "example_report.json";
  return parse_json(read_file(file), file.string()).at(part);
}

Report example() {
  return make_report(read_predictions(kData / "example_predictions.csv"));
}

// The texts of an element with this id and of those up to the next table's end or section's end.
std::vector<std::string> texts_of(const std::string& html, const std::string& id) {
  const std::size_t start = html.find('>', html.find("id=\"" + id + "\"")) + 1;
  const std::size_t end = std::min(html.find("</table>", start), html.find("</section>", start));
  std::vector<std::string> texts(1);
  bool is_tag = false;
  for (const char c : html.substr(start, end - start)) {
    is_tag = (is_tag || c == '<') && c != '>';
    if (c == '<' || c == '\n') texts.emplace_back();
    if (!is_tag && c != '>' && c != '\n') texts.back() += c;
  }
  return texts;
}

TEST(ReportGolden, JsonAgreesWithScikitLearn) {
  expect_equal(report_json(example()), expected_numbers("numbers"), "");
}

TEST(ReportGolden, PageShowsTheNumbersOfScikitLearn) {
  const TemporaryFolder folder;
  const Report report = example();
  write_figures(folder.path(), report);
  const std::string html =
      std::regex_replace(report_page(report, {}, folder.path()), std::regex("&apos;"), "'");
  const Json page = expected_numbers("page");
  ASSERT_EQ(page.size(), 7u);
  for (const auto& [id, expected] : page.items()) {
    const std::vector<std::string> shown = texts_of(html, id);
    auto at = shown.begin();
    for (const std::string text : expected) {
      at = std::find_if(at, shown.end(), [&](const std::string& other) {
        return other.find(text) != std::string::npos;
      });
      ASSERT_NE(at, shown.end()) << "#" << id << " does not show '" << text << "' in its place";
      ++at;
    }
  }
}

}  // namespace
}  // namespace steelsight::report_golden_test

#include "pipeline/compare/comparison_page.hpp"

#include <algorithm>
#include <span>

#include "evaluation/number_text.hpp"
#include "pipeline/compare/changed_images.hpp"
#include "pipeline/compare/comparison_json.hpp"
#include "pipeline/compare/comparison_text.hpp"
#include "pipeline/report/page.hpp"
#include "pipeline/report/page_files.hpp"
#include "pipeline/report/report_text.hpp"

namespace steelsight {
namespace {

PageContent file_content(const std::string& side, const ComparedFile& file) {
  const Accuracy& accuracy = file.metrics.accuracy;
  PageContent content{"side", side};
  content.set("name", to_utf8(file.name));
  content.set("accuracy", percent_text(accuracy.value()));
  content.set("correct", number_text(accuracy.correct));
  content.set("n", number_text(accuracy.n));
  content.set("interval", interval_text(accuracy.interval()));
  content.set("macro_f1", percent_text(file.metrics.macro.f1));
  return content;
}

PageContent class_row(const ComparedClass& item, std::size_t) {
  PageContent row{"name", to_utf8(item.name)};
  row.set("support", number_text(item.support));
  row.set("recall_a", percent_text(item.a.recall));
  row.set("recall_b", percent_text(item.b.recall));
  row.set("recall_difference", points_text(item.b.recall - item.a.recall));
  row.set("f1_a", percent_text(item.a.f1));
  row.set("f1_b", percent_text(item.b.f1));
  row.set("f1_difference", points_text(item.b.f1 - item.a.f1));
  row.set("fixed", number_text(item.fixed));
  row.set("broken", number_text(item.broken));
  return row;
}

PageContent side_content(const std::string& side, const ChangedImage& image,
                         const std::string& predicted, float confidence) {
  PageContent content{"side", side};
  content.set("right", predicted == image.truth);
  content.set("predicted", to_utf8(predicted));
  content.set("confidence", percent_text(static_cast<double>(confidence)));
  return content;
}

PageContent card(const ChangedImage& image, const Thumbnails& thumbnails) {
  PageContent content{"path", to_utf8(image.path)};
  content.set("truth", to_utf8(image.truth));
  content.set("file", to_utf8(fs::path(image.path).filename().string()));
  if (const auto found = thumbnails.find(image.path); found != thumbnails.end())
    content.set("image", jpeg_uri(found->second));
  PageContent sides{PageContent::type::list};
  sides.push_back(side_content("A", image, image.predicted_a, image.confidence_a));
  sides.push_back(side_content("B", image, image.predicted_b, image.confidence_b));
  content.set("sides", sides);
  return content;
}

struct Change {
  std::string id, name, heading;
  const std::vector<ChangedImage>& images;
};

PageContent change_content(const Change& change, const Thumbnails& thumbnails) {
  const std::size_t shown = std::min(change.images.size(), kMostChangedShown);
  PageContent content{"id", change.id};
  content.set("short", change.name);
  content.set("heading", change.heading);
  content.set("text",
              (shown < change.images.size()
                   ? "The " + number_text(shown) + " that B is most confident of, of "
                   : "All ") +
                  number_text(change.images.size()) +
                  (shown < change.images.size() ? "; comparison.json has the others." : "."));
  content.set("cards", list_of(std::span(change.images.data(), shown),
                               [&](const ChangedImage& image, std::size_t) {
                                 return card(image, thumbnails);
                               }));
  return content;
}

PageContent changes(const Comparison& c, const Thumbnails& thumbnails) {
  PageContent list{PageContent::type::list};
  for (const Change& change :
       {Change{"broken", "Broken", "Broken by B: A was right", c.broken},
        Change{"fixed", "Fixed", "Fixed by B: A was wrong", c.fixed},
        Change{"changed", "Wrong in another way", "Wrong in both, in different ways", c.changed}})
    if (!change.images.empty()) list.push_back(change_content(change, thumbnails));
  return list;
}

void set_not_compared(PageContent& page, const Comparison& c) {
  LeftOut images;
  for (const std::string& path : c.only_in_a) images.emplace_back(path, "in A alone");
  for (const std::string& path : c.only_in_b) images.emplace_back(path, "in B alone");
  for (const NotCompared& image : c.not_compared) images.emplace_back(image.path, image.reason);
  set_left_out(page, images, "image", "comparison.json");
  set_text(page, "left_out", left_out_sentence(c));
  if (c.a.own.n > c.n || c.b.own.n > c.n)
    page.set("own", "Of all their own labelled images, A is right for " +
                        percent_text(c.a.own.value()) + " of " + number_text(c.a.own.n) +
                        " and B for " + percent_text(c.b.own.value()) + " of " +
                        number_text(c.b.own.n) + ".");
}

}  // namespace

std::string comparison_page(const Comparison& c, const Thumbnails& thumbnails,
                            const fs::path& figures) {
  PageContent page{"title", "Two models on the same images"};
  PageContent files{PageContent::type::list};
  files.push_back(file_content("A", c.a));
  files.push_back(file_content("B", c.b));
  page.set("files", files);
  page.set("difference", points_text(c.b.metrics.accuracy.value() - c.a.metrics.accuracy.value()));
  page.set("test", test_sentence(c.test));
  page.set("both_right", number_text(c.both_right));
  page.set("only_a", number_text(c.test.only_a));
  page.set("only_b", number_text(c.test.only_b));
  page.set("both_wrong", number_text(c.both_wrong()));
  page.set("figure", figure_uri(figures, "comparison"));
  page.set("classes", list_of(c.classes, class_row));
  page.set("changes", changes(c, thumbnails));
  page.set("no_images", thumbnails.empty() && c.fixed.size() + c.broken.size() + c.changed.size());
  set_not_compared(page, c);
  return render_page(kComparisonTemplate, kZoomScript, std::move(page),
                     script_json(comparison_json(c)));
}

}  // namespace steelsight

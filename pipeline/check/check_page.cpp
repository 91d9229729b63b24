#include "pipeline/check/check_page.hpp"

#include <algorithm>
#include <functional>
#include <span>

#include "evaluation/number_text.hpp"
#include "pipeline/check/check_report.hpp"
#include "pipeline/report/page.hpp"
#include "pipeline/report/page_files.hpp"
#include "pipeline/report/report_images.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostGroups = 40;
constexpr std::size_t kMostInGroup = 8;
constexpr std::size_t kMostRows = 200;

struct ShownImage {
  std::string image;
  std::string said = {};   // below the picture
  std::string value = {};  // beside it
};

// Images that belong together, shown side by side.
struct Group {
  std::string heading;
  std::vector<ShownImage> images;
};

struct PageSection {
  std::string id, title, text;
  std::vector<Group> groups;
};

std::vector<Group> groups_of(const std::vector<CheckResult::Disagreement>& disagreements,
                             std::string CheckResult::Member::*what) {
  std::vector<Group> groups;
  for (const CheckResult::Disagreement& disagreement : disagreements) {
    Group& group = groups.emplace_back(Group{
        disagreement.byte_identical ? "byte-identical" : "near-duplicates: look at them", {}});
    for (const CheckResult::Member& member : disagreement.images)
      group.images.push_back({member.image, (member.*what).empty() ? "none" : member.*what});
  }
  return groups;
}

std::vector<Group> identical_groups(const CheckResult& result) {
  std::vector<Group> groups;
  for (const std::vector<std::string>& images : result.identical) {
    Group& group = groups.emplace_back(Group{"", {}});
    for (const std::string& image : images) group.images.push_back({image});
  }
  return groups;
}

std::vector<Group> near_groups(const CheckResult& result) {
  std::vector<Group> groups;
  for (const CheckResult::NearDuplicates& near : result.near_duplicates) {
    Group& group = groups.emplace_back(
        Group{"similarity " + fixed_text(static_cast<double>(near.similarity), 3), {}});
    for (const std::string& image : near.images) group.images.push_back({image});
  }
  return groups;
}

// A group for each kind.
std::vector<Group> unusual_groups(const CheckResult& result) {
  std::vector<Group> groups;
  for (const CheckResult::Unusual& image : result.unusual) {
    auto group = std::ranges::find(groups, image.what, &Group::heading);
    if (group == groups.end()) group = groups.insert(group, Group{image.what, {}});
    group->images.push_back(
        {image.image, "class " + fixed_text(image.median, 3), fixed_text(image.value, 3)});
  }
  return groups;
}

std::vector<Group> doubted_group(const CheckResult& result) {
  if (!result.doubted || result.doubted->empty()) return {};
  Group group{"", {}};
  for (const CheckResult::Doubted& image : *result.doubted)
    group.images.push_back(
        {image.image, image.label + " \u2192 " + image.prediction, percent_text(image.confidence)});
  return {group};
}

std::vector<PageSection> sections_of(const CheckResult& r) {
  std::vector<PageSection> sections{
      {"leaks", "Leaks between parts",
       "Copies of one image in different parts: a test part that holds copies of training images "
       "measures memory.",
       groups_of(r.leaks, &CheckResult::Member::part)},
      {"conflicts", "Copies with different labels", "One of the labels is wrong.",
       groups_of(r.conflicts, &CheckResult::Member::label)},
      {"doubted", "Labels that the model doubts",
       "The model takes these images for something else than their label says. Of images that it "
       "was trained on, it doubts fewer than it should.",
       doubted_group(r)},
      {"identical", "Byte-identical images", "The same file more than once.", identical_groups(r)},
      {"near", "Near-duplicates", "Alike but for brightness, size or compression: look at them.",
       near_groups(r)},
      {"unusual", "Unusual in their class",
       "Brightness (mean), contrast (deviation) or sharpness far from the median of the class.",
       unusual_groups(r)}};
  std::erase_if(sections, [](const PageSection& section) { return section.groups.empty(); });
  return sections;
}

std::span<const ShownImage> shown_images(const PageSection& section, const Group& group) {
  const bool is_list = section.id == "doubted" || section.id == "unusual";
  return std::span(group.images)
      .first(std::min(group.images.size(), is_list ? kMostGroups : kMostInGroup));
}

std::span<const Group> shown_groups(const PageSection& section) {
  return std::span(section.groups).first(std::min(section.groups.size(), kMostGroups));
}

PageContent card(const ShownImage& image, const NamedThumbnails& thumbnails) {
  PageContent content{"path", to_utf8(image.image)};
  content.set("file", to_utf8(fs::path(image.image).filename().string()));
  set_text(content, "said", image.said);
  set_text(content, "value", image.value);
  if (const auto found = thumbnails.find(image.image); found != thumbnails.end())
    content.set("image", jpeg_uri(found->second));
  return content;
}

PageContent section_content(const PageSection& section, const NamedThumbnails& thumbnails) {
  PageContent content{"id", section.id};
  content.set("title", section.title);
  content.set("text", section.text);
  content.set("groups", list_of(shown_groups(section), [&](const Group& group, std::size_t) {
                const auto shown = shown_images(section, group);
                PageContent item{"cards", list_of(shown, [&](const ShownImage& image, std::size_t) {
                                   return card(image, thumbnails);
                                 })};
                set_text(item, "heading", group.heading);
                if (shown.size() < group.images.size())
                  item.set("more_images",
                           "and " + number_text(group.images.size() - shown.size()) + " more");
                return item;
              }));
  if (section.groups.size() > kMostGroups)
    content.set("more_groups", "and " + number_text(section.groups.size() - kMostGroups) +
                                   " more groups, in check.json.");
  return content;
}

PageContent class_rows(const CheckResult& r) {
  std::size_t largest = 1;
  for (const CheckResult::ClassSize& size : r.classes) largest = std::max(largest, size.images);
  return list_of(r.classes, [&](const CheckResult::ClassSize& size, std::size_t) {
    PageContent row{"name", to_utf8(size.name)};
    row.set("images", number_text(size.images));
    row.set("share",
            fixed_text(static_cast<double>(size.images) / static_cast<double>(largest), 3));
    return row;
  });
}

PageContent format_rows(const CheckResult& r) {
  return list_of(
      std::span(r.formats).first(std::min(r.formats.size(), kMostRows)),
      [](const CheckResult::Format& format, std::size_t) {
        PageContent row{"size", number_text(format.width) + " x " + number_text(format.height)};
        row.set("kind", std::string(format.channels == 1 ? "gray" : "colour") + ", " +
                            number_text(format.bits) + " bits");
        row.set("images", number_text(format.images));
        row.set("example", to_utf8(format.example));
        return row;
      });
}

// What has no picture to show: a name, and what is said of it.
PageContent plain_rows(const CheckResult& r) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const CheckResult::Unreadable& image : r.unreadable)
    rows.emplace_back(image.image, image.reason);
  for (const CheckResult::NotLearnable& item : r.not_learnable)
    rows.emplace_back("class " + item.class_name, item.reason);
  for (const std::string& group : r.split_groups)
    rows.emplace_back(group, "a group of the list with images in different parts");
  for (const std::string& image : r.single_colour) rows.emplace_back(image, "of a single colour");
  for (const std::string& warning : r.warnings) rows.emplace_back(r.dataset, warning);
  rows.resize(std::min(rows.size(), kMostRows));
  return list_of(rows,
                 [](const auto& row, std::size_t) { return named_value(row.first, row.second); });
}

}  // namespace

NamedThumbnails read_thumbnails(const CheckResult& result, const Dataset& dataset,
                                const std::stop_token& stop) {
  std::map<std::string, std::string> paths;
  for (const Sample& sample : dataset.samples) paths[sample.name] = sample.path.string();
  NamedThumbnails thumbnails;
  for (const PageSection& section : sections_of(result))
    for (const Group& group : shown_groups(section))
      for (const ShownImage& image : shown_images(section, group))
        if (!thumbnails.contains(image.image))
          if (auto jpeg = read_thumbnail(paths.at(image.image), stop))
            thumbnails[image.image] = *std::move(jpeg);
  return thumbnails;
}

std::string check_page(const CheckResult& r, const NamedThumbnails& thumbnails) {
  PageContent page{"title", "Check of " + to_utf8(fs::path(r.dataset).filename().string())};
  page.set("verdict", to_utf8(verdict(r)));
  page.set("serious", r.serious());
  PageContent stats{PageContent::type::list};
  stats.push_back(named_value("images", number_text(r.images)));
  stats.push_back(named_value("classes", number_text(r.classes.size())));
  stats.push_back(named_value("largest to smallest", fixed_text(r.imbalance(), 2)));
  if (r.unlabelled > 0) stats.push_back(named_value("without label", number_text(r.unlabelled)));
  stats.push_back(named_value("unreadable", number_text(r.unreadable.size())));
  page.set("stats", stats);
  page.set("classes", class_rows(r));
  page.set("formats", format_rows(r));
  page.set("sections", list_of(sections_of(r), [&](const PageSection& section, std::size_t) {
             return section_content(section, thumbnails);
           }));
  const bool has_plain = !(r.unreadable.empty() && r.not_learnable.empty() &&
                           r.split_groups.empty() && r.single_colour.empty() && r.warnings.empty());
  page.set("has_plain", has_plain);
  page.set("plain", plain_rows(r));
  page.set("no_parts", !r.has_parts);
  page.set("not_compared", !r.compared);
  return render_page(kCheckTemplate, kZoomScript, std::move(page), script_json(to_json(r)));
}

}  // namespace steelsight

#include "pipeline/check/check_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace steelsight {
namespace {

using Lines = std::vector<std::string>;
constexpr std::size_t kMostNamed = 10;

double rounded(float similarity) {
  return std::round(similarity * 1e4) / 1e4;
}

Json to_json(const std::vector<CheckResult::Disagreement>& disagreements) {
  Json list = Json::array();
  for (const CheckResult::Disagreement& disagreement : disagreements) {
    Json images = Json::array();
    for (const CheckResult::Member& member : disagreement.images)
      images.push_back({{"image", member.image}, {"label", member.label}, {"part", member.part}});
    list.push_back({{"byte_identical", disagreement.byte_identical}, {"images", images}});
  }
  return list;
}

Json to_json(const std::vector<CheckResult::Unusual>& images) {
  Json list = Json::array();
  for (const CheckResult::Unusual& image : images)
    list.push_back({{"image", image.image},
                    {"what", image.what},
                    {"value", rounded(static_cast<float>(image.value))},
                    {"median", rounded(static_cast<float>(image.median))}});
  return list;
}

Json to_json(const std::vector<CheckResult::Doubted>& images) {
  Json list = Json::array();
  for (const CheckResult::Doubted& image : images)
    list.push_back({{"image", image.image},
                    {"label", image.label},
                    {"prediction", image.prediction},
                    {"confidence", image.confidence},
                    {"label_probability", image.label_probability}});
  return list;
}

std::string count_of(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// "a, b, c and 7 more".
template <class Item, class Text>
std::string joined(const std::vector<Item>& items, Text text) {
  std::string line;
  for (std::size_t i = 0; i < std::min(items.size(), kMostNamed); ++i)
    line += (i == 0 ? "" : ", ") + text(items[i]);
  if (items.size() > kMostNamed)
    line += " and " + std::to_string(items.size() - kMostNamed) + " more";
  return line;
}

std::string joined(const std::vector<std::string>& items) {
  return joined(items, [](const std::string& item) { return item; });
}

std::string text_of(const CheckResult::Format& format) {
  return std::to_string(format.width) + "x" + std::to_string(format.height) +
         (format.channels == 1 ? " gray" : " colour") + ", " + std::to_string(format.bits) +
         " bits: " + count_of(format.images, "image") + ", such as " + format.example;
}

// "byte-identical: Cr_1.bmp (Cr), In_4.bmp (In)"; what they disagree about is in brackets.
std::string text_of(const CheckResult::Disagreement& disagreement,
                    std::string CheckResult::Member::*what) {
  return (disagreement.byte_identical ? "byte-identical: " : "near-duplicates: ") +
         joined(disagreement.images, [&](const CheckResult::Member& member) {
           const std::string& value = member.*what;
           return member.image + " (" + (value.empty() ? "none" : value) + ")";
         });
}

class Summary {
 public:
  explicit Summary(const std::string& more) : more_(more) {}

  void line(std::string text) { lines_.push_back(std::move(text)); }

  // A title with a count, and the items below it.
  template <class Item, class Text>
  void list(const std::string& title, const std::vector<Item>& items, Text text) {
    line(title + ": " + (items.empty() ? "none" : std::to_string(items.size())));
    for (std::size_t i = 0; i < std::min(items.size(), kMostNamed); ++i)
      line("  " + text(items[i]));
    if (items.size() > kMostNamed)
      line("  and " + std::to_string(items.size() - kMostNamed) + " more, " + more_);
  }

  Lines take() { return std::move(lines_); }

 private:
  const std::string& more_;
  Lines lines_;
};

}  // namespace

std::string verdict(const CheckResult& r) {
  if (!r.serious()) return "nothing serious found";
  Lines found;
  const auto add = [&](std::size_t n, const std::string& noun) {
    if (n > 0) found.push_back(count_of(n, noun));
  };
  add(r.unreadable.size(), "unreadable image");
  add(r.unreadable_folders, "unreadable folder");
  if (!r.not_learnable.empty())
    found.push_back(std::to_string(r.not_learnable.size()) +
                    (r.not_learnable.size() == 1 ? " class" : " classes") +
                    " without a training image");
  add(r.conflicts.size(), "conflict of labels");
  add(r.leaks.size(), "leak");
  add(r.split_groups.size(), "divided group");
  return "to be mended before training: " + joined(found);
}

Json to_json(const CheckResult& r) {
  Json classes = Json::array(), not_learnable = Json::array(), unreadable = Json::array(),
       formats = Json::array(), near = Json::array();
  for (const CheckResult::ClassSize& size : r.classes)
    classes.push_back({{"class", size.name}, {"images", size.images}});
  for (const CheckResult::NotLearnable& item : r.not_learnable)
    not_learnable.push_back({{"class", item.class_name}, {"reason", item.reason}});
  for (const CheckResult::Unreadable& image : r.unreadable)
    unreadable.push_back({{"image", image.image}, {"reason", image.reason}});
  for (const CheckResult::Format& format : r.formats)
    formats.push_back({{"width", format.width},
                       {"height", format.height},
                       {"channels", format.channels},
                       {"bits", format.bits},
                       {"images", format.images},
                       {"example", format.example}});
  for (const CheckResult::NearDuplicates& group : r.near_duplicates)
    near.push_back({{"images", group.images}, {"similarity", rounded(group.similarity)}});
  Json json{{"dataset", r.dataset},
            {"layout", r.layout},
            {"warnings", r.warnings},
            {"images", r.images},
            {"serious", r.serious()},
            {"classes", classes},
            {"empty_classes", r.empty_classes},
            {"imbalance", r.imbalance()},
            {"unlabelled", r.unlabelled},
            {"unreadable", unreadable},
            {"unreadable_folders", r.unreadable_folders},
            {"not_learnable", not_learnable},
            {"formats", formats},
            {"single_colour", r.single_colour},
            {"identical", r.identical},
            {"compared", r.compared},
            {"near_duplicates", near},
            {"conflicts", to_json(r.conflicts)},
            {"unusual", to_json(r.unusual)},
            {"has_parts", r.has_parts},
            {"leaks", to_json(r.leaks)},
            {"split_groups", r.split_groups}};
  if (r.doubted) json["doubted"] = to_json(*r.doubted);
  return json;
}

Lines summary(const CheckResult& r, const std::string& more) {
  const auto name = [](const std::string& text) { return text; };
  Summary s(more);
  s.line(count_of(r.images, "image") + " of " + std::to_string(r.classes.size()) +
         (r.classes.size() == 1 ? " class (" : " classes (") + r.layout + "): " +
         joined(r.classes,
                [](const CheckResult::ClassSize& size) {
                  return size.name + " " + std::to_string(size.images);
                }) +
         (r.unlabelled > 0 ? "; without a label " + std::to_string(r.unlabelled) : ""));
  s.line("largest class to smallest: " + fixed(r.imbalance(), 2));
  s.list("sizes", r.formats, [](const CheckResult::Format& format) { return text_of(format); });
  s.list("unreadable", r.unreadable,
         [](const CheckResult::Unreadable& image) { return image.reason; });
  if (!r.not_learnable.empty())
    s.list(
        "classes that can't be learned", r.not_learnable,
        [](const CheckResult::NotLearnable& item) { return item.class_name + ": " + item.reason; });
  s.list("of a single colour", r.single_colour, name);
  s.list("groups of byte-identical images", r.identical,
         [](const Lines& group) { return joined(group); });
  if (!r.compared)
    s.line("groups of near-duplicates: not looked for");
  else
    s.list("groups of near-duplicates", r.near_duplicates,
           [](const CheckResult::NearDuplicates& group) {
             return joined(group.images) + " (similarity " + fixed(group.similarity, 3) + ")";
           });
  s.list("copies with different labels", r.conflicts, [](const CheckResult::Disagreement& d) {
    return text_of(d, &CheckResult::Member::label);
  });
  s.list("unusual in their class", r.unusual, [](const CheckResult::Unusual& image) {
    return image.image + " is " + image.what + " (" + fixed(image.value, 3) + ", median " +
           fixed(image.median, 3) + ")";
  });
  if (r.doubted)
    s.list("labels that the model doubts", *r.doubted, [](const CheckResult::Doubted& image) {
      return image.image + ": " + image.label + ", predicted " + image.prediction + " (" +
             fixed(image.confidence, 3) + ")";
    });
  if (r.has_parts) {
    s.list("copies in different parts", r.leaks, [](const CheckResult::Disagreement& d) {
      return text_of(d, &CheckResult::Member::part);
    });
    if (!r.split_groups.empty()) s.list("groups in different parts", r.split_groups, name);
  } else {
    s.line("copies in different parts: the data set has no parts; --split FILE gives them");
  }
  s.line(verdict(r));
  return s.take();
}

}  // namespace steelsight

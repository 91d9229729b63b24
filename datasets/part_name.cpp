#include "datasets/part_name.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

struct PartWord {
  std::string_view word;
  Part part;
};
constexpr std::array<PartWord, 10> kPartWords = {{{"train", Part::train},
                                                  {"training", Part::train},
                                                  {"val", Part::validation},
                                                  {"valid", Part::validation},
                                                  {"validate", Part::validation},
                                                  {"validating", Part::validation},
                                                  {"validation", Part::validation},
                                                  {"test", Part::test},
                                                  {"tests", Part::test},
                                                  {"testing", Part::test}}};

// The longer of two that begin or end alike first.
constexpr std::array<std::string_view, 12> kContainers = {"pictures", "dataset", "images", "photos",
                                                          "files",    "image",   "split",  "data",
                                                          "imgs",     "part",    "img",    "set"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

std::optional<Part> part_word(std::string_view word) {
  const auto found = std::ranges::find(kPartWords, word, &PartWord::word);
  if (found == kPartWords.end()) return std::nullopt;
  return found->part;
}

// Lower case, letters alone, without words for containers at the ends.
std::string bare(std::string_view name) {
  std::string letters;
  for (const char c : ascii_lower(name))
    if (is_letter(c)) letters += c;
  std::string_view rest = letters;
  for (bool cut = true; cut && !part_word(rest);) {
    cut = false;
    for (const std::string_view word : kContainers) {
      if (rest.starts_with(word))
        rest.remove_prefix(word.size());
      else if (rest.ends_with(word))
        rest.remove_suffix(word.size());
      else
        continue;
      cut = true;
      break;
    }
  }
  return std::string(rest);
}

}  // namespace

std::optional<Part> part_named(std::string_view name) {
  return part_word(bare(name));
}

std::optional<Part> part_mentioned(std::string_view name) {
  const std::string lower = ascii_lower(name);
  for (auto begin = lower.begin(); begin != lower.end();) {
    begin = std::find_if(begin, lower.end(), is_letter);
    const auto end = std::find_if_not(begin, lower.end(), is_letter);
    if (const std::optional<Part> part = part_word(std::string_view(begin, end))) return part;
    begin = end;
  }
  return std::nullopt;
}

bool is_container_name(std::string_view name) {
  return !name.empty() && bare(name).empty() &&
         std::ranges::any_of(ascii_lower(name), [](char c) { return is_letter(c); });
}

}  // namespace steelsight

#pragma once
// What the pages have in common: one file that needs nothing else, from a template of
// pipeline/report/page/. Texts that are set are escaped by the template; what is named in three
// braces is not.
#include <kainjow/mustache.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/filesystem.hpp"
#include "core/json_object.hpp"
#include "datasets/utf8.hpp"
#include "evaluation/metrics.hpp"

namespace steelsight {

using PageContent = kainjow::mustache::data;

// The page. `content` has what the template asks for; head and style are added, and the script.
// Scripts run only with a number made of `secret`, so that a name in the page cannot foresee it: it
// is a text with all names that the page shows.
std::string render_page(const std::string& page_template, const std::string& script,
                        PageContent content, const std::string& secret);

// The object as a text that may stand in a <script> element: it has no '<'.
std::string script_json(const Json& json);

// The address of an SVG that was drawn: folder/name.svg. Throws FileError.
std::string figure_uri(const fs::path& folder, const std::string& name);
// The address of a JPEG.
std::string jpeg_uri(const std::string& bytes);

// {name: ..., value: ...}
PageContent named_value(const std::string& name, const std::string& value);

// Shows a section that tests for it, and what it is.
void set_text(PageContent& content, const std::string& name, const std::string& text);

// name_precision, name_recall and name_f1 in percent.
void set_averages(PageContent& content, const std::string& name, const PrecisionRecall& average);

inline constexpr std::size_t kMostPairs = 10;  // pairs of confused classes that are listed

// The table of page/left_out.html: the first of the names and why they were left out, the rest is
// in `file`. `kind` says what the names are of.
using LeftOut = std::vector<std::pair<std::string, std::string>>;  // name, and why
void set_left_out(PageContent& content, const LeftOut& items, const std::string& kind,
                  const std::string& file);

// One entry for each, as `make` gives it from the entry and its position.
template <class List, class Make>
PageContent list_of(const List& items, Make make) {
  PageContent list{PageContent::type::list};
  for (std::size_t i = 0; i < items.size(); ++i) list.push_back(make(items[i], i));
  return list;
}

}  // namespace steelsight

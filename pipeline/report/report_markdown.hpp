#pragma once
// report.md: the report for people, in GitHub's Markdown.
#include <string>

#include "pipeline/report/report.hpp"

namespace steelsight {

// Long lists are cut, with a word on where the rest is.
std::string report_markdown(const Report& report);

// Text that Markdown shows as it is, on one line, also in a cell of a table.
std::string markdown_text(const std::string& text);

}  // namespace steelsight

#pragma once
// report.html: the report to look at, one file that needs nothing else. Its template, style and
// script are in pipeline/report/page/.
#include <string>

#include "core/filesystem.hpp"
#include "pipeline/report/report.hpp"
#include "pipeline/report/report_images.hpp"

namespace steelsight {

// The figures are taken from `figures`, the folder that write_figures() wrote to. Nothing in the
// page asks the network for anything, and names and paths are text in it, whatever they contain.
// Throws FileError if a figure is missing.
std::string report_page(const Report& report, const ReportImages& images, const fs::path& figures);

}  // namespace steelsight

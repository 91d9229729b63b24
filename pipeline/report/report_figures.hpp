#pragma once
// The figures that belong to a report, as files.
#include "core/filesystem.hpp"
#include "pipeline/report/report.hpp"

namespace steelsight {

// Curves of more classes would be a poster: the report shows those with the smallest areas.
inline constexpr std::size_t kMostCurves = 12;

// Those of write_report (report.hpp); removes the ones that this report does not have. Throws
// FileError, FigureError.
void write_figures(const fs::path& folder, const Report& report);

}  // namespace steelsight

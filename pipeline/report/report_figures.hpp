#pragma once
// The figures that belong to a report, as files.
#include "core/filesystem.hpp"
#include "pipeline/report/report.hpp"

namespace steelsight {

// The report shows the curves of at most so many classes, those with the smallest areas.
inline constexpr std::size_t kMostCurves = 12;

// Writes the figures of write_report (report.hpp). Removes figures that this report lacks. Throws
// FileError, FigureError.
void write_figures(const fs::path& folder, const Report& report);

}  // namespace steelsight

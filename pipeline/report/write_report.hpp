#pragma once
// A report as files.
#include "core/filesystem.hpp"
#include "pipeline/report/report.hpp"
#include "pipeline/report/report_images.hpp"

namespace steelsight {

// Writes report.json, report.md, report.html (report_page.hpp) with these images and, if images
// were scored, per_class.csv, confusion_matrix.csv and as .png, .svg and .pdf confusion_matrix,
// roc_curves, precision_recall_curves, reliability, coverage and confidences; with a training log
// learning_curves. Of an earlier report in the folder, files that this one does not have are
// removed. Throws FileError, FigureError.
void write_report(const fs::path& folder, const Report& report, const ReportImages& images = {});

}  // namespace steelsight

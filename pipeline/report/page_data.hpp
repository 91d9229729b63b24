#pragma once
// What the script of report.html works with: the rows of predictions.csv in columns.
#include <string>

#include "pipeline/report/gallery.hpp"
#include "pipeline/report/report.hpp"
#include "pipeline/report/report_images.hpp"

namespace steelsight {

// A JSON text that may stand in a <script> element: it has no '<'. The gallery's pictures are left
// out, as they are in the page already.
//   names      classes and other labels, then "unknown" if there are rows called so
//   unknown    its position in `names`, or -1
//   path, truth, predicted, confidence   a value a row; positions in `names`, -1 and null for none
//   top        a row each: [position, probability] of the three most probable classes
//   error      by row
//   seen, seenNames   if known: a position in seenNames a row
//   thumbnail  by row, JPEG in base64
std::string page_data(const Report& report, const ReportImages& images, const Gallery& gallery);

}  // namespace steelsight

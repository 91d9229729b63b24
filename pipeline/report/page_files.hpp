#pragma once
// The files of pipeline/report/page/, as they were when the program was built.
namespace steelsight {

extern const char* const kPageTemplate;  // report.html, in mustache
extern const char* const kPageCard;      // card.html: one image, with its names
extern const char* const kPageStyle;     // report.css
extern const char* const kPageScript;    // report.js

}  // namespace steelsight

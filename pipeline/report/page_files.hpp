#pragma once
// The files of pipeline/report/page/, as they were when the program was built.
namespace steelsight {

// Pages, in mustache, and what runs in them.
extern const char* const kReportTemplate;
extern const char* const kReportScript;
extern const char* const kComparisonTemplate;
extern const char* const kCheckTemplate;
extern const char* const kExplorationTemplate;
extern const char* const kMapScript;   // draws the points of kExplorationTemplate
extern const char* const kZoomScript;  // a card that is chosen is shown large

// Parts of pages, in mustache.
extern const char* const kHeadPartial;
extern const char* const kCardPartial;     // one image, with its names
extern const char* const kLeftOutPartial;  // names and why they were left out
extern const char* const kZoomPartial;     // the end: what shows one image large, and the script

extern const char* const kPageStyle;

}  // namespace steelsight

#pragma once
// Pictures that steelsight wrote itself into a folder: no images of a data set, wherever they lie.
//
// They are told by their names and by what lies beside them, so that a folder which only has a file
// called like one of steelsight's loses nothing:
//   figures    NAME.png with NAME.svg beside it, in a folder with one of the records that a report,
//              a comparison, `explore` or `search` leaves (docs/design.md, "What the commands
//              write")
//   explained  the folder with the pictures of `classify --explain`, beside its predictions.csv
#include "core/filesystem.hpp"

namespace steelsight {

class OwnOutput {
 public:
  // Looks whether the folder has records. A folder that can't be looked into has none.
  explicit OwnOutput(const fs::path& folder);

  // The argument is an entry of the folder.
  bool wrote_picture(const fs::path& file) const;
  bool wrote_folder(const fs::path& subfolder) const;

 private:
  bool has_figures_ = false;
  bool has_predictions_ = false;
};

}  // namespace steelsight

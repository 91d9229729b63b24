#pragma once
// Which image, which label: a data set is found by looking at a folder or a list, never at pixels.
//
//   class folders   crazing/any/depth/1.bmp: the folder is the class
//   prefixed files  Cr_12.bmp: the class is what stands before the last _NUMBER
//   split folders   train/ valid/ test/ (datasets/part_name.hpp), each with one of the two above,
//   or
//                   all of them in each class folder
//   CSV list        path,label[,split,group]: header required, paths relative to the list
//   table           a CSV of numbers, label and no path (datasets/table.hpp): rows in the place of
//                   images
//
// Images are .bmp .png .tif .tiff .jpg .jpeg in any case; hidden files and folders and anything
// else are left out. An image that can't be read stays a sample: it becomes a row with an error.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/filesystem.hpp"
#include "datasets/error.hpp"

namespace steelsight {

struct Table;  // datasets/table.hpp

enum class Layout { class_folders, prefixed_files, csv_list, split_folders, table };
enum class Part { train, validation, test };

std::string_view to_string(Layout layout);  // "class folders", ...
std::string_view to_string(Part part);      // "train", "validation", "test"

struct Sample {
  fs::path path;                     // to open it with
  std::string name;                  // relative to the root, '/'-separated, UTF-8, unique
  std::optional<std::size_t> label;  // index into class_names; only lists and mixed names lack it
  std::optional<Part> part;          // where the data set itself says so
  std::string group;                 // samples of a non-empty group stay on one side of a split
};

struct Dataset {
  fs::path root;  // for a list: the folder it lies in; for a table: the file
  Layout layout = Layout::class_folders;
  std::vector<std::string> class_names;         // sorted by byte, unique, each with a sample
  std::vector<Sample> samples;                  // natural order of name
  std::vector<std::string> warnings;            // sentences for the user
  std::vector<std::string> empty_folders = {};  // where classes were looked for; no classes
  std::size_t unreadable_folders = 0;           // named in the warnings
  std::shared_ptr<const Table> table;           // sample i is its row i; null for images
};

// What can do without labels says so: then a table need not have that column.
enum class Labels { required, optional };

// Per class, in order of class_names.
std::vector<std::size_t> samples_per_class(const Dataset& dataset);

}  // namespace steelsight

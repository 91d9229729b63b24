#include "datasets/dataset.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "datasets/csv_list.hpp"
#include "datasets/dataset_builder.hpp"
#include "datasets/folder_walk.hpp"
#include "datasets/table.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

constexpr char kLayouts[] =
    "class folders (crazing/1.bmp), files with their class as prefix (Cr_12.bmp), train/ valid/ "
    "test/ folders with either, a CSV list path,label, or a CSV table of numbers with a label";

// "Cr" of "Cr_12.bmp", "rolled-in_scale" of "rolled-in_scale_300.bmp".
std::optional<std::string> class_prefix(std::string_view file_name) {
  const std::string_view stem = file_name.substr(0, file_name.rfind('.'));
  const std::size_t before_digits = stem.find_last_not_of("0123456789");
  if (before_digits == std::string_view::npos || before_digits == 0 ||
      before_digits + 1 == stem.size() || stem[before_digits] != '_')
    return std::nullopt;
  return std::string(stem.substr(0, before_digits));
}

std::string_view first_component(std::string_view name) {
  return name.substr(0, name.find('/'));
}

// What of a walk lies below `folder` ("" for all of it), as seen from there.
struct View {
  struct File {
    FoundFile file;
    std::string name;  // relative to the folder
  };
  std::string folder;
  std::vector<File> beside;          // directly in the folder
  std::vector<File> below;           // in folders in it
  std::set<std::string> subfolders;  // the folder's own, with or without images
};

View view_below(const FolderWalk& walk, const std::string& folder) {
  View view{.folder = folder, .beside = {}, .below = {}, .subfolders = {}};
  const std::string start = folder.empty() ? "" : folder + "/";
  for (const FoundFile& file : walk.images) {
    if (!file.name.starts_with(start)) continue;
    const std::string name = file.name.substr(start.size());
    (name.find('/') == std::string::npos ? view.beside : view.below).push_back({file, name});
  }
  for (const std::string& name : walk.folders)
    if (name.starts_with(start) && name.size() > start.size())
      view.subfolders.emplace(first_component(std::string_view(name).substr(start.size())));
  return view;
}

std::string count_of(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

class FolderReader {
 public:
  explicit FolderReader(const fs::path& root) : root_(root), walk_(walk_folder(root)) {}

  Dataset read() {
    if (walk_.images.empty())
      throw DatasetError(root_.string() +
                         ": no image found (.bmp .png .tif .tiff .jpg .jpeg), "
                         "expected " +
                         kLayouts);
    const View all = view_below(walk_, "");
    const std::set<std::string> parts = part_folders(all);
    const Layout layout = !parts.empty()      ? Layout::split_folders
                          : all.below.empty() ? Layout::prefixed_files
                                              : Layout::class_folders;
    DatasetBuilder builder(root_, layout);
    for (const std::string& warning : walk_.warnings) builder.warn(warning);
    if (parts.empty()) {
      add_labelled(builder, all, std::nullopt);
    } else {
      leave_out_beside(builder, all);
      for (const std::string& part : parts)
        add_labelled(builder, view_below(walk_, part), part_named(part));
    }
    return builder.finish();
  }

 private:
  // The top folders with images if all of them are parts, nothing if none or only one is.
  std::set<std::string> part_folders(const View& all) const {
    std::set<std::string> parts;
    std::string other;
    for (const View::File& file : all.below) {
      const std::string top(first_component(file.name));
      if (part_named(top))
        parts.insert(top);
      else
        other = top;
    }
    if (other.empty()) return parts;
    if (parts.size() >= 2)
      throw DatasetError(root_.string() + ": folder '" + other + "' lies beside '" +
                         *parts.begin() + "' and '" + *parts.rbegin() +
                         "', expected either train/ valid/ test/ alone or class folders alone");
    return {};  // one class that happens to be called "test"
  }

  void add_labelled(DatasetBuilder& builder, const View& view, std::optional<Part> part) const {
    if (view.below.empty()) {
      for (const View::File& file : view.beside) add(builder, file, class_prefix(file.name), part);
      return;
    }
    leave_out_beside(builder, view);
    for (const std::string& name : view.subfolders) builder.add_class(name);
    for (const View::File& file : view.below)
      add(builder, file, std::string(first_component(file.name)), part);
    warn_of_wrapper(builder, view);
  }

  static void add(DatasetBuilder& builder, const View::File& file,
                  const std::optional<std::string>& class_name, std::optional<Part> part) {
    builder.add({.path = file.file.path,
                 .name = file.file.name,
                 .label = std::nullopt,
                 .part = part,
                 .group = ""},
                class_name);
  }

  // Stray images are left out; images that carry a class of their own make the layout ambiguous.
  void leave_out_beside(DatasetBuilder& builder, const View& view) const {
    for (const View::File& file : view.beside)
      if (class_prefix(file.name))
        throw DatasetError(root_.string() + ": '" + file.file.name +
                           "' has a class as prefix but lies beside folders with images; expected "
                           "one layout: " +
                           kLayouts);
    if (!view.beside.empty())
      builder.warn(count_of(view.beside.size(), "image") + " beside the class folders left out");
  }

  // A folder that only holds the folder with prefixed files looks like a single class.
  static void warn_of_wrapper(DatasetBuilder& builder, const View& view) {
    std::set<std::string> tops;
    std::set<std::string> prefixes;
    for (const View::File& file : view.below) {
      tops.emplace(first_component(file.name));
      const std::string& name = file.name;
      prefixes.insert(class_prefix(name.substr(name.rfind('/') + 1)).value_or(""));
    }
    if (tops.size() == 1 && prefixes.size() > 1)
      builder.warn("all images are in one class '" + *tops.begin() +
                   "', but their names show others; if those are meant, give that folder itself");
  }

  fs::path root_;
  FolderWalk walk_;
};

Dataset read_layout(const fs::path& folder_or_list, Labels labels) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(folder_or_list, error);
  if (status.type() == fs::directory_file) return FolderReader(folder_or_list).read();
  if (status.type() != fs::regular_file)
    throw DatasetError(folder_or_list.string() + ": " +
                       (error ? error.message() : std::string("not a file or folder")) +
                       ", expected a data set: " + kLayouts);
  if (ascii_lower(folder_or_list.extension().native()) != ".csv")
    throw DatasetError(folder_or_list.string() +
                       ": a single file, expected a data set: " + kLayouts);
  if (labels == Labels::optional ? is_table(folder_or_list) : is_labelled_table(folder_or_list))
    return dataset_of_table(read_table(folder_or_list));
  return read_csv_list(folder_or_list, labels);
}

void require_label(const Dataset& dataset) {
  if (std::ranges::any_of(dataset.samples, [](const Sample& s) { return s.label.has_value(); }))
    return;
  throw DatasetError(dataset.root.string() + ": none of " + std::to_string(dataset.samples.size()) +
                     (dataset.layout == Layout::table ? " rows" : " images") +
                     " has a label, expected class folders, names like Cr_12.bmp, or a "
                     "CSV list or table with a column label; classify, explore, extract and "
                     "quantize need no labels");
}

}  // namespace

std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::class_folders:
      return "class folders";
    case Layout::prefixed_files:
      return "prefixed files";
    case Layout::csv_list:
      return "CSV list";
    case Layout::split_folders:
      return "split folders";
    case Layout::table:
      return "table";
  }
  return "?";
}

std::string_view to_string(Part part) {
  switch (part) {
    case Part::train:
      return "train";
    case Part::validation:
      return "validation";
    case Part::test:
      return "test";
  }
  return "?";
}

Dataset open_dataset(const fs::path& folder_or_list, Labels labels) {
  Dataset dataset = read_layout(folder_or_list, labels);
  if (labels == Labels::required) require_label(dataset);
  return dataset;
}

Dataset open_images(const fs::path& folder_or_list, Labels labels) {
  Dataset dataset = open_dataset(folder_or_list, labels);
  if (dataset.table)
    throw DatasetError(
        folder_or_list.string() +
        ": is a table of numbers (its header has no column 'path'), expected images");
  return dataset;
}

std::vector<std::size_t> samples_per_class(const Dataset& dataset) {
  std::vector<std::size_t> counts(dataset.class_names.size(), 0);
  for (const Sample& sample : dataset.samples)
    if (sample.label) ++counts[*sample.label];
  return counts;
}

}  // namespace steelsight

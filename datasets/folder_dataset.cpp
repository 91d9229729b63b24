#include "datasets/folder_dataset.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "datasets/dataset_builder.hpp"
#include "datasets/folder_walk.hpp"
#include "datasets/part_name.hpp"
#include "datasets/sentences.hpp"

namespace steelsight {

const char* const kLayouts =
    "class folders (crazing/1.bmp), files with their class as prefix (Cr_12.bmp), train/ valid/ "
    "test/ folders with either, a CSV list path,label, or a CSV table of numbers with a label";

namespace {

// "Cr" of "Cr_12.bmp", "rolled-in_scale" of "rolled-in_scale_300.bmp".
std::optional<std::string> class_prefix(std::string_view file_name) {
  const std::string_view stem = file_name.substr(0, file_name.rfind('.'));
  const std::size_t before_digits = stem.find_last_not_of("0123456789");
  if (before_digits == std::string_view::npos || before_digits == 0 ||
      before_digits + 1 == stem.size() || stem[before_digits] != '_')
    return std::nullopt;
  return std::string(stem.substr(0, before_digits));
}

bool is_part_name(const std::string& name) {
  return part_named(name).has_value();
}

std::string first_component(const std::string& name) {
  return name.substr(0, name.find('/'));
}

// "train" for "crazing/train/1.bmp"; nothing if there is no second folder.
std::optional<std::string> second_folder(const std::string& name) {
  const std::size_t begin = name.find('/') + 1;
  const std::size_t end = name.find('/', begin);
  if (begin == 0 || end == std::string::npos) return std::nullopt;
  return name.substr(begin, end - begin);
}

std::string inside(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// What of a walk lies below `folder` ("" for all of it), as seen from there.
struct View {
  struct File {
    FoundFile file;
    std::string name;  // relative to the folder
  };
  std::string folder;
  std::vector<File> beside;    // directly in the folder
  std::vector<File> below;     // in folders in it
  std::set<std::string> tops;  // the folder's own folders that have images
};

View view_below(const FolderWalk& walk, const std::string& folder) {
  View view{.folder = folder, .beside = {}, .below = {}, .tops = {}};
  const std::string start = folder.empty() ? "" : folder + "/";
  for (const FoundFile& file : walk.images) {
    if (!file.name.starts_with(start)) continue;
    const std::string name = file.name.substr(start.size());
    if (name.find('/') == std::string::npos) {
      view.beside.push_back({file, name});
    } else {
      view.below.push_back({file, name});
      view.tops.insert(first_component(name));
    }
  }
  return view;
}

class FolderReader {
 public:
  explicit FolderReader(const fs::path& root) : root_(root), walk_(walk_folder(root)) {}

  Dataset read() {
    if (walk_.images.empty())
      throw DatasetError(root_.string() +
                         ": no image found (.bmp .png .tif .tiff .jpg .jpeg), expected " +
                         kLayouts + (walk_.warnings.empty() ? "" : "; " + listed(walk_.warnings)));
    const View all = view_below(walk_, inner_folder(""));
    const std::map<Part, std::string> parts = part_folders(all);
    const bool has_parts = !parts.empty() || has_parts_in_classes(all);
    DatasetBuilder builder(root_, has_parts           ? Layout::split_folders
                                  : all.below.empty() ? Layout::prefixed_files
                                                      : Layout::class_folders);
    for (const std::string& warning : walk_.warnings) builder.warn(warning);
    builder.count_unreadable_folders(walk_.unreadable_folders);
    if (parts.empty()) {
      add_labelled(builder, all, std::nullopt);
    } else {
      leave_out_beside(builder, all);
      add_empty_folders(builder, all);
      for (const auto& [part, name] : parts)
        add_labelled(builder, view_below(walk_, inner_folder(inside(all.folder, name))), part);
    }
    return builder.finish();
  }

 private:
  // The data set's folder, without folders that only lie around it.
  std::string inner_folder(std::string folder) const {
    for (;;) {
      const View view = view_below(walk_, folder);
      if (!view.beside.empty() || view.tops.size() != 1) return folder;
      const std::string& top = *view.tops.begin();
      const View inner = view_below(walk_, inside(folder, top));
      const bool holds_parts = !inner.tops.empty() && std::ranges::all_of(inner.tops, is_part_name);
      const bool holds_classes =
          !inner.tops.empty() || std::ranges::any_of(inner.beside, [](const View::File& file) {
            return class_prefix(file.name).has_value();
          });
      if (is_part_name(top) || !(holds_parts || (is_container_name(top) && holds_classes)))
        return folder;
      folder = inner.folder;
    }
  }

  // The top folders if all of them are parts; nothing if none is.
  std::map<Part, std::string> part_folders(const View& all) const {
    std::map<Part, std::string> parts, mentioned;
    std::string other;
    for (const std::string& top : all.tops) {
      const std::optional<Part> part = part_named(top);
      if (!part) {
        other = top;
        if (const auto word = part_mentioned(top)) mentioned.emplace(*word, top);
        continue;
      }
      const auto [found, is_new] = parts.emplace(*part, top);
      if (!is_new)
        throw DatasetError(root_.string() + ": folders '" + found->second + "' and '" + top +
                           "' are both called like the part " + std::string(to_string(*part)) +
                           ", expected train/ valid/ test/, each once");
    }
    if (parts.empty() && mentioned.size() >= 2) parts = mentioned;
    if (parts.empty() || (other.empty() && all.tops.size() == parts.size())) return parts;
    std::vector<std::string> called, others;
    for (const std::string& top : all.tops) {
      const bool is_called =
          std::ranges::any_of(parts, [&](const auto& part) { return part.second == top; });
      (is_called ? called : others).push_back(top);
    }
    refuse_parts(called, others);
  }

  [[noreturn]] void refuse_parts(const std::vector<std::string>& called,
                                 const std::vector<std::string>& others) const {
    const bool one = called.size() == 1;
    throw DatasetError(
        root_.string() + (one ? ": folder " : ": folders ") + listed_in_quotes(called) +
        (one ? " is called like a part" : " are called like parts") + " of a data set" +
        (others.empty() ? "" : " beside " + listed_in_quotes(others)) +
        ", expected either train/ valid/ test/ alone or class folders alone; rename " +
        (one ? "it if it is a class" : "them if they are classes"));
  }

  // Whether every image lies in a folder for its part, in the folder of its class. Throws if some
  // do, and for several data sets side by side.
  bool has_parts_in_classes(const View& all) const {
    std::set<Part> parts;
    std::set<std::string> below_parts;
    const View::File* without = nullptr;
    for (const View::File& file : all.below) {
      const std::optional<std::string> folder = second_folder(file.name);
      const std::optional<Part> part = folder ? part_named(*folder) : std::nullopt;
      if (!part) {
        without = &file;
        continue;
      }
      parts.insert(*part);
      if (const auto below = second_folder(file.name.substr(file.name.find('/') + 1)))
        below_parts.insert(*below);
    }
    if (parts.size() < 2) return false;  // a folder that happens to be called "test"
    if (without != nullptr)
      throw DatasetError(root_.string() + ": classes hold folders called like parts, and '" +
                         without->file.name +
                         "' lies in none of them, expected every image in one (crazing/train/1.bmp)"
                         " or train/ valid/ test/ around the classes");
    if (below_parts.size() >= 2)
      throw DatasetError(root_.string() + ": " +
                         listed_in_quotes({all.tops.begin(), all.tops.end()}) +
                         " hold parts with folders in them (" +
                         listed_in_quotes({below_parts.begin(), below_parts.end()}) +
                         "), expected one data set; give one of these folders");
    return true;
  }

  void add_labelled(DatasetBuilder& builder, const View& view, std::optional<Part> part) const {
    if (view.below.empty()) {
      for (const View::File& file : view.beside) add(builder, file, class_prefix(file.name), part);
      return;
    }
    leave_out_beside(builder, view);
    add_empty_folders(builder, view);
    const bool parts_in_classes = !part && has_parts_in_classes(view);
    for (const View::File& file : view.below)
      add(builder, file, first_component(file.name),
          parts_in_classes ? part_named(*second_folder(file.name)) : part);
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

  // Names folders directly in the view's folder that hold no image at any depth. Folders that hold
  // what steelsight wrote, and a folder that couldn't be read, have been named before.
  void add_empty_folders(DatasetBuilder& builder, const View& view) const {
    const std::string start = view.folder.empty() ? "" : view.folder + "/";
    for (const std::string& name : walk_.folders) {
      if (!name.starts_with(start) || name.find('/', start.size()) != std::string::npos) continue;
      const bool is_own = std::ranges::any_of(walk_.own, [&](const std::string& own) {
        return own == name || own.starts_with(name + "/");
      });
      if (!view.tops.contains(name.substr(start.size())) && !is_own) builder.add_empty_folder(name);
    }
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
      builder.warn(counted(view.beside.size(), "image") + " beside the class folders left out");
  }

  // A folder that only holds the data set looks like a single class.
  static void warn_of_wrapper(DatasetBuilder& builder, const View& view) {
    if (view.tops.size() != 1) return;
    std::set<std::string> prefixes, folders;
    for (const View::File& file : view.below) {
      const std::string& name = file.name;
      prefixes.insert(class_prefix(name.substr(name.rfind('/') + 1)).value_or(""));
      folders.insert(name.substr(0, name.rfind('/')));
    }
    if (prefixes.size() > 1 || folders.size() > 1)
      builder.warn("all images are in one class '" + *view.tops.begin() + "', but " +
                   (prefixes.size() > 1 ? "their names" : "the folders in it") +
                   " show others; if those are meant, give the folder that holds them");
  }

  fs::path root_;
  FolderWalk walk_;
};

}  // namespace

Dataset read_folder(const fs::path& root) {
  return FolderReader(root).read();
}

}  // namespace steelsight

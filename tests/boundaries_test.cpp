// The order of folders and rooms, as docs/design.md draws it: what each may include, that no files
// include each other in a circle, and which folder may use which library.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight::boundaries_test {
namespace {

// A top folder, or a room of pipeline/.
struct Place {
  std::string name;
  std::set<std::string> may_include;  // other places
};

const std::vector<Place> kFolders{
    {"core", {}},
    {"datasets", {"core"}},
    {"preprocessing", {"core"}},
    {"models", {"core"}},
    {"evaluation", {"core", "datasets", "models"}},
    {"pipeline", {"core", "datasets", "preprocessing", "models", "evaluation"}},
};

// From the lowest up.
const std::vector<Place> kRooms{
    {"command", {}},
    {"figures", {}},
    {"unsupervised", {}},
    {"features", {"command"}},
    {"report", {"figures"}},
    {"compare", {"figures", "report"}},
    {"predict", {"command", "features", "report"}},
    {"train", {"command", "features", "predict"}},
    {"distill", {"command", "features", "predict", "train", "unsupervised"}},
    {"extract", {"command", "features"}},
    {"explore", {"command", "features", "figures", "unsupervised", "report", "extract"}},
    {"extend", {"command", "features", "predict", "train"}},
    {"quantize", {"command", "features", "predict"}},
    {"search", {"command", "figures", "train"}},
    {"check", {"command", "report"}},
    {"bench", {"command", "features", "train"}},
    {"cli",
     {"command", "features", "report", "compare", "predict", "train", "distill", "extract",
      "explore", "extend", "quantize", "search", "check", "bench"}},
};
constexpr std::size_t kMostSources = 13;  // of a room

// Libraries that belong to some folders alone. The pipeline solves linear systems with OpenCV.
const std::vector<std::pair<std::string, std::set<std::string>>> kLibraries{
    {"oneapi/dnnl", {"models"}},
    {"opencv2", {"preprocessing", "datasets", "pipeline"}},
    {"cairo", {"pipeline"}},
    {"csv.h", {"datasets"}},
};

const fs::path kRoot = STEELSIGHT_SOURCE_DIR;

struct Include {
  fs::path file;
  std::string target;
};

std::vector<fs::path> sources_in(const std::string& folder) {
  std::vector<fs::path> found;
  for (const fs::path& file : fs::recursive_directory_iterator(kRoot / folder))
    if (file.extension() == ".hpp" || file.extension() == ".cpp") found.push_back(file);
  return found;
}

std::vector<Include> includes_of(const std::string& folder) {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> found;
  for (const fs::path& file : sources_in(folder)) {
    std::ifstream in(file.string());
    std::smatch match;
    for (std::string line; std::getline(in, line);)
      if (std::regex_search(line, match, pattern)) found.push_back({file, match[1]});
  }
  return found;
}

bool lies_in(const std::string& target, const std::string& place) {
  return target.starts_with(place + "/");
}

class Folders : public testing::TestWithParam<Place> {};

TEST_P(Folders, IncludeOnlyWhatLiesBelow) {
  const std::vector<Include> includes = includes_of(GetParam().name);
  ASSERT_FALSE(includes.empty());
  for (const Include& include : includes) {
    for (const Place& other : kFolders) {
      if (lies_in(include.target, other.name) && other.name != GetParam().name) {
        EXPECT_TRUE(GetParam().may_include.contains(other.name))
            << include.file << " includes " << include.target;
      }
    }
    for (const auto& [library, owners] : kLibraries) {
      if (include.target.starts_with(library)) {
        EXPECT_TRUE(owners.contains(GetParam().name))
            << include.file << " includes " << include.target;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Boundaries, Folders, testing::ValuesIn(kFolders),
                         [](const auto& test) { return test.param.name; });

class Rooms : public testing::TestWithParam<Place> {};

TEST_P(Rooms, IncludeOnlyWhatLiesBelow) {
  const std::vector<Include> includes = includes_of("pipeline/" + GetParam().name);
  ASSERT_FALSE(includes.empty());
  for (const Include& include : includes) {
    for (const Place& other : kRooms) {
      if (lies_in(include.target, "pipeline/" + other.name) && other.name != GetParam().name) {
        EXPECT_TRUE(GetParam().may_include.contains(other.name))
            << include.file << " includes " << include.target;
      }
    }
  }
}

// A command of cli/ is a file of its own, however many there are.
TEST_P(Rooms, AreSeenAtAGlance) {
  if (GetParam().name == "cli") return;
  std::size_t count = 0;
  for (const fs::path& file : sources_in("pipeline/" + GetParam().name))
    count += file.extension() == ".cpp";
  EXPECT_LE(count, kMostSources);
}

INSTANTIATE_TEST_SUITE_P(Boundaries, Rooms, testing::ValuesIn(kRooms),
                         [](const auto& test) { return test.param.name; });

// The list is ordered, so what a room may include can't lead back to it.
TEST(Boundaries, RoomsAreListedFromTheLowestUp) {
  std::set<std::string> below;
  for (const Place& room : kRooms) {
    for (const std::string& other : room.may_include)
      EXPECT_TRUE(below.contains(other)) << room.name << " may include " << other;
    below.insert(room.name);
  }
}

TEST(Boundaries, EverySourceOfThePipelineIsInARoom) {
  for (const fs::path& entry : fs::directory_iterator(kRoot / "pipeline")) {
    if (fs::is_directory(entry)) {
      EXPECT_TRUE(std::ranges::any_of(kRooms, [&](const Place& room) {
        return room.name == entry.filename().string();
      })) << entry;
    } else {
      EXPECT_EQ(entry.filename(), "CMakeLists.txt");
    }
  }
}

// The header and the source of one name are one node; an arrow is an #include of either.
class IncludeGraph {
 public:
  IncludeGraph() {
    for (const Place& folder : kFolders)
      for (const Include& include : includes_of(folder.name))
        if (fs::exists(kRoot / include.target))
          arrows_[node(fs::relative(include.file, kRoot))].insert(node(include.target));
  }

  // The first circle found, as a sentence; empty for none.
  std::string circle() {
    for (const auto& [from, targets] : arrows_)
      if (std::string found = visit(from); !found.empty()) return found;
    return "";
  }

 private:
  static std::string node(const fs::path& file) {
    return fs::path(file).replace_extension().generic_string();
  }

  // Depth first; `path_` holds the nodes from the first to here.
  std::string visit(const std::string& at) {
    if (done_.contains(at)) return "";
    if (const auto found = std::ranges::find(path_, at); found != path_.end()) {
      std::string text;
      for (auto i = found; i != path_.end(); ++i) text += *i + " -> ";
      return text + at;
    }
    path_.push_back(at);
    for (const std::string& target : arrows_[at])
      if (target != at)
        if (std::string found = visit(target); !found.empty()) return found;
    path_.pop_back();
    done_.insert(at);
    return "";
  }

  std::map<std::string, std::set<std::string>> arrows_;
  std::vector<std::string> path_;
  std::set<std::string> done_;
};

TEST(Boundaries, NoFilesIncludeEachOtherInACircle) {
  EXPECT_EQ(IncludeGraph().circle(), "");
}

// Above core a wish to stop is a std::stop_token that is passed.
TEST(Boundaries, OnlyCoreAsksWhetherASignalCame) {
  for (const Place& folder : kFolders) {
    if (folder.name == "core") continue;
    for (const fs::path& file : sources_in(folder.name)) {
      std::ifstream in(file.string());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(text.find("interrupted()"), std::string::npos) << file;
    }
  }
}

// What differs between oneDNN's versions stands in one file.
TEST(Boundaries, OneFileAsksForTheVersionOfOneDnn) {
  for (const fs::path& file : fs::recursive_directory_iterator(kRoot / "models")) {
    if (!fs::is_regular_file(file) || file.filename() == "api.hpp") continue;
    std::ifstream in(file.string());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text.find("DNNL_VERSION_"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace steelsight::boundaries_test

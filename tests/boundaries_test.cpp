// The folders' dependencies, as docs/design.md draws them: which project folder and which library a
// folder may include.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "core/filesystem.hpp"

namespace steelsight::boundaries_test {
namespace {

struct Folder {
  std::string name;
  std::set<std::string> may_include;  // other folders of the project
};

const std::vector<Folder> kFolders{
    {"core", {}},
    {"datasets", {"core"}},
    {"preprocessing", {"core"}},
    {"models", {"core"}},
    {"pipeline", {"core", "datasets", "preprocessing", "models"}},
};

// Libraries that belong to some folders alone. The pipeline solves linear systems with OpenCV.
const std::vector<std::pair<std::string, std::set<std::string>>> kLibraries{
    {"oneapi/dnnl", {"models"}},
    {"opencv2", {"preprocessing", "datasets", "pipeline"}},
    {"cairo", {"pipeline"}},
    {"csv.h", {"datasets"}},
};

struct Include {
  fs::path file;
  std::string target;
};

std::vector<Include> includes_of(const std::string& folder) {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> found;
  for (const fs::path& file :
       fs::recursive_directory_iterator(fs::path(STEELSIGHT_SOURCE_DIR) / folder)) {
    if (file.extension() != ".hpp" && file.extension() != ".cpp") continue;
    std::ifstream in(file.string());
    std::smatch match;
    for (std::string line; std::getline(in, line);)
      if (std::regex_search(line, match, pattern)) found.push_back({file, match[1]});
  }
  return found;
}

class Boundaries : public testing::TestWithParam<Folder> {};

TEST_P(Boundaries, IncludesOnlyWhatLiesBelow) {
  const std::vector<Include> includes = includes_of(GetParam().name);
  ASSERT_FALSE(includes.empty());
  for (const Include& include : includes) {
    const std::string top = include.target.substr(0, include.target.find('/'));
    for (const Folder& other : kFolders) {
      if (top == other.name && other.name != GetParam().name) {
        EXPECT_TRUE(GetParam().may_include.contains(top))
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

INSTANTIATE_TEST_SUITE_P(Folders, Boundaries, testing::ValuesIn(kFolders),
                         [](const auto& test) { return test.param.name; });

// What differs between oneDNN's versions stands in one file.
TEST(Boundaries, OneFileAsksForTheVersionOfOneDnn) {
  for (const fs::path& file :
       fs::recursive_directory_iterator(fs::path(STEELSIGHT_SOURCE_DIR) / "models")) {
    if (!fs::is_regular_file(file) || file.filename() == "api.hpp") continue;
    std::ifstream in(file.string());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text.find("DNNL_VERSION_"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace steelsight::boundaries_test

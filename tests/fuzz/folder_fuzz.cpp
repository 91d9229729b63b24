// Folders of images with any names: a line of the input is the path of one file. The last line is
// a pattern for find_images().
#include <algorithm>
#include <sstream>

#include "datasets/image_list.hpp"
#include "datasets/open_dataset.hpp"
#include "tests/fuzz/dataset_checks.hpp"

using namespace steelsight;

namespace {

constexpr std::size_t kMostFiles = 12;

// Names that Linux allows, and none that leads out of the folder.
bool can_be_made(const std::string& line) {
  constexpr std::size_t kLongest = 200;
  return !line.empty() && line.size() <= kLongest && line.front() != '/' && line.back() != '/' &&
         line.find("..") == std::string::npos && line.find('\0') == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const TemporaryFolder folder;
  std::istringstream lines{std::string(fuzzing::text_of(data, size))};
  std::string line;
  for (std::size_t made = 0; made < kMostFiles && std::getline(lines, line); ++made) {
    if (!can_be_made(line)) continue;
    const fs::path file = folder / line;
    boost::system::error_code failure;  // a file stands where a folder should
    fs::create_directories(file.parent_path(), failure);
    ::close(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  const auto dataset = fuzzing::read_or_refuse<DatasetError>(
      [&] { return open_dataset(folder.path(), Labels::optional); });
  if (dataset) fuzzing::check_dataset(*dataset);
  const auto images =
      fuzzing::read_or_refuse<DatasetError>([&] { return find_images({folder.path().string()}); });
  if (!can_be_made(line)) return 0;
  fuzzing::read_or_refuse<DatasetError>([&] { return find_images({(folder / line).string()}); });
  return 0;
}

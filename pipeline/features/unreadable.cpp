#include "pipeline/features/unreadable.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>

#include "core/interrupt.hpp"
#include "core/parallel.hpp"
#include "preprocessing/decode.hpp"

namespace steelsight {
namespace {

using Reasons = std::map<std::size_t, std::string>;  // by position

Reasons unreadable_images(const std::vector<fs::path>& paths, const ReadOptions& options,
                          Console& console) {
  Reasons reasons;
  std::mutex mutex;  // guards them
  const auto read = [&](std::size_t i) {
    try {
      read_image(paths[i]);
    } catch (const ResourceError&) {
      throw;
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      const std::scoped_lock guard(mutex);
      reasons.emplace(i, error.what());
    }
  };
  console.start("reading", paths.size());
  for_each_index(paths.size(), options.threads, read, [&](std::size_t done) {
    console.throw_if_stopped("reading the images");
    console.update(done);
  });
  console.finish();
  return reasons;
}

void warn(const Reasons& reasons, const std::string& what, Console& console) {
  constexpr std::size_t kNamed = 5;
  std::string text =
      std::to_string(reasons.size()) + " " + what + " can't be read and are left out: ";
  std::size_t named = 0;
  for (const auto& [position, reason] : reasons) {
    if (named == kNamed) break;
    text += (named++ == 0 ? "" : "; ") + reason;
  }
  if (reasons.size() > named) text += "; and " + std::to_string(reasons.size() - named) + " more";
  console.warning(text);
}

}  // namespace

void leave_out_unreadable(Split& split, const Dataset& dataset, const Preparation& preparation,
                          const ReadOptions& options, Console& console) {
  for (std::vector<std::size_t>* part : {&split.train, &split.validation}) {
    const Examples examples = examples_of(dataset, *part);
    const Reasons reasons = dataset.table
                                ? scaled_rows(examples, table_preparation(preparation)).errors
                                : unreadable_images(examples.paths, options, console);
    if (reasons.empty()) continue;
    warn(reasons,
         std::string(part == &split.train ? "training" : "validation") +
             (dataset.table ? " rows" : " images"),
         console);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < part->size(); ++i)
      (reasons.contains(i) ? split.left_out : left).push_back((*part)[i]);
    *part = std::move(left);
  }
  std::ranges::sort(split.left_out);
}

}  // namespace steelsight

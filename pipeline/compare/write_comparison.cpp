#include "pipeline/compare/write_comparison.hpp"

#include <string>

#include "core/atomic_file.hpp"
#include "pipeline/compare/comparison_figure.hpp"
#include "pipeline/compare/comparison_json.hpp"
#include "pipeline/compare/comparison_page.hpp"

namespace steelsight {

void write_comparison(const fs::path& folder, const Comparison& comparison,
                      const Thumbnails& thumbnails) {
  for (const char* extension : {".png", ".svg", ".pdf"})
    draw_comparison(folder / (std::string("comparison") + extension), comparison);
  write_file(folder / "comparison.html", comparison_page(comparison, thumbnails, folder));
  // Last: where it is, the rest is.
  write_file(
      folder / "comparison.json",
      comparison_json(comparison).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace steelsight

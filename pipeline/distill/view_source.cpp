#include "pipeline/distill/view_source.hpp"

namespace steelsight {

ViewSource::ViewSource(std::vector<fs::path> paths, Preprocessing preprocessing,
                       LoaderOptions options)
    : paths_(std::move(paths)), preprocessing_(std::move(preprocessing)), options_(options) {}

void ViewSource::start(std::vector<std::size_t> order, Random random) {
  loader_.emplace(paths_, preprocessing_, options_);
  loader_->start(std::move(order), random);
}

}  // namespace steelsight

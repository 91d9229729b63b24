#include "pipeline/unsupervised/row_distances.hpp"

#include <algorithm>
#include <stdexcept>

namespace steelsight {

RowDistances::RowDistances(const cv::Mat& rows) {
  if (rows.type() != CV_32F)
    throw std::invalid_argument("RowDistances: rows are of type " + std::to_string(rows.type()) +
                                ", expected CV_32F");
  rows.convertTo(columns_, CV_64F);
  columns_ = columns_.t();
}

void RowDistances::from(std::size_t i, std::span<double> squared) const {
  std::ranges::fill(squared, 0.0);
  for (int d = 0; d < columns_.rows; ++d) {
    const double* values = columns_.ptr<double>(d);
    const double own = values[i];
    for (std::size_t j = 0; j < squared.size(); ++j)
      squared[j] += (values[j] - own) * (values[j] - own);
  }
}

}  // namespace steelsight

#include "pipeline/train/least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <stdexcept>

#include "datasets/error.hpp"
#include "evaluation/number_text.hpp"
#include "models/loss.hpp"

namespace steelsight {
namespace {

// Ridges that are tried, as shares of the mean squared length of an example's features: powers of
// the root of ten, from 1e-4 to 1e2. The one in the middle of what is good on features of frozen
// networks (docs/design.md) is taken where nothing speaks for another.
constexpr int kFirstPower = -8, kLastPower = 4, kUsualPower = -4;

// Row i of `values` and `targets` is a view of an example, less the mean and times root_weights[i].
struct Regression {
  cv::Mat values;             // n x D, double
  cv::Mat targets;            // n x classes
  cv::Mat root_weights;       // n x 1
  std::vector<int> labels;    // n
  std::vector<int> begins;    // where an example's rows begin; and n
  cv::Mat mean, target_mean;  // 1 x D, 1 x classes; weighted; zero without a bias
  double weight = 0;          // the sum of the rows' weights
  bool bias = true;

  int count() const { return static_cast<int>(begins.size()) - 1; }  // examples
  cv::Range views(int example) const {
    const auto e = static_cast<std::size_t>(example);
    return {begins[e], begins[e + 1]};
  }
  int label(int example) const { return labels[static_cast<std::size_t>(views(example).start)]; }
};

// values = basis diag(sqrt(squares)) V' with orthonormal columns.
struct Spectrum {
  cv::Mat basis;    // n x r
  cv::Mat squares;  // r x 1
};

Regression gather(const Features& features, const std::vector<int>& labels,
                  const LeastSquaresOptions& options) {
  Regression rows;
  std::vector<const float*> found;
  for (std::size_t i = 0; i < features.rows.size(); ++i) {
    if (features.rows[i] == nullptr) continue;
    if (i % features.views == 0) rows.begins.push_back(static_cast<int>(found.size()));
    found.push_back(features.rows[i]);
    rows.labels.push_back(labels[i / features.views]);
  }
  const std::size_t columns = features.row_floats();
  if (found.empty() || std::min(found.size(), columns) > kMaxLeastSquaresSpace)
    throw DatasetError("least squares over " + std::to_string(found.size()) +
                       " examples and views of " + std::to_string(columns) +
                       " features, expected 1 or more, and no more than " +
                       std::to_string(kMaxLeastSquaresSpace) +
                       " of one of both: take fewer views or layers, or /train/head=gradient");
  rows.begins.push_back(static_cast<int>(found.size()));
  const auto n = static_cast<int>(found.size());
  rows.values.create(n, static_cast<int>(columns), CV_64F);
  rows.targets = cv::Mat::zeros(n, static_cast<int>(options.classes), CV_64F);
  rows.root_weights = cv::Mat::ones(n, 1, CV_64F);
  for (int i = 0; i < n; ++i) {
    const auto label = static_cast<std::size_t>(rows.labels[static_cast<std::size_t>(i)]);
    std::copy_n(found[static_cast<std::size_t>(i)], columns, rows.values.ptr<double>(i));
    rows.targets.at<double>(i, static_cast<int>(label)) = 1;
    if (!options.class_weights.empty())
      rows.root_weights.at<double>(i) = std::sqrt(options.class_weights.at(label));
  }
  return rows;
}

// Centred, the bias falls out: it is target_mean - mean W'. Without a bias nothing is centred.
Regression make_regression(const Features& features, const std::vector<int>& labels,
                           const LeastSquaresOptions& options) {
  Regression rows = gather(features, labels, options);
  const cv::Mat weights = rows.root_weights.mul(rows.root_weights);
  rows.weight = cv::sum(weights)[0];
  rows.bias = options.bias;
  rows.mean = cv::Mat::zeros(1, rows.values.cols, CV_64F);
  rows.target_mean = cv::Mat::zeros(1, rows.targets.cols, CV_64F);
  if (options.bias) {
    rows.mean = weights.t() * rows.values / rows.weight;
    rows.target_mean = weights.t() * rows.targets / rows.weight;
  }
  for (int i = 0; i < rows.values.rows; ++i) {
    const double root = rows.root_weights.at<double>(i);
    rows.values.row(i) = (rows.values.row(i) - rows.mean) * root;
    rows.targets.row(i) = (rows.targets.row(i) - rows.target_mean) * root;
  }
  return rows;
}

// In the space of the examples or of the features, whichever is smaller.
Spectrum decompose(const cv::Mat& values) {
  Spectrum spectrum;
  const bool by_examples = values.rows <= values.cols;
  cv::Mat gram, vectors;
  cv::mulTransposed(values, gram, /*aTa=*/!by_examples);
  cv::eigen(gram, spectrum.squares, vectors);
  const double smallest = std::numeric_limits<double>::epsilon() * gram.rows *
                          std::max(0.0, spectrum.squares.at<double>(0));
  spectrum.basis = by_examples ? cv::Mat(vectors.t()) : cv::Mat(values * vectors.t());
  for (int k = 0; k < spectrum.squares.rows; ++k) {
    double& square = spectrum.squares.at<double>(k);
    if (square <= smallest) {
      square = 0;
      spectrum.basis.col(k) = 0;
    } else if (!by_examples) {
      spectrum.basis.col(k) /= std::sqrt(square);
    }
  }
  return spectrum;
}

// basis diag(factors): a column times its factor.
cv::Mat scaled_columns(const cv::Mat& basis, const cv::Mat& factors) {
  return basis.mul(cv::repeat(factors.t(), basis.rows, 1));
}

// What each example would be called by the solution of all others, m x classes: the residual of its
// rows is that of the whole solution, divided by 1 less the rows' part in it (Cook and Weisberg
// 1982, Residuals and Influence in Regression, 2.2). Where nothing is known without the example,
// the classes' shares.
cv::Mat leave_out(const Regression& rows, const Spectrum& spectrum, double penalty) {
  const cv::Mat shrinking = spectrum.squares / (spectrum.squares + penalty);
  cv::Mat roots;
  cv::sqrt(shrinking, roots);
  const cv::Mat part = scaled_columns(spectrum.basis, roots);
  const cv::Mat residuals = rows.targets - part * (part.t() * rows.targets);
  cv::Mat outputs = cv::repeat(rows.target_mean, rows.count(), 1);
  for (int e = 0; e < rows.count(); ++e) {
    const cv::Range views = rows.views(e);
    const cv::Mat root = rows.root_weights.rowRange(views);
    cv::Mat influence = part.rowRange(views) * part.rowRange(views).t();
    if (rows.bias) influence += root * root.t() / rows.weight;
    cv::Mat others;
    const double first = root.at<double>(0);
    if (first > 0 && cv::solve(cv::Mat::eye(influence.size(), CV_64F) - influence,
                               residuals.rowRange(views), others, cv::DECOMP_LU))
      outputs.row(e) += (rows.targets.row(views.start) - others.row(0)) / first;
  }
  return outputs;
}

// The share of the right ones among left-out examples, each counting by its weight.
double score(const Regression& rows, const cv::Mat& outputs) {
  double right = 0, all = 0;
  for (int e = 0; e < rows.count(); ++e) {
    const double weight = std::pow(rows.root_weights.at<double>(rows.views(e).start), 2);
    cv::Point best;
    cv::minMaxLoc(outputs.row(e), nullptr, nullptr, nullptr, &best);
    if (best.x == rows.label(e)) right += weight;
    all += weight;
  }
  return all > 0 ? right / all : 0;
}

// The penalty of the squared weights, of the sum of the squared errors.
double choose_penalty(const Regression& rows, const Spectrum& spectrum) {
  const double squares = cv::sum(spectrum.squares)[0];
  const double length = squares > 0 ? squares / rows.count() : 1;  // 0: any gives the bias alone
  const auto penalty = [&](int power) { return std::pow(10.0, power / 2.0) * length; };
  std::map<int, double> scores;
  for (int power = kFirstPower; power <= kLastPower; ++power)
    scores[power] = score(rows, leave_out(rows, spectrum, penalty(power)));
  const double best =
      std::ranges::max_element(scores, {}, [](const auto& s) { return s.second; })->second;
  const double least = best - std::sqrt(best * (1 - best) / rows.count());
  std::optional<int> chosen;
  for (const auto& [power, value] : scores)
    if (value >= least &&
        (!chosen || std::abs(power - kUsualPower) < std::abs(*chosen - kUsualPower)))
      chosen = power;
  return penalty(chosen.value_or(kUsualPower));
}

// As logits of the scale that fits them, which it gives.
double scale_logits(Validated& left_out, const cv::Mat& outputs, const Regression& rows) {
  for (int e = 0; e < rows.count(); ++e) {
    left_out.labels.push_back(rows.label(e));
    for (int k = 0; k < outputs.cols; ++k)
      left_out.logits.push_back(static_cast<float>(outputs.at<double>(e, k)));
  }
  const double scale = 1 / fit_temperature(left_out.logits, left_out.labels);
  for (float& logit : left_out.logits) logit *= static_cast<float>(scale);
  return scale;
}

Tensor to_tensor(const cv::Mat& values, const std::vector<std::int64_t>& shape) {
  Tensor tensor{shape, {}};
  for (int row = 0; row < values.rows; ++row)
    for (int column = 0; column < values.cols; ++column)
      tensor.values.push_back(static_cast<float>(values.at<double>(row, column)));
  return tensor;
}

[[noreturn]] void refuse(const Regression& rows, double size, double ridge) {
  throw DatasetError("least squares over " + std::to_string(rows.values.rows) +
                     " examples and views has no certain solution: the features' squares sum to " +
                     number_text(size) + ", beside which /train/ridge=" + number_text(ridge) +
                     " is nothing; take a larger one, or /train/head=gradient");
}

}  // namespace

LeastSquaresFit least_squares_head(const Features& features, const std::vector<int>& labels,
                                   const LeastSquaresOptions& options) {
  if (!(options.ridge >= 0)) throw std::invalid_argument("ridge is not 0 or more");
  const Regression rows = make_regression(features, labels, options);
  const Spectrum spectrum = decompose(rows.values);
  const auto n = static_cast<double>(rows.values.rows);
  const double penalty = options.ridge > 0 ? n * options.ridge : choose_penalty(rows, spectrum);
  const double size = cv::sum(spectrum.squares)[0];
  if (!(penalty > n * std::numeric_limits<double>::epsilon() * size))
    refuse(rows, size, penalty / n);

  // W = A' U (diag(squares) + penalty)^-1 U' T.
  const cv::Mat dual = scaled_columns(spectrum.basis, 1 / (spectrum.squares + penalty)) *
                       (spectrum.basis.t() * rows.targets);
  const cv::Mat weight = dual.t() * rows.values;
  if (!cv::checkRange(weight)) refuse(rows, size, penalty / n);
  LeastSquaresFit fit{.head = {}, .ridge = penalty / n, .scale = 1, .left_out = {}};
  fit.scale = scale_logits(fit.left_out, leave_out(rows, spectrum, penalty), rows);
  fit.head.weight = to_tensor(weight * fit.scale, {weight.rows, weight.cols});
  if (options.bias)
    fit.head.bias = to_tensor((rows.target_mean - rows.mean * weight.t()) * fit.scale,
                              {static_cast<std::int64_t>(options.classes)});
  return fit;
}

Accuracy accuracy_of(const Validated& left_out) {
  const auto& [logits, labels, distances] = left_out;
  Accuracy accuracy{.n = labels.size(), .correct = 0};
  const std::size_t classes = labels.empty() ? 0 : logits.size() / labels.size();
  for (std::size_t i = 0; i < labels.size(); ++i)
    accuracy.correct += argmax(std::span(logits).subspan(i * classes, classes)) == labels[i];
  return accuracy;
}

}  // namespace steelsight

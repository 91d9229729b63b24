#include "preprocessing/preprocessing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <opencv2/imgproc.hpp>
#include <span>
#include <stdexcept>

#include "core/error.hpp"
#include "core/name_table.hpp"

namespace steelsight {
namespace {

constexpr int kMaxSide = 4096;
constexpr NamedValue<Interpolation> kInterpolations[] = {{Interpolation::nearest, "nearest"},
                                                         {Interpolation::linear, "linear"},
                                                         {Interpolation::cubic, "cubic"},
                                                         {Interpolation::area, "area"},
                                                         {Interpolation::lanczos, "lanczos"}};
constexpr NamedValue<ChannelOrder> kChannelOrders[] = {
    {ChannelOrder::gray, "gray"}, {ChannelOrder::rgb, "rgb"}, {ChannelOrder::bgr, "bgr"}};

int opencv_flag(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::nearest:
      return cv::INTER_NEAREST;
    case Interpolation::linear:
      return cv::INTER_LINEAR;
    case Interpolation::cubic:
      return cv::INTER_CUBIC;
    case Interpolation::area:
      return cv::INTER_AREA;
    case Interpolation::lanczos:
      return cv::INTER_LANCZOS4;
  }
  throw std::invalid_argument("Interpolation has no such value");
}

void check_image(const cv::Mat& image) {
  const bool depth = image.depth() == CV_8U || image.depth() == CV_16U;
  if (image.empty() || !depth || (image.channels() != 1 && image.channels() != 3))
    throw std::invalid_argument("image is " + std::to_string(image.cols) + "x" +
                                std::to_string(image.rows) + " of OpenCV type " +
                                std::to_string(image.type()) +
                                ", expected 8 or 16 bits and 1 or 3 channels");
}

// The 8-bit image that a 16-bit one is whose samples are all multiples of 257, so that both are
// rounded alike on their way; any other as it is.
cv::Mat narrowed(const cv::Mat& image) {
  if (image.depth() != CV_16U) return image;
  const int samples = image.cols * image.channels();
  for (int y = 0; y < image.rows; ++y) {
    const std::span row(image.ptr<std::uint16_t>(y), static_cast<std::size_t>(samples));
    if (!std::ranges::all_of(row, [](std::uint16_t sample) { return sample % 257 == 0; }))
      return image;
  }
  cv::Mat narrow;
  image.convertTo(narrow, CV_8U, 1.0 / 257);
  return narrow;
}

// The weights of an image's channels (gray or B, G, R) in one plane of the input.
std::array<float, 3> plane_weights(int image_channels, ChannelOrder order, int plane) {
  if (image_channels == 1) return {1, 0, 0};
  if (order == ChannelOrder::gray) return {0.114f, 0.587f, 0.299f};
  std::array<float, 3> weights{};
  weights[static_cast<std::size_t>(order == ChannelOrder::bgr ? plane : 2 - plane)] = 1;
  return weights;
}

struct Normalisation {
  float scale, mean, std;
  float operator()(float sample) const { return (sample * scale - mean) / std; }
};

template <class Sample>
void fill_plane(const cv::Mat& image, const std::array<float, 3>& weights,
                const Normalisation& normalise, float* plane) {
  for (int y = 0; y < image.rows; ++y, plane += image.cols) {
    const Sample* from = image.ptr<Sample>(y);
    if (image.channels() == 1) {
      for (int x = 0; x < image.cols; ++x) plane[x] = normalise(from[x]);
    } else {
      for (int x = 0; x < image.cols; ++x, from += 3)
        plane[x] = normalise(weights[0] * from[0] + weights[1] * from[1] + weights[2] * from[2]);
    }
  }
}

void standardize(float* values, std::size_t count) {
  constexpr double kBlank = 0.1;  // deviation below which an image is taken for blank
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += static_cast<double>(values[i]);
    squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  const double mean = sum / static_cast<double>(count);
  const double variance = std::max(0.0, squares / static_cast<double>(count) - mean * mean);
  const auto scale = static_cast<float>(1 / (std::sqrt(variance) + kBlank));
  for (std::size_t i = 0; i < count; ++i)
    values[i] = (values[i] - static_cast<float>(mean)) * scale;
}

}  // namespace

std::size_t Preprocessing::floats() const {
  return static_cast<std::size_t>(channels()) * static_cast<std::size_t>(height) *
         static_cast<std::size_t>(width);
}

Preprocessing keras_vgg16() {
  return {.channel_order = ChannelOrder::bgr,
          .maximum = 255,
          .mean = {103.939, 116.779, 123.68},
          .std = {1, 1, 1}};
}

Preprocessing torchvision_vgg16() {
  return {.channel_order = ChannelOrder::rgb,
          .maximum = 1,
          .mean = {0.485, 0.456, 0.406},
          .std = {0.229, 0.224, 0.225}};
}

Preprocessing from_scratch(int size) {
  return {.width = size,
          .height = size,
          .interpolation = Interpolation::area,
          .channel_order = ChannelOrder::gray,
          .maximum = 1,
          .mean = {0.5},
          .std = {0.2},
          .standardize = true};
}

void validate(const Preprocessing& p, const std::string& path) {
  const auto check = [&](bool good, const std::string& key, const std::string& got,
                         const std::string& expected) {
    if (!good) throw ConfigError(path + "/" + key + " is " + got + ", expected " + expected);
  };
  const std::string sides = "1 to " + std::to_string(kMaxSide);
  check(p.width >= 1 && p.width <= kMaxSide, "width", std::to_string(p.width), sides);
  check(p.height >= 1 && p.height <= kMaxSide, "height", std::to_string(p.height), sides);
  check(p.maximum > 0 && std::isfinite(p.maximum), "maximum", std::to_string(p.maximum),
        "a number above 0");
  const std::size_t channels = static_cast<std::size_t>(p.channels());
  const std::string one_each = std::to_string(channels) + ", one for each channel";
  check(p.mean.size() == channels, "mean", std::to_string(p.mean.size()) + " numbers", one_each);
  check(p.std.size() == channels, "std", std::to_string(p.std.size()) + " numbers", one_each);
  for (const double mean : p.mean)
    check(std::isfinite(mean), "mean", std::to_string(mean), "finite numbers");
  for (const double std : p.std)
    check(std > 0 && std::isfinite(std), "std", std::to_string(std), "numbers above 0");
}

Json to_json(const Preprocessing& p) {
  return {{"width", p.width},
          {"height", p.height},
          {"interpolation", name_of(kInterpolations, p.interpolation)},
          {"channel_order", name_of(kChannelOrders, p.channel_order)},
          {"maximum", p.maximum},
          {"mean", p.mean},
          {"std", p.std},
          {"standardize", p.standardize}};
}

Preprocessing preprocessing_from_json(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  Preprocessing p;
  p.width = object.require<int>("width");
  p.height = object.require<int>("height");
  p.interpolation = value_of(kInterpolations, object.require<std::string>("interpolation"),
                             path + "/interpolation");
  p.channel_order = value_of(kChannelOrders, object.require<std::string>("channel_order"),
                             path + "/channel_order");
  p.maximum = object.require<double>("maximum");
  p.mean = object.require<std::vector<double>>("mean");
  p.std = object.require<std::vector<double>>("std");
  p.standardize = object.require<bool>("standardize");
  object.finish();
  validate(p, path);
  return p;
}

cv::Mat resize_image(const cv::Mat& given, const Preprocessing& p) {
  check_image(given);
  cv::Mat image = narrowed(given);
  if (image.cols == p.width && image.rows == p.height) return image;
  cv::Mat resized;
  cv::resize(image, resized, cv::Size(p.width, p.height), 0, 0, opencv_flag(p.interpolation));
  return resized;
}

void to_planes(const cv::Mat& image, const Preprocessing& p, float* planes) {
  const cv::Mat resized = resize_image(image, p);
  const bool wide = resized.depth() == CV_16U;
  const auto scale = static_cast<float>(p.maximum / (wide ? 65535 : 255));
  for (int c = 0; c < p.channels(); ++c) {
    const auto channel = static_cast<std::size_t>(c);
    float* plane = planes + channel * resized.total();
    const auto weights = plane_weights(resized.channels(), p.channel_order, c);
    const Normalisation normalise{scale, static_cast<float>(p.mean.at(channel)),
                                  static_cast<float>(p.std.at(channel))};
    if (wide)
      fill_plane<std::uint16_t>(resized, weights, normalise, plane);
    else
      fill_plane<std::uint8_t>(resized, weights, normalise, plane);
  }
  if (p.standardize) standardize(planes, p.floats());
}

}  // namespace steelsight

#include "preprocessing/augmentation.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "core/error.hpp"

namespace steelsight {
namespace {

// Every field with its name and its largest value.
struct Field {
  const char* name;
  double Augmentation::*value;
  double most;
};

constexpr std::array kFields{
    Field{"flip_probability", &Augmentation::flip_probability, 1},
    Field{"turn_probability", &Augmentation::turn_probability, 1},
    Field{"move_probability", &Augmentation::move_probability, 1},
    Field{"max_shift", &Augmentation::max_shift, 0.5},
    Field{"max_zoom", &Augmentation::max_zoom, 1},
    Field{"tone_probability", &Augmentation::tone_probability, 1},
    Field{"max_brightness", &Augmentation::max_brightness, 1},
    Field{"max_contrast", &Augmentation::max_contrast, 4},
    Field{"light_probability", &Augmentation::light_probability, 1},
    Field{"max_light", &Augmentation::max_light, 1},
    Field{"blur_probability", &Augmentation::blur_probability, 1},
    Field{"max_blur", &Augmentation::max_blur, 20},
    Field{"noise_probability", &Augmentation::noise_probability, 1},
    Field{"max_noise", &Augmentation::max_noise, 1},
};

// Each change draws from a generator of its own, so that switching one off leaves the others alone.
enum class Change : std::uint64_t { flip, turn, move, tone, light, blur, noise };

Random draws_of(const Random& random, Change change) {
  return random.child(static_cast<std::uint64_t>(change));
}

bool happens(Random& random, double probability) {
  return random.chance(static_cast<float>(probability));
}

double draw(Random& random, double low, double high) {
  return low + (high - low) * static_cast<double>(random.uniform());
}

// A factor from 1 / (1 + most) to 1 + most, as often below 1 as above.
double draw_factor(Random& random, double most) {
  return std::pow(1 + most, draw(random, -1, 1));
}

cv::Mat flipped_and_turned(cv::Mat image, const Augmentation& a, const Random& random) {
  Random flips = draws_of(random, Change::flip), turns = draws_of(random, Change::turn);
  const bool left_right = happens(flips, a.flip_probability);
  const bool up_down = happens(flips, a.flip_probability);
  if (image.rows == image.cols && happens(turns, a.turn_probability))
    cv::rotate(image, image, cv::ROTATE_90_CLOCKWISE);
  if (left_right || up_down) cv::flip(image, image, up_down ? (left_right ? -1 : 0) : 1);
  return image;
}

cv::Mat moved(const cv::Mat& image, const Augmentation& a, Random random) {
  if (!happens(random, a.move_probability)) return image;
  const double shift_x = std::round(draw(random, -a.max_shift, a.max_shift) * image.cols);
  const double shift_y = std::round(draw(random, -a.max_shift, a.max_shift) * image.rows);
  const double zoom = draw_factor(random, a.max_zoom);
  const double centre_x = (image.cols - 1) / 2.0, centre_y = (image.rows - 1) / 2.0;
  const cv::Matx23d to_target(zoom, 0, centre_x + shift_x - zoom * centre_x,  //
                              0, zoom, centre_y + shift_y - zoom * centre_y);
  cv::Mat result;
  cv::warpAffine(image, result, to_target, image.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  return result;
}

cv::Mat blurred(const cv::Mat& image, const Augmentation& a, Random random) {
  if (!happens(random, a.blur_probability)) return image;
  const double sigma = draw(random, 0, a.max_blur);
  if (sigma < 0.1) return image;  // the kernel would be a single 1
  cv::Mat result;
  cv::GaussianBlur(image, result, cv::Size(), sigma, sigma, cv::BORDER_REFLECT_101);
  return result;
}

// What happens to a pixel's value v: (v * gain + offset) * (1 + slope_x x + slope_y y) + noise,
// with x and y from -1 to 1 across the image and values in units of white.
struct Exposure {
  float gain = 1, offset = 0;
  float slope_x = 0, slope_y = 0;
  cv::Mat noise;  // CV_32FC1, or empty
};

Exposure draw_exposure(const cv::Mat& image, double white, const Augmentation& a,
                       const Random& random) {
  Exposure exposure;
  Random tone = draws_of(random, Change::tone);
  if (happens(tone, a.tone_probability)) {
    const cv::Scalar means = cv::mean(image);
    double mean = 0;
    for (int c = 0; c < image.channels(); ++c) mean += means[c] / white / image.channels();
    const double gain = draw_factor(tone, a.max_contrast);
    exposure.gain = static_cast<float>(gain);
    exposure.offset =
        static_cast<float>(mean * (1 - gain) + draw(tone, -a.max_brightness, a.max_brightness));
  }
  Random light = draws_of(random, Change::light);
  if (happens(light, a.light_probability)) {
    const double slope = draw(light, 0, a.max_light);
    const double angle = draw(light, 0, 2 * std::numbers::pi);
    // Divided so that the corner, where both add up, doesn't exceed the slope.
    const double most = std::abs(std::cos(angle)) + std::abs(std::sin(angle));
    exposure.slope_x = static_cast<float>(slope * std::cos(angle) / most);
    exposure.slope_y = static_cast<float>(slope * std::sin(angle) / most);
  }
  Random noise = draws_of(random, Change::noise);
  if (happens(noise, a.noise_probability)) {
    const double deviation = draw(noise, 0, a.max_noise);
    exposure.noise.create(image.size(), CV_32FC1);
    cv::RNG(noise.next64()).fill(exposure.noise, cv::RNG::NORMAL, 0, deviation);
  }
  return exposure;
}

// The change from one of `size` positions to the next, where all go from -1 to 1.
float step_across(int size) {
  return size == 1 ? 0.0f : 2.0f / static_cast<float>(size - 1);
}

template <class Sample>
void expose(cv::Mat& image, const Exposure& e, float white) {
  const int channels = image.channels();
  const float step_x = step_across(image.cols), step_y = step_across(image.rows);
  for (int y = 0; y < image.rows; ++y) {
    Sample* row = image.ptr<Sample>(y);
    const float* noise = e.noise.empty() ? nullptr : e.noise.ptr<float>(y);
    const float light_y = 1 + e.slope_y * (step_y * static_cast<float>(y) - 1);
    for (int x = 0; x < image.cols; ++x) {
      const float light = light_y + e.slope_x * (step_x * static_cast<float>(x) - 1);
      const float gain = e.gain * light;
      const float offset = white * (e.offset * light + (noise == nullptr ? 0 : noise[x]));
      for (int c = 0; c < channels; ++c, ++row)
        *row = cv::saturate_cast<Sample>(*row * gain + offset);
    }
  }
}

}  // namespace

Augmentation Augmentation::none() {
  Augmentation a;
  for (const Field& field : kFields) a.*field.value = 0;
  return a;
}

Augmentation Augmentation::geometry() const {
  Augmentation a = *this;
  a.tone_probability = a.light_probability = a.blur_probability = a.noise_probability = 0;
  return a;
}

Augmentation Augmentation::appearance() const {
  Augmentation a = *this;
  a.flip_probability = a.turn_probability = a.move_probability = 0;
  return a;
}

void validate(const Augmentation& a, const std::string& path) {
  for (const Field& field : kFields) {
    const double value = a.*field.value;
    if (!(value >= 0 && value <= field.most))
      throw ConfigError(path + "/" + field.name + " is " + Json(value).dump() + ", expected 0 to " +
                        Json(field.most).dump());
  }
}

Json to_json(const Augmentation& a) {
  Json json = Json::object();
  for (const Field& field : kFields) json[field.name] = a.*field.value;
  return json;
}

Augmentation augmentation_from_json(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  Augmentation a;
  for (const Field& field : kFields) object.read(field.name, a.*field.value);
  object.finish();
  validate(a, path);
  return a;
}

cv::Mat augment(const cv::Mat& image, const Augmentation& a, Random random) {
  if (image.empty() || (image.depth() != CV_8U && image.depth() != CV_16U))
    throw std::invalid_argument("image is empty or of OpenCV type " + std::to_string(image.type()) +
                                ", expected 8 or 16 bits");
  const bool wide = image.depth() == CV_16U;
  const float white = wide ? 65535 : 255;
  cv::Mat result = flipped_and_turned(image.clone(), a, random);
  result = moved(result, a, draws_of(random, Change::move));
  result = blurred(result, a, draws_of(random, Change::blur));
  const Exposure exposure = draw_exposure(result, white, a, random);
  if (wide)
    expose<std::uint16_t>(result, exposure, white);
  else
    expose<std::uint8_t>(result, exposure, white);
  return result;
}

}  // namespace steelsight

#include "datasets/synth.hpp"

#include <fcntl.h>

#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/output_claim.hpp"
#include "core/random.hpp"
#include "datasets/synth_textures.hpp"

namespace steelsight {
namespace {

float draw_from(Random& random, const Range& range) {
  return random.uniform(range.low, range.high);
}

// Light that falls off towards one side: a factor around 1.
Field illumination(Random& random) {
  const float across = random.uniform(-0.25f, 0.25f);
  const float along = random.uniform(-0.1f, 0.1f);
  Field light(kSynthSide, kSynthSide);
  for (int y = 0; y < kSynthSide; ++y)
    for (int x = 0; x < kSynthSide; ++x)
      light(y, x) = 1 + across * (2.0f * static_cast<float>(x) / kSynthSide - 1) +
                    along * (2.0f * static_cast<float>(y) / kSynthSide - 1);
  return light;
}

cv::Mat1b draw_image(std::size_t class_index, Random random) {
  const Texture& texture = textures()[class_index];
  Field field = standardized(texture.draw(random));
  // No real defect comes alone: a trace of another class.
  const Texture& other = textures()[random.below(textures().size())];
  const float trace = random.chance(0.7f) ? random.uniform(0.1f, 0.6f) : 0.0f;
  field = standardized(field + trace * standardized(other.draw(random)));

  if (random.chance(0.3f)) cv::GaussianBlur(field, field, cv::Size(), random.uniform(0.3f, 0.9f));
  const float mean = draw_from(random, texture.mean);
  const float deviation = draw_from(random, texture.deviation);
  field = (mean + deviation * field).mul(illumination(random));
  const float camera_noise = random.uniform(0.3f, 2);
  field += camera_noise * noise(random, {.along_x = 0, .along_y = 0});
  cv::Mat1b image;
  field.convertTo(image, CV_8U);
  return image;
}

// 8 bits a pixel with a gray palette, as NEU-CLS has them; preprocessing/ only decodes.
std::string gray_bmp(const cv::Mat1b& image) {
  constexpr std::uint32_t kHeaderBytes = 54, kColours = 256;
  const auto width = static_cast<std::uint32_t>(image.cols);
  const auto height = static_cast<std::uint32_t>(image.rows);
  const std::uint32_t row_bytes = (width + 3) / 4 * 4;
  std::string bmp = "BM";
  const auto append = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bmp += static_cast<char>(value >> (8 * i));
  };
  const std::uint32_t start = kHeaderBytes + 4 * kColours;
  for (const std::uint32_t value : {start + row_bytes * height, 0u, start, 40u, width, height})
    append(value, 4);
  append(1, 2);                              // planes
  append(8, 2);                              // bits a pixel
  for (int i = 0; i < 6; ++i) append(0, 4);  // uncompressed; the rest is not stated
  for (std::uint32_t gray = 0; gray < kColours; ++gray) append(gray * 0x010101, 4);
  for (int y = image.rows - 1; y >= 0; --y) {  // from the bottom
    bmp.append(reinterpret_cast<const char*>(image[y]), width);
    bmp.append(row_bytes - width, '\0');
  }
  return bmp;
}

// Not an AtomicFile: thousands of files that can be made again are not worth a sync each.
void write_bmp(const fs::path& file, const cv::Mat1b& image) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  Descriptor descriptor(::open(file.c_str(), kFlags, 0666));
  if (!descriptor.is_open())
    descriptor = open_to_write(file);  // waits for a FIFO's reader, or throws
  const std::string bmp = gray_bmp(image);
  write_all(descriptor, bmp.data(), bmp.size(), file);
}

}  // namespace

void synthesize(const SynthOptions& options) {
  if (options.per_class < 1 || options.per_class > 100000)
    throw ConfigError("synth: " + std::to_string(options.per_class) +
                      " images per class, expected 1 to 100000");
  if (options.size < 16 || options.size > 1024)
    throw ConfigError("synth: size is " + std::to_string(options.size) + ", expected 16 to 1024");
  const OutputClaim claim = claim_folder(options.folder);
  const Random random(options.seed);
  for (std::size_t c = 0; c < textures().size(); ++c) {
    for (std::size_t i = 1; i <= options.per_class; ++i) {
      cv::Mat1b image = draw_image(c, random.child(c).child(i));
      if (options.size != kSynthSide)
        cv::resize(image, image, cv::Size(options.size, options.size), 0, 0,
                   options.size < kSynthSide ? cv::INTER_AREA : cv::INTER_CUBIC);
      const std::string name = std::string(textures()[c].prefix) + "_" + std::to_string(i) + ".bmp";
      write_bmp(options.folder / name, image);
    }
  }
}

}  // namespace steelsight

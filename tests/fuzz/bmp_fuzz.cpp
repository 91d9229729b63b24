// BMP files: the decoder is our own. The mark of the kind is written over the first two bytes, as
// most inputs would fail by it.
#include "preprocessing/decode.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string bytes = "BM" + std::string(fuzzing::text_of(data, size).substr(2));
  constexpr ImageLimits kLimits{.max_side = 4096, .max_pixels = 1 << 14};
  const auto image =
      fuzzing::read_or_refuse<ImageError>([&] { return decode_image(bytes, "bmp", kLimits); });
  if (!image) return 0;
  const ImageHeader header = read_image_header(bytes, "bmp");
  fuzzing::require(image->rows == header.height && image->cols == header.width,
                   "an image of the size that the header says");
  fuzzing::require(image->type() == CV_8UC1 || image->type() == CV_8UC3, "gray or BGR, 8 bits");
  return 0;
}

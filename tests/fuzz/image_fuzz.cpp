// Image files of all kinds: our checks of the header, then OpenCV's decoders.
#include <boost/crc.hpp>
#include <opencv2/core/utility.hpp>

#include "preprocessing/decode.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

constexpr ImageLimits kLimits{.max_side = 4096, .max_pixels = 1 << 14};

void decode(std::string_view bytes) {
  const auto image =
      fuzzing::read_or_refuse<ImageError>([&] { return decode_image(bytes, "image", kLimits); });
  if (!image) return;
  fuzzing::require(image->depth() == CV_8U || image->depth() == CV_16U, "8 or 16 bits");
  fuzzing::require(image->channels() == 1 || image->channels() == 3, "gray or BGR");
  fuzzing::require(image->total() > 0 && std::cmp_less_equal(image->total(), kLimits.max_pixels),
                   "an image within the limits");
}

// Every chunk's checksum made right: few inputs would come behind them.
std::string with_png_checksums(std::string bytes) {
  constexpr std::size_t kSignature = 8, kAroundContent = 12;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t at = kSignature; at + kAroundContent <= bytes.size();) {
    const std::size_t length = std::size_t{byte(at)} << 24 | std::size_t{byte(at + 1)} << 16 |
                               std::size_t{byte(at + 2)} << 8 | byte(at + 3);
    if (length > bytes.size() - at - kAroundContent) break;
    boost::crc_32_type checksum;
    checksum.process_bytes(bytes.data() + at + 4, length + 4);
    for (std::size_t i = 0; i < 4; ++i)
      bytes[at + 8 + length + i] = static_cast<char>(checksum.checksum() >> (24 - 8 * i));
    at += length + kAroundContent;
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  cv::setNumThreads(1);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzzing::text_of(data, size);
  if (bytes.starts_with("\x89PNG"))
    decode(with_png_checksums(std::string(bytes)));
  else
    decode(bytes);
  return 0;
}

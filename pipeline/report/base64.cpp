#include "pipeline/report/base64.hpp"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>

namespace steelsight {

std::string base64(std::string_view bytes) {
  using Digits = boost::archive::iterators::base64_from_binary<
      boost::archive::iterators::transform_width<const char*, 6, 8>>;
  // The iterator reads whole groups of three bytes: the last one is filled up.
  const std::size_t missing = (3 - bytes.size() % 3) % 3;
  std::string filled(bytes);
  filled.append(missing, '\0');
  std::string text(Digits(filled.data()), Digits(filled.data() + filled.size()));
  text.replace(text.size() - missing, missing, missing, '=');
  return text;
}

std::string data_uri(const std::string& media_type, std::string_view bytes) {
  return "data:" + media_type + ";base64," + base64(bytes);
}

}  // namespace steelsight

// Texts: UTF-8, the order of names, cells that a spreadsheet could take for formulas, hashes.
#include <array>
#include <stdexcept>

#include "core/content_hash.hpp"
#include "datasets/csv.hpp"
#include "datasets/natural_order.hpp"
#include "datasets/utf8.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

void check_utf8(std::string_view text) {
  const std::string made = to_utf8(text);
  fuzzing::require(is_utf8(made), "to_utf8() to give UTF-8");
  fuzzing::require(is_utf8(text) == (made == text), "UTF-8 to stay as it is, all else to change");
}

// A strict weak order of any three texts.
void check_order(std::string_view a, std::string_view b, std::string_view c) {
  fuzzing::require(!natural_less(a, a), "nothing before itself");
  fuzzing::require(a == b || natural_less(a, b) != natural_less(b, a),
                   "one of two before the other");
  if (natural_less(a, b) && natural_less(b, c))
    fuzzing::require(natural_less(a, c), "an order that is transitive");
}

void check_hash(const std::string& digits) {
  try {
    fuzzing::require(to_hex(from_hex(digits)) == ascii_lower(digits), "the same digits");
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzzing::text_of(data, size);
  check_utf8(text);
  check_utf8(ascii_lower(text));
  const std::string cell(text);
  fuzzing::require(text_of_cell(text_cell(cell)) == cell, "the cell's text to come back");
  check_hash(cell);
  const std::size_t third = size / 3;
  std::array parts{text.substr(0, third), text.substr(third, third), text.substr(2 * third)};
  for (int turn = 0; turn < 3; ++turn) {
    check_order(parts[0], parts[1], parts[2]);
    check_order(parts[0], parts[2], parts[1]);
    std::swap(parts[0], parts[1]);
    std::swap(parts[1], parts[2]);
  }
  return 0;
}

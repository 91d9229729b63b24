#include "datasets/label_twins.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <new>

#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

// The text by utf8proc's options; itself if it is not UTF-8.
std::string mapped(const std::string& text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &result,
                                             static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (size < 0) return text;
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

std::string composed(const std::string& text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string without_blanks(const std::string& text) {
  std::string result;
  bool is_behind_blank = true;
  for (const char c : text) {
    const bool is_blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!is_blank)
      result += c;
    else if (!is_behind_blank)
      result += ' ';
    is_behind_blank = is_blank;
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace

std::string label_key(const std::string& label) {
  // NFKC_Casefold as Unicode defines it; it makes spaces of blanks that don't break.
  return without_blanks(mapped(label, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                          UTF8PROC_CASEFOLD | UTF8PROC_IGNORE));
}

std::string difference_of_twins(const std::string& a, const std::string& b) {
  if (composed(a) == composed(b)) return "Unicode form";
  if (without_blanks(a) == without_blanks(b)) return "blanks";
  const int folded = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
  if (mapped(a, folded) == mapped(b, folded)) return "case";
  return "case, blanks or Unicode form";
}

std::vector<std::string> label_warnings(const std::vector<std::string>& class_names) {
  std::vector<std::string> warnings;
  std::map<std::string, std::string> first_with;
  for (const std::string& name : class_names) {
    const auto [first, is_new] = first_with.emplace(label_key(name), name);
    if (!is_new)
      warnings.push_back("classes '" + first->second + "' and '" + name + "' differ only in " +
                         difference_of_twins(first->second, name) +
                         "; they are kept as two classes");
    else if (without_blanks(name) != name)
      warnings.push_back("class '" + name + "' has blanks at its ends or several in a row");
  }
  return warnings;
}

}  // namespace steelsight

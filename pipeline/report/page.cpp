#include "pipeline/report/page.hpp"

#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "pipeline/report/base64.hpp"
#include "pipeline/report/page_files.hpp"

namespace steelsight {

std::string render_page(const std::string& page_template, const std::string& script,
                        PageContent content, const std::string& secret) {
  const auto partial = [](const char* text) {
    return kainjow::mustache::partial([text] { return std::string(text); });
  };
  content.set("head", partial(kHeadPartial));
  content.set("card", partial(kCardPartial));
  content.set("zoom", partial(kZoomPartial));
  content.set("style", kPageStyle);
  content.set("script", script);
  content.set("nonce", to_hex(content_hash(secret.data(), secret.size())));
  kainjow::mustache::mustache document{page_template};
  std::string text = document.render(content);
  if (!document.is_valid()) throw std::logic_error("render_page: " + document.error_message());
  return text;
}

std::string script_json(const Json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

std::string figure_uri(const fs::path& folder, const std::string& name) {
  return data_uri("image/svg+xml", read_file(folder / (name + ".svg")));
}

std::string jpeg_uri(const std::string& bytes) {
  return data_uri("image/jpeg", bytes);
}

PageContent named_value(const std::string& name, const std::string& value) {
  PageContent result{"name", to_utf8(name)};
  result.set("value", to_utf8(value));
  return result;
}

void set_text(PageContent& content, const std::string& name, const std::string& text) {
  if (!text.empty()) content.set(name, to_utf8(text));
}

}  // namespace steelsight

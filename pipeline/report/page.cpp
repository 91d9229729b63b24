#include "pipeline/report/page.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "evaluation/number_text.hpp"
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
  content.set("left_out_table", partial(kLeftOutPartial));
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

void set_averages(PageContent& content, const std::string& name, const PrecisionRecall& average) {
  content.set(name + "_precision", percent_text(average.precision));
  content.set(name + "_recall", percent_text(average.recall));
  content.set(name + "_f1", percent_text(average.f1));
}

void set_left_out(PageContent& content, const LeftOut& items, const std::string& kind,
                  const std::string& file) {
  constexpr std::size_t kMostShown = 200;
  const std::size_t shown = std::min(items.size(), kMostShown);
  content.set("has_left_out", !items.empty());
  content.set("left_out_kind", kind);
  content.set("left_out_items",
              list_of(std::span(items).first(shown), [](const auto& item, std::size_t) {
                return named_value(item.first, item.second);
              }));
  if (shown < items.size())
    content.set("more_left_out",
                "and " + number_text(items.size() - shown) + " more, in " + file + ".");
}

void set_text(PageContent& content, const std::string& name, const std::string& text) {
  if (!text.empty()) content.set(name, to_utf8(text));
}

}  // namespace steelsight

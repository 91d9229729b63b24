#include "pipeline/train/run_identity.hpp"

#include <algorithm>
#include <vector>

#include "core/content_hash.hpp"

namespace steelsight {
namespace {

std::vector<std::string> contents_of(const RunIdentity& identity) {
  std::vector<std::string> contents;
  for (const auto& [name, content] : identity.examples) contents.push_back(content);
  std::ranges::sort(contents);
  return contents;
}

// "3 of its images are other ones; the first: Cr_7.bmp is changed".
std::string difference_of_examples(const RunIdentity& begun, const RunIdentity& now) {
  std::size_t count = 0;
  std::string first;
  const auto note = [&](const std::string& name, const char* what) {
    if (count++ == 0) first = name + what;
  };
  for (const auto& [name, content] : begun.examples) {
    const auto found = now.examples.find(name);
    if (found == now.examples.end())
      note(name, " is missing, or can't be read");
    else if (found->second != content)
      note(name, " is changed, or in another part or class");
  }
  for (const auto& [name, content] : now.examples)
    if (!begun.examples.contains(name)) note(name, " is new");
  return std::to_string(count) + " of its images are other ones; the first: " + first;
}

}  // namespace

std::string value_at(const Json& json, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  const auto replace = Json::error_handler_t::replace;
  return json.contains(at) ? json.at(at).dump(-1, ' ', false, replace) : "nothing";
}

std::string RunIdentity::digest() const {
  std::string all = key.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& content : contents_of(*this)) all += "\n" + content;
  return to_hex(content_hash(all.data(), all.size()));
}

Json to_json(const RunIdentity& identity) {
  return {{"key", identity.key}, {"examples", identity.examples}};
}

RunIdentity run_identity_from_json(const Json& json) {
  JsonObject object(json, "/identity");
  RunIdentity identity{.key = object.require<Json>("key")};
  const Json examples = object.require<Json>("examples");
  object.finish();
  const JsonObject checked(examples, "/identity/examples");  // throws if it is none
  for (const auto& [name, content] : examples.items())
    identity.examples[name] = content.get<std::string>();
  return identity;
}

std::string difference(const RunIdentity& begun, const RunIdentity& now) {
  if (contents_of(begun) != contents_of(now)) return difference_of_examples(begun, now);
  constexpr std::size_t kNamed = 3;
  const Json patch = Json::diff(begun.key, now.key);
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, patch.size()); ++i) {
    const std::string where = patch.at(i).at("path").get<std::string>();
    text += i == 0 ? "" : "; ";
    if (where == "/start")
      text += "the network that it starts from (a model, spec or weights file) is another one";
    else
      text += where + " was " + value_at(begun.key, where) + " and is " + value_at(now.key, where);
  }
  return text;
}

}  // namespace steelsight

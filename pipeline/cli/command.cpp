#include "pipeline/cli/command.hpp"

#include "pipeline/features/feature_cache.hpp"

namespace steelsight {
namespace {

Json number_in(const std::string& text, const std::string& option) {
  Json number = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!number.is_number()) throw CLI::ValidationError(option, "'" + text + "' is not a number");
  return number;
}

Json value_in(const std::string& text, ValueKind kind, const std::string& option) {
  return kind == ValueKind::number || kind == ValueKind::numbers ? number_in(text, option)
                                                                 : Json(text);
}

const char* name_of_kind(ValueKind kind) {
  switch (kind) {
    case ValueKind::number:
      return "NUMBER";
    case ValueKind::numbers:
      return "NUMBER,NUMBER";
    case ValueKind::texts:
      return "NAME,NAME";
    case ValueKind::object:
      return "JSON";
    case ValueKind::flag:
      return "true|false";
    case ValueKind::text:
      break;
  }
  return "TEXT";
}

std::string value_name(const KeyDescription& key) {
  return *key.option.value == '\0' ? name_of_kind(key.kind) : key.option.value;
}

bool is_argument(const KeyDescription& key) {
  return key.option.names[0] != '-';
}

// "Further keys" for a help page; empty if every key has an option.
std::string keys_without_option(const std::string& section,
                                const std::vector<KeyDescription>& keys) {
  std::string text;
  for (const KeyDescription& key : keys)
    if (*key.option.names == '\0' && *key.option.help != '\0')
      text += "\n  " + key.pointer.substr(1) + " " + value_name(key) + ": " + key.option.help;
  if (text.empty()) return "";
  return "Further keys, for --set /" + section + "/KEY=VALUE and --config:" + text;
}

}  // namespace

fs::path kernel_file() {
  return default_cache() / "kernels.json";
}

KernelConfig kernel_config(const CommandLine& line, Kernels kernels) {
  using Policy = KernelConfig::Policy;
  if (line.kernels == "timed" && kernels == Kernels::direct)
    throw ConfigError(
        "--kernels timed: this command's numbers are kept and compared, and times are never the "
        "same again; keep a copy of " +
        kernel_file().string() + " and name it: --kernels FILE");
  if (line.kernels == "timed" || (line.kernels.empty() && kernels == Kernels::timed))
    return {.policy = Policy::timed, .file = kernel_file(), .warn = [](const std::string& reason) {
              Console().warning(reason +
                                "; the times of kernels are not kept, and the next run may choose "
                                "others; set XDG_CACHE_HOME to another folder, or take --kernels "
                                "direct");
            }};
  if (line.kernels.empty() || line.kernels == "direct") return {};
  return {.policy = Policy::pinned, .file = line.kernels};
}

Backend make_backend(const CommandLine& line, Kernels kernels) {
  return Backend(line.threads, kernel_config(line, kernels));
}

CLI::App* add_command(CommandLine& line, const std::string& name, const std::string& description,
                      const Json& defaults, const std::vector<KeyDescription>& keys,
                      std::function<int(const Json& config, Console&)> run) {
  CLI::App* command = line.app.add_subcommand(name, description);
  command->fallthrough();  // --seed, --quiet ... may stand behind the command
  command->callback([&line, name, defaults, run = std::move(run)] {
    line.run = [&line, name, defaults, run](Console& console) {
      if (line.seed && defaults.contains("seed"))
        line.sources.options.push_back({"/seed", *line.seed});
      return run(gather_config(name, defaults, line.sources), console);
    };
  });
  for (const KeyDescription& key : keys)
    if (*key.option.names != '\0') add_option(line, command, key);
  command->footer(keys_without_option(name, keys));
  return command;
}

CLI::Option* add_option(CommandLine& line, CLI::App* command, const KeyDescription& key) {
  const std::string names = key.option.names, pointer = key.pointer;
  const auto set = [&line, pointer](Json value) {
    line.sources.options.push_back({pointer, std::move(value)});
  };
  if (key.kind == ValueKind::flag)
    return command->add_flag_callback(
        names, [set] { set(true); }, key.option.help);
  if (key.kind != ValueKind::texts && key.kind != ValueKind::numbers)
    return command
        ->add_option_function<std::string>(
            names,
            [set, names, kind = key.kind](const std::string& text) {
              set(value_in(text, kind, names));
            },
            key.option.help)
        ->type_name(value_name(key));
  CLI::Option* list = command->add_option_function<std::vector<std::string>>(
      names,
      [set, names, kind = key.kind](const std::vector<std::string>& texts) {
        Json values = Json::array();
        for (const std::string& text : texts) values.push_back(value_in(text, kind, names));
        set(std::move(values));
      },
      key.option.help);
  list->type_name(value_name(key));
  if (!is_argument(key)) list->delimiter(',')->allow_extra_args(false);
  return list;
}

void add_notes(CLI::App* command, const std::string& notes) {
  const std::string keys = command->get_footer();
  command->footer(notes + (keys.empty() ? "" : "\n\n" + keys));
}

void add_examples(CLI::App* command, const std::vector<std::string>& examples) {
  std::string footer = command->get_footer();
  if (!footer.empty()) footer += "\n\n";
  footer += examples.size() == 1 ? "Example:" : "Examples:";
  for (const std::string& example : examples) footer += "\n  steelsight " + example;
  command->footer(footer);
}

}  // namespace steelsight

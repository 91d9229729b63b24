#include "pipeline/cli/command.hpp"

#include "pipeline/features/feature_cache.hpp"

namespace steelsight {
namespace {

Json number_in(const std::string& text, const std::string& option) {
  Json number = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!number.is_number()) throw CLI::ValidationError(option, "'" + text + "' is not a number");
  return number;
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
                      const Json& defaults, std::function<int(const Json& config, Console&)> run) {
  CLI::App* command = line.app.add_subcommand(name, description);
  command->fallthrough();  // --seed, --quiet ... may stand behind the command
  command->callback([&line, name, defaults, run = std::move(run)] {
    line.run = [&line, name, defaults, run](Console& console) {
      if (line.seed && defaults.contains("seed"))
        line.sources.options.push_back({"/seed", *line.seed});
      return run(gather_config(name, defaults, line.sources), console);
    };
  });
  return command;
}

void add_examples(CLI::App* command, const std::vector<std::string>& examples) {
  std::string footer = command->get_footer();
  if (!footer.empty()) footer += "\n\n";
  footer += examples.size() == 1 ? "Example:" : "Examples:";
  for (const std::string& example : examples) footer += "\n  steelsight " + example;
  command->footer(footer);
}

CLI::Option* add_text(CommandLine& line, CLI::App* command, const std::string& option,
                      const std::string& pointer, const std::string& description) {
  return command
      ->add_option_function<std::string>(
          option,
          [&line, pointer](const std::string& value) {
            line.sources.options.push_back({pointer, value});
          },
          description)
      ->type_name("TEXT");
}

CLI::Option* add_number(CommandLine& line, CLI::App* command, const std::string& option,
                        const std::string& pointer, const std::string& description) {
  return command
      ->add_option_function<std::string>(
          option,
          [&line, pointer, option](const std::string& value) {
            line.sources.options.push_back({pointer, number_in(value, option)});
          },
          description)
      ->type_name("NUMBER");
}

CLI::Option* add_numbers(CommandLine& line, CLI::App* command, const std::string& option,
                         const std::string& pointer, const std::string& description) {
  return command
      ->add_option_function<std::vector<std::string>>(
          option,
          [&line, pointer, option](const std::vector<std::string>& values) {
            Json numbers = Json::array();
            for (const std::string& value : values) numbers.push_back(number_in(value, option));
            line.sources.options.push_back({pointer, numbers});
          },
          description)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NUMBER,NUMBER");
}

CLI::Option* add_list(CommandLine& line, CLI::App* command, const std::string& option,
                      const std::string& pointer, const std::string& description) {
  return command
      ->add_option_function<std::vector<std::string>>(
          option,
          [&line, pointer](const std::vector<std::string>& values) {
            line.sources.options.push_back({pointer, values});
          },
          description)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,NAME");
}

CLI::Option* add_switch(CommandLine& line, CLI::App* command, const std::string& option,
                        const std::string& pointer, const std::string& description) {
  return command->add_flag_callback(
      option,
      [&line, pointer] {
        line.sources.options.push_back({pointer, true});
      },
      description);
}

void add_model_run_options(CommandLine& line, CLI::App* command) {
  add_text(line, command, "-o,--output", "/output", "Folder to write to")->type_name("DIR");
  add_text(line, command, "--model", "/model",
           "What `train` wrote (default: the network that comes along)")
      ->type_name("MODEL");
  add_number(line, command, "--batch-size", "/batch_size", "Images computed at once");
  add_switch(line, command, "--strict", "/strict",
             "Exit with 3 if an image or folder could not be read");
}

void add_unknown_options(CommandLine& line, CLI::App* command) {
  add_number(line, command, "--max-error", "/max_error",
             "Call unknown what is not confident enough for this rate of errors (1: off)");
  add_number(
      line, command, "--false-alarms", "/false_alarms",
      "Call unknown what is too far from the known classes, at the cost of this rate of their "
      "own images (0: off)");
}

void add_explain_options(CommandLine& line, CLI::App* command) {
  add_text(line, command, "--explain-by", "/explain",
           "grad_cam, occlusion (slow) or none: how to find where the model looked")
      ->type_name("METHOD");
  add_text(line, command, "--explain-layer", "/explain_layer",
           "Of Grad-CAM (default: the last convolution)")
      ->type_name("NAME");
}

}  // namespace steelsight

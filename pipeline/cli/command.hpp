#pragma once
// What the subcommands share. Each has a file of its own with one function that adds it to the
// program: its options, and what to run when it is called.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/backend.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/command/console.hpp"

namespace steelsight {

// Exit codes of the program.
enum ExitCode {
  kDone = 0,
  kUnexpected = 1,
  kUsage = 2,        // wrong options or configuration
  kData = 3,         // images, data sets, predictions, files that can't be read or written
  kModel = 4,        // a model, weights or spec file
  kBackend = 5,      // oneDNN; memory, threads, open files
  kInterrupt = 130,  // Ctrl-C
};

struct CommandLine {
  CLI::App app;
  ConfigSources sources;
  std::optional<std::uint64_t> seed;
  int threads = 0;
  std::string kernels;  // direct, timed, or a file of pinned ones; empty: the command's own choice
  bool quiet = false;
  std::function<int(Console&)> run;  // what the called subcommand runs; gives the exit code
};

void add_train(CommandLine& line);
void add_classify(CommandLine& line);
void add_evaluate(CommandLine& line);
void add_report(CommandLine& line);
void add_check(CommandLine& line);
void add_search(CommandLine& line);
void add_synth(CommandLine& line);
void add_info(CommandLine& line);
void add_distill(CommandLine& line);
void add_extend(CommandLine& line);
void add_extract(CommandLine& line);
void add_explore(CommandLine& line);
void add_quantize(CommandLine& line);
void add_bench(CommandLine& line);

// What --kernels says, otherwise `kernels`, the command's own choice. A command whose numbers are
// kept and compared chooses direct kernels, which depend on nothing that was timed. Throws
// ConfigError if --kernels says `timed` to such a command.
enum class Kernels { direct, timed };
KernelConfig kernel_config(const CommandLine& line, Kernels kernels);
// The engine as --threads and --kernels say. Throws ConfigError, BackendError.
Backend make_backend(const CommandLine& line, Kernels kernels);
// Where timed kernels are kept for all runs.
fs::path kernel_file();

// A subcommand whose `run` is called with its configuration, gathered from all sources on top of
// `defaults`. Each of the keys that has an option gets it; the others are listed for --set at the
// end of the help page.
CLI::App* add_command(CommandLine& line, const std::string& name, const std::string& description,
                      const Json& defaults, const std::vector<KeyDescription>& keys,
                      std::function<int(const Json& config, Console&)> run);

// An option, or without dashes an argument, that sets a key of the command's configuration.
CLI::Option* add_option(CommandLine& line, CLI::App* command, const KeyDescription& key);

// Sentences below the options of the help page.
void add_notes(CLI::App* command, const std::string& notes);

// Lines of the shell at the end of the command's help page. Each is run by tests/readme as it
// stands.
void add_examples(CLI::App* command, const std::vector<std::string>& examples);

}  // namespace steelsight

// steelsight: classifies images of steel surfaces by their defect. Parses the command line, runs
// the subcommand, and maps errors to messages and exit codes.
#include <csignal>
#include <iostream>
#include <new>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>
#include <system_error>

#include "core/filesystem.hpp"
#include "core/interrupt.hpp"
#include "core/resources.hpp"
#include "datasets/error.hpp"
#include "models/error.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/cli/last_resort.hpp"

namespace steelsight {
namespace {

constexpr int kMaxThreads = 1024;
constexpr const char* kNoMemory =
    "out of memory: try a smaller batch (--set /COMMAND/batch_size) or input (--input-size)";

void add_common_options(CommandLine& line) {
  CLI::App& app = line.app;
  app.description("Classifies images of steel surfaces by their defect, on an ordinary CPU.");
  app.set_version_flag("--version", STEELSIGHT_VERSION);
  app.require_subcommand(1);
  app.add_option("--config", line.sources.file,
                 "JSON file with a section for each command, as written beside every result")
      ->type_name("FILE");
  app.add_option("--set", line.sources.sets,
                 "One value of the configuration: --set /train/epochs=5 (may be repeated)")
      ->type_name("/SECTION/KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--seed", line.seed, "Of everything random: the same seed gives the same result")
      ->type_name("NUMBER");
  app.add_option("--threads", line.threads, "Of the network; 0: one for every core")
      ->type_name("NUMBER");
  app.add_option("--kernels", line.kernels,
                 "Of convolutions: direct, timed (the faster for each), or a FILE of pinned ones")
      ->type_name("direct|timed|FILE");
  app.add_flag("--quiet", line.quiet, "Print errors and warnings only");
  for (const auto add :
       {add_train, add_classify, add_evaluate, add_report, add_distill, add_extend, add_extract,
        add_explore, add_quantize, add_search, add_check, add_synth, add_info, add_bench})
    add(line);
  app.footer("steelsight COMMAND --help lists a command's options, with examples.");
}

// Help and version go to standard output, mistakes to standard error.
int show(const CommandLine& line, const CLI::ParseError& error, Console& console) {
  std::ostringstream page;
  if (line.app.exit(error, page, std::cerr) != 0) return kUsage;
  console.must_arrive();
  console.page(page.str());
  console.close();
  return kDone;
}

// Ends as `cat FILE | head -1` does: without a word, by the signal.
int end_by_broken_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  return kData;
}

int run(CommandLine& line, int argc, char** argv, Console& console) {
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return show(line, error, console);
  }
  if (line.threads < 0 || line.threads > kMaxThreads)
    throw ConfigError("--threads is " + std::to_string(line.threads) + ", expected 0 to " +
                      std::to_string(kMaxThreads));
  prepare_process();
  console.set_quiet(line.quiet);
  console.set_stop(stop_on_signals());
  const int code = line.run(console);
  console.close();
  return code;
}

// Every error becomes a message and an exit code here.
int guarded(int argc, char** argv) {
  const bool pipes_were_ignored = prepare_standard_streams();
  CommandLine line;
  add_common_options(line);
  Console console;
  const auto fail = [&](ExitCode code, const std::string& message) {
    console.error(message);
    return code;
  };
  try {
    return run(line, argc, argv, console);
  } catch (const Interrupted& error) {
    return fail(kInterrupt, error.what());
  } catch (const BrokenPipe& error) {
    if (pipes_were_ignored) return fail(kData, error.what());
    return end_by_broken_pipe();
  } catch (const ConfigError& error) {
    return fail(kUsage, error.what());
  } catch (const ModelError& error) {
    return fail(kModel, error.what());
  } catch (const BackendError& error) {
    return fail(kBackend, error.what());
  } catch (const ResourceError& error) {
    return fail(kBackend, error.what());
  } catch (const Error& error) {  // datasets, images, predictions, files
    return fail(kData, error.what());
  } catch (const std::bad_alloc&) {
    return fail(kBackend, kNoMemory);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) return fail(kBackend, kNoMemory);
    return fail(kUnexpected, std::string("unexpected error: ") + error.what());
  } catch (const fs::filesystem_error& error) {
    return fail(kData, error.what());
  } catch (const std::system_error& error) {  // from a thread's start
    return fail(kBackend, std::string("a thread can't be started: ") + error.what());
  } catch (const std::exception& error) {
    return fail(kUnexpected, std::string("unexpected error: ") + error.what());
  }
}

}  // namespace
}  // namespace steelsight

int main(int argc, char** argv) {
  const steelsight::LastResort last_resort;
  return steelsight::guarded(argc, argv);
}

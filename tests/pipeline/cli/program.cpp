#include "tests/pipeline/cli/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "core/atomic_file.hpp"

namespace steelsight {
namespace {

void redirect(const fs::path& file, int flags, int descriptor) {
  const int opened = ::open(file.c_str(), flags, 0600);
  if (opened < 0) ::_exit(126);
  ::dup2(opened, descriptor);
}

pid_t start(const std::vector<std::string>& arguments, const fs::path& out, const fs::path& err) {
  std::vector<std::string> all{STEELSIGHT_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})  // a shell's background job ignores some
    std::signal(signal, SIG_DFL);
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::string& interrupt_when) {
  const fs::path folder = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  fs::create_directories(folder);
  const fs::path out = folder / "out", err = folder / "err";
  const pid_t child = start(arguments, out, err);
  if (child < 0) throw std::runtime_error("fork failed");
  int status = 0;
  bool interrupted = interrupt_when.empty();
  while (::waitpid(child, &status, interrupted ? 0 : WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (fs::exists(out) && read_file(out).find(interrupt_when) != std::string::npos) {
      ::kill(child, SIGINT);
      interrupted = true;
    }
  }
  ProgramResult result{WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status),
                       read_file(out), read_file(err)};
  fs::remove_all(folder);
  return result;
}

namespace {

// Before that, the signal ends it as it ends any program.
bool catches(pid_t child, int signal) {
  const std::string status = read_file("/proc/" + std::to_string(child) + "/status");
  const std::size_t at = status.find("SigCgt:");
  return at != std::string::npos &&
         (std::stoull(status.substr(at + 7), nullptr, 16) >> (signal - 1) & 1) != 0;
}

}  // namespace

ProgramResult signal_program(const std::vector<std::string>& arguments, int signal,
                             std::chrono::milliseconds after) {
  constexpr std::chrono::seconds kPatience(5);
  const fs::path folder = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  fs::create_directories(folder);
  const fs::path out = folder / "out", err = folder / "err";
  const pid_t child = start(arguments, out, err);
  if (child < 0) throw std::runtime_error("fork failed");
  int status = 0;
  const auto ends_within = [&](std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  };
  bool ended = ends_within(after);
  while (!ended && !catches(child, signal)) ended = ends_within(after);
  if (!ended) {
    ::kill(child, signal);
    if (!ends_within(kPatience)) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
    }
  }
  ProgramResult result{WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status),
                       read_file(out), read_file(err)};
  fs::remove_all(folder);
  return result;
}

}  // namespace steelsight

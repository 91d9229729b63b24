#include "core/confined_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>

#include "core/error.hpp"
#include "core/interrupt.hpp"

namespace steelsight {
namespace {

void set_limit(__rlimit_resource resource, std::uint64_t value) {
  rlimit limit = {};
  if (::getrlimit(resource, &limit) != 0) return;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  ::setrlimit(resource, &limit);
}

// 0 where the kernel doesn't say.
std::uint64_t mapped_bytes() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Runs in the new process. Ctrl-C reaches it too, but the parent decides what follows.
void confine(const ConfinedProcess::Limits& limits, pid_t parent, int pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it ended before
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPIPE, SIGXCPU})
    ::signal(signal, SIG_DFL);
  const auto before = static_cast<unsigned>(pipe - 1), behind = static_cast<unsigned>(pipe + 1);
  constexpr unsigned kFirst = STDERR_FILENO + 1;
  if (before >= kFirst) ::close_range(kFirst, before, 0);
  ::close_range(std::max(kFirst, behind), ~0u, 0);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, stream);
  if (nowhere > STDERR_FILENO) ::close(nowhere);
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_CPU, limits.cpu_seconds);
  if (const std::uint64_t mapped = mapped_bytes(); mapped > 0)
    set_limit(RLIMIT_AS, mapped + limits.memory_bytes);
}

}  // namespace

ConfinedProcess::ConfinedProcess(const Limits& limits,
                                 const std::function<void(const Descriptor& to)>& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_system_error(errno, "a pipe can't be made");
  from_ = Descriptor(ends[0]);
  const Descriptor to(ends[1]);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0)
    throw ResourceError("a process can't be made, which reads a file that isn't trusted");
  if (process_ > 0) return;
  confine(limits, parent, to.number());
  try {
    work(to);
  } catch (...) {  // the reader misses the end
  }
  ::_exit(0);
}

ConfinedProcess::~ConfinedProcess() {
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool ConfinedProcess::read(void* to, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const std::size_t got = read_some(static_cast<std::byte*>(to) + done, size - done);
    if (got == 0) return false;
    done += got;
  }
  return true;
}

std::size_t ConfinedProcess::read_some(void* to, std::size_t size) {
  using Clock = std::chrono::steady_clock;
  constexpr int kMilliseconds = 50;
  const Clock::time_point give_up = Clock::now() + std::chrono::minutes(5);
  while (Clock::now() < give_up) {
    pollfd asked{.fd = from_.number(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&asked, 1, kMilliseconds);
    if (interrupted()) throw Interrupted("interrupted while reading a file");
    if (ready <= 0) continue;
    const ssize_t got = ::read(from_.number(), to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
  }
  return 0;
}

void forbid_opening_files() {
  set_limit(RLIMIT_NOFILE, 0);
}

}  // namespace steelsight

#include "pipeline/command/console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "core/interrupt.hpp"

namespace steelsight {
namespace {

constexpr int kBarWidth = 24;
constexpr double kRedrawSeconds = 0.1;

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string printable(std::string text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
  std::ranges::replace_if(text, is_control, '?');
  return text;
}

// Gives 0 or errno; EINTR if a stop was requested while nobody read. Not by stdio, which forgets
// what it could not write, and can't be stopped in a pipe that is full or a terminal that is
// stopped.
int write_text(int descriptor, std::string_view text, const std::stop_token& stop) {
  constexpr int kMilliseconds = 50;
  while (!text.empty()) {
    pollfd asked{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (::poll(&asked, 1, kMilliseconds) <= 0) {
      if (stop.stop_requested()) return EINTR;
      continue;
    }
    // A pipe that is ready takes so much without waiting.
    const ssize_t put =
        ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (put >= 0)
      text.remove_prefix(static_cast<std::size_t>(put));
    else if (errno != EAGAIN && errno != EINTR)
      return errno;
  }
  return 0;
}

}  // namespace

bool prepare_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0)  // then it is the lowest free one, which open() takes
      (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  return std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::max(0.0, seconds)));
  char text[32];
  if (whole < 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

Console::Console(bool quiet, std::stop_token stop)
    : stop_(std::move(stop)), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Console::Console(std::function<void(const std::string&)> tell, std::stop_token stop)
    : tell_(std::move(tell)), stop_(std::move(stop)), quiet_(true), terminal_(false) {}

void Console::throw_if_stopped(std::string_view doing) const {
  steelsight::throw_if_stopped(stop_, doing);
}

void Console::line(const std::string& text) {
  if (quiet_) return;
  erase_bar();
  print(printable(text) + "\n");
}

void Console::page(const std::string& text) {
  erase_bar();
  print(text);
}

void Console::print(const std::string& text) {
  if (const int error = write_text(STDOUT_FILENO, text, stop_); error != 0) note_loss(error);
}

void Console::note_loss(int error) {
  if (lost_ == 0) lost_ = error;
  const std::string what = std::string("standard output: ") + std::strerror(error);
  if (!must_arrive_) return;
  if (error == EINTR) throw Interrupted("interrupted while nobody read what is printed");
  if (error == EPIPE) throw BrokenPipe(what);
  throw FileError(what);
}

void Console::close() {
  if (::close(STDOUT_FILENO) != 0) note_loss(errno);
  if (lost_ != 0 && !must_arrive_)
    warning(std::string("standard output: ") + std::strerror(lost_) +
            "; not all that was printed has arrived");
}

void Console::warning(const std::string& text) {
  if (tell_) return tell_(text);
  erase_bar();
  write_text(STDERR_FILENO, "warning: " + printable(text) + "\n", stop_);
}

void Console::error(const std::string& text) {
  if (tell_) return tell_(text);
  erase_bar();
  write_text(STDERR_FILENO, "steelsight: " + printable(text) + "\n", stop_);
}

void Console::start(const std::string& what, std::size_t total, const std::string& unit) {
  what_ = what;
  unit_ = unit;
  total_ = total;
  begin_ = drawn_ = Clock::now();
}

void Console::update(std::size_t done, const std::string& detail) {
  if (quiet_ || !terminal_ || total_ == 0) return;
  const Clock::time_point now = Clock::now();
  if (std::chrono::duration<double>(now - drawn_).count() < kRedrawSeconds) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const double rate = static_cast<double>(done) / seconds;
  const auto filled = static_cast<std::size_t>(std::lround(share * kBarWidth));
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  char text[512];
  std::snprintf(text, sizeof text, "\r\033[K%s [%s] %3.0f %%  %s %s/s  %s left%s%s", what_.c_str(),
                bar.c_str(), 100 * share, format(rate < 10 ? "%.1f" : "%.0f", rate).c_str(),
                unit_.c_str(), duration_text(done == 0 ? 0 : seconds / share - seconds).c_str(),
                detail.empty() ? "" : "  ", detail.c_str());
  write_text(STDERR_FILENO, text, stop_);
  bar_on_screen_ = true;
}

void Console::finish() {
  erase_bar();
  total_ = 0;
}

void Console::erase_bar() {
  if (!bar_on_screen_) return;
  write_text(STDERR_FILENO, "\r\033[K", stop_);
  bar_on_screen_ = false;
}

}  // namespace steelsight

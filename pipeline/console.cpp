#include "pipeline/console.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

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

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::max(0.0, seconds)));
  char text[32];
  if (whole < 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

Console::Console(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Console::Console(std::function<void(const std::string&)> tell)
    : tell_(std::move(tell)), quiet_(true), terminal_(false) {}

void Console::line(const std::string& text) {
  if (quiet_) return;
  erase_bar();
  std::printf("%s\n", printable(text).c_str());
  std::fflush(stdout);
}

void Console::warning(const std::string& text) {
  if (tell_) return tell_(text);
  erase_bar();
  std::fprintf(stderr, "warning: %s\n", printable(text).c_str());
}

void Console::error(const std::string& text) {
  if (tell_) return tell_(text);
  erase_bar();
  std::fprintf(stderr, "steelsight: %s\n", printable(text).c_str());
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
  std::fprintf(stderr, "\r\033[K%s [%s] %3.0f %%  %s %s/s  %s left%s%s", what_.c_str(), bar.c_str(),
               100 * share, format(rate < 10 ? "%.1f" : "%.0f", rate).c_str(), unit_.c_str(),
               duration_text(done == 0 ? 0 : seconds / share - seconds).c_str(),
               detail.empty() ? "" : "  ", detail.c_str());
  std::fflush(stderr);
  bar_on_screen_ = true;
}

void Console::finish() {
  erase_bar();
  total_ = 0;
}

void Console::erase_bar() {
  if (!bar_on_screen_) return;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
  bar_on_screen_ = false;
}

}  // namespace steelsight

#pragma once
// What a stage tells its user while it works: lines on standard output, and on a terminal a
// progress bar with rate and time left on standard error. Control characters, which file names may
// hold, are shown as '?': no name can drive the terminal.
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace steelsight {

class Console {
 public:
  explicit Console(bool quiet = false);
  // For one of several tasks that run at once: shows nothing, and gives warnings and errors, as
  // they are, to `tell`.
  explicit Console(std::function<void(const std::string&)> tell);

  // A line of results or news; nothing if quiet.
  void line(const std::string& text);
  // On standard error, always.
  void warning(const std::string& text);
  void error(const std::string& text);

  // A bar for `total` units ("images"); start() begins a new one, finish() takes it off the screen.
  void start(const std::string& what, std::size_t total, const std::string& unit = "images");
  void update(std::size_t done, const std::string& detail = "");
  void finish();

 private:
  void erase_bar();

  using Clock = std::chrono::steady_clock;
  const std::function<void(const std::string&)> tell_;
  const bool quiet_;
  const bool terminal_;
  std::string what_, unit_;
  std::size_t total_ = 0;
  Clock::time_point begin_, drawn_;
  bool bar_on_screen_ = false;
};

// "0:07", "12:34", "1:02:03".
std::string duration_text(double seconds);

}  // namespace steelsight

#pragma once
// What a command tells its user while it works: lines on standard output, and on a terminal a
// progress bar with rate and time left on standard error. Control characters, which file names may
// hold, are shown as '?': no name can drive the terminal.
//
// Standard output may be lost on the way (a full disk, `| head`). A command whose result is a file
// goes on, and says so at the end; one whose result is what it prints says must_arrive() first, and
// ends where a line can't be written.
//
// It also carries the wish to stop: every long function that has a console asks it.
#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace steelsight {

// Nobody reads standard output any more, as in `| head -1`, and the result is what is printed.
struct BrokenPipe : FileError {
  using FileError::FileError;
};

class Console {
 public:
  explicit Console(bool quiet = false, std::stop_token stop = {});
  // For one of several tasks that run at once: shows nothing, and gives warnings and errors, as
  // they are, to `tell`.
  explicit Console(std::function<void(const std::string&)> tell, std::stop_token stop = {});

  void set_quiet(bool quiet) { quiet_ = quiet; }
  void set_stop(std::stop_token stop) { stop_ = std::move(stop); }

  const std::stop_token& stop() const { return stop_; }
  bool stop_requested() const { return stop_.stop_requested(); }
  // Throws Interrupted, "interrupted while DOING", if a stop was requested.
  void throw_if_stopped(std::string_view doing) const;

  // From now on a line that can't be written throws FileError, "standard output: No space left on
  // device", or BrokenPipe.
  void must_arrive() { must_arrive_ = true; }

  // A line of results or news; nothing if quiet. If nobody reads it, waits until a stop.
  void line(const std::string& text);
  // Many lines as they are, also if quiet: the program's own help.
  void page(const std::string& text);
  // On standard error, always.
  void warning(const std::string& text);
  void error(const std::string& text);

  // A bar for `total` units ("images"); start() begins a new one, finish() takes it off the screen.
  void start(const std::string& what, std::size_t total, const std::string& unit = "images");
  void update(std::size_t done, const std::string& detail = "");
  void finish();

  // For the end of the program: closes standard output, the last chance of a file system to say
  // that it is full. A warning if anything was lost, or what line() throws.
  void close();

 private:
  void print(const std::string& text);
  void note_loss(int error);
  void erase_bar();

  using Clock = std::chrono::steady_clock;
  const std::function<void(const std::string&)> tell_;
  std::stop_token stop_;
  bool quiet_;
  const bool terminal_;
  std::string what_, unit_;
  std::size_t total_ = 0;
  Clock::time_point begin_, drawn_;
  bool bar_on_screen_ = false;
  bool must_arrive_ = false;
  int lost_ = 0;  // errno of the first line that was not written
};

// For the start of a program. Files that it opens never land on 0, 1 and 2, which its starter may
// have closed (`>&-`): reading there finds the end, writing fails. A closed pipe is an error of the
// call that writes, no signal. Gives whether SIGPIPE was ignored before.
bool prepare_standard_streams();

// "0:07", "12:34", "1:02:03".
std::string duration_text(double seconds);

}  // namespace steelsight

#pragma once
// What a test does in another process: to be killed, or to be interrupted, which is remembered for
// good.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

namespace steelsight {

class ChildProcess {
 public:
  // `work` gives the exit code; an exception is 99.
  explicit ChildProcess(const std::function<int()>& work) : id_(::fork()) {
    if (id_ != 0) return;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})  // a shell's background job ignores some
      std::signal(signal, SIG_DFL);
    int code = 99;
    try {
      code = work();
    } catch (...) {
    }
    ::_exit(code);
  }

  // Time enough to get to where it waits.
  void signal_soon(int signal) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ::kill(id_, signal);
  }

  // The exit code, or 1000 and the signal that ended it.
  int wait() const {
    int status = 0;
    ::waitpid(id_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

 private:
  const pid_t id_;
};

}  // namespace steelsight

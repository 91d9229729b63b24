#include "core/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.hpp"
#include "core/interrupt.hpp"

namespace steelsight {
namespace {

// Until it can be read from or written to. A FIFO without a writer can't be read from yet, though
// read() would give its end at once.
void wait_until_ready(const Descriptor& descriptor, short events, const fs::path& file) {
  constexpr int kMilliseconds = 50;
  for (;;) {
    pollfd asked{.fd = descriptor.number(), .events = events, .revents = 0};
    const int ready = ::poll(&asked, 1, kMilliseconds);
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw_system_error(errno, file.string());
    if (interrupted()) throw Interrupted("interrupted while waiting for " + file.string());
  }
}

bool names_fifo(const Descriptor& descriptor) {
  struct stat status = {};
  return ::fstat(descriptor.number(), &status) == 0 && S_ISFIFO(status.st_mode);
}

bool names_fifo(const fs::path& file) {
  struct stat status = {};
  return ::stat(file.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(number_, -1));
}

Descriptor open_to_read(const fs::path& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor.is_open()) throw_system_error(errno, file.string() + ": can't be read");
  struct stat status = {};
  if (::fstat(descriptor.number(), &status) != 0) return descriptor;
  if (S_ISDIR(status.st_mode)) throw FileError(file.string() + ": can't be read: it is a folder");
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))  // zeros without an end, a terminal
    throw FileError(file.string() + ": can't be read: it is a device, expected a file or FIFO");
  return descriptor;
}

Descriptor open_to_write(const fs::path& file) {
  for (;;) {
    Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (descriptor.is_open()) return descriptor;
    const int error = errno;
    if (error != EINTR && !(error == ENXIO && names_fifo(file)))  // also of sockets, for good
      throw_system_error(error, file.string() + ": can't be written");
    wait_a_moment("waiting for a reader of " + file.string());
  }
}

std::size_t read_some(const Descriptor& descriptor, void* to, std::size_t size,
                      const fs::path& file) {
  if (names_fifo(descriptor)) wait_until_ready(descriptor, POLLIN, file);
  for (;;) {
    const ssize_t got = ::read(descriptor.number(), to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN)
      wait_until_ready(descriptor, POLLIN, file);
    else if (errno != EINTR)
      throw_system_error(errno, file.string() + ": reading failed");
  }
}

void write_all(const Descriptor& descriptor, const void* from, std::size_t size,
               const fs::path& file) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t put =
        ::write(descriptor.number(), static_cast<const char*>(from) + done, size - done);
    if (put >= 0)
      done += static_cast<std::size_t>(put);
    else if (errno == EAGAIN)
      wait_until_ready(descriptor, POLLOUT, file);
    else if (errno != EINTR)
      throw_system_error(errno, file.string() + ": writing failed");
  }
}

bool try_lock(const Descriptor& descriptor) {
  while (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return true;
  }
  return true;
}

void lock(const Descriptor& descriptor, const fs::path& file) {
  while (!try_lock(descriptor))
    wait_a_moment("waiting for " + file.string() + ", which another process is writing");
}

bool is_still_at(const Descriptor& descriptor, const fs::path& file) {
  struct stat opened = {}, found = {};
  return ::fstat(descriptor.number(), &opened) == 0 && ::stat(file.c_str(), &found) == 0 &&
         opened.st_ino == found.st_ino && opened.st_dev == found.st_dev;
}

}  // namespace steelsight

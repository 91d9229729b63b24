#pragma once
// What a process may have too little of - stack, threads, memory, by the machine or by a shell's
// ulimit - is asked for before a library that would end the program for want of it.
#include <cstddef>
#include <string>

namespace steelsight {

// Once, before a program's work. Writing beyond `ulimit -f` becomes an error of the write instead
// of a signal that ends the program, and threads get a stack of 8 MiB whatever `ulimit -s` says.
// Throws ResourceError if the main thread can't have one of 1 MiB.
void prepare_process();

// Starts so many threads at once and ends them again. Throws ResourceError, "WHAT: ...", if they
// can't be had.
void require_threads(std::size_t threads, const std::string& what);

// Throws std::bad_alloc if so many bytes can't be had at once. The caller doesn't get the memory.
// For use before or after a library that can't tell a lack of memory from a damaged file.
void require_memory(std::size_t bytes);

}  // namespace steelsight

// Writing to standard output, or to a file that is there only when it is whole.
#ifndef TFOPT_PROGRAM_OUTPUT_H_
#define TFOPT_PROGRAM_OUTPUT_H_

#include <cstddef>
#include <string>

#include "engine/status.h"

namespace tfopt {

// Nothing is held back: every Write is written when it returns. A reader that has gone ends the process
// without a word, since there is nobody left to write for.
class Output {
 public:
  Output() = default;
  // Removes what was not finished.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Opens a file under a temporary name beside it; "-" is standard output. What is not a regular file, such
  // as a pipe or /dev/null, is written to as it is.
  Status Open(const std::string& path);

  bool is_terminal() const;
  // Whether what is written can be gone back to.
  bool is_file() const { return !temporary_.empty(); }

  Status Write(const void* bytes, size_t count);
  // Writes over bytes at a place in a file.
  Status WriteAt(size_t place, const void* bytes, size_t count);
  // Gives a file its name.
  Status Finish();

 private:
  Status Failure(const char* what) const;

  int file_ = -1;
  bool owned_ = false;
  std::string name_, path_, temporary_;
};

// From now on, interrupting or terminating the process removes the file that it writes; and ends it even where
// it is the first process of a container, which the system spares otherwise.
void CatchSignals();

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_OUTPUT_H_

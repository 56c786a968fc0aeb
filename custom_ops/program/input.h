// Reading from files and standard input, as bytes come.
#ifndef TFOPT_PROGRAM_INPUT_H_
#define TFOPT_PROGRAM_INPUT_H_

#include <cstddef>
#include <string>

#include "engine/status.h"

namespace tfopt {

class Input {
 public:
  Input() = default;
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // Opens a file; "-" is standard input. Messages of all that fails leave the name to the caller.
  Status Open(const std::string& path);

  // How messages call it.
  const std::string& name() const { return name_; }
  // The size of a regular file; 0 for what has none.
  size_t size() const;

  // Reads what there is, at most `most` bytes; waits for the first. None at the end.
  Status Read(void* bytes, size_t most, size_t* count);
  // Reads until `wanted` bytes are there or the end is.
  Status ReadAll(void* bytes, size_t wanted, size_t* count);

 private:
  int file_ = -1;
  bool owned_ = false;
  std::string name_;
};

// Whether a path, "-" among them, leads to what standard input reads too: the two would share its bytes.
bool IsStandardInput(const std::string& path);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_INPUT_H_

#include "program/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tfopt {

Input::~Input() {
  if (owned_) close(file_);
}

Status Input::Open(const std::string& path) {
  if (path == "-") {
    file_ = STDIN_FILENO;
    name_ = "standard input";
    return {};
  }
  name_ = path;
  file_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) return Status::Invalid(std::string("cannot open it: ") + std::strerror(errno));
  owned_ = true;
  return {};
}

size_t Input::size() const {
  struct stat about = {};
  const bool regular = fstat(file_, &about) == 0 && S_ISREG(about.st_mode);
  return regular ? static_cast<size_t>(about.st_size) : 0;
}

Status Input::Read(void* bytes, size_t most, size_t* count) {
  ssize_t got = -1;
  do {
    got = read(file_, bytes, most);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Status::Invalid(std::string("cannot read it: ") + std::strerror(errno));
  *count = static_cast<size_t>(got);
  return {};
}

Status Input::ReadAll(void* bytes, size_t wanted, size_t* count) {
  *count = 0;
  while (*count < wanted) {
    size_t got = 0;
    TFOPT_RETURN_IF_ERROR(Read(static_cast<char*>(bytes) + *count, wanted - *count, &got));
    if (got == 0) break;
    *count += got;
  }
  return {};
}

bool IsStandardInput(const std::string& path) {
  if (path == "-") return true;
  struct stat given = {}, standard = {};
  return stat(path.c_str(), &given) == 0 && fstat(STDIN_FILENO, &standard) == 0 &&
         given.st_dev == standard.st_dev && given.st_ino == standard.st_ino;
}

}  // namespace tfopt

#include "program/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tfopt {
namespace {

// What a signal has to remove; empty: nothing. Changed only while signals are blocked.
char unfinished[PATH_MAX] = "";

void SetUnfinished(const std::string& path) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::snprintf(unfinished, sizeof(unfinished), "%s", path.c_str());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void End(int signal) {
  if (unfinished[0] != '\0') unlink(unfinished);
  _exit(128 + signal);  // as a shell reports a signal
}

// The file that a path leads to, there or not: a link stays one.
std::string Resolved(std::string path) {
  char found[PATH_MAX];
  while (realpath(path.c_str(), found) == nullptr) {
    if (errno != ENOENT) return path;
    const ssize_t size = readlink(path.c_str(), found, sizeof(found));
    if (size < 0) return path;  // no link
    const std::string target(found, static_cast<size_t>(size));
    // A target is relative to the link's folder.
    path = target.front() == '/' ? target : path.substr(0, path.find_last_of('/') + 1) + target;
  }
  return found;
}

}  // namespace

void CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = End;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);  // nohup stays in force
  }
}

Output::~Output() {
  if (owned_) close(file_);
  if (temporary_.empty()) return;
  unlink(temporary_.c_str());
  SetUnfinished("");
}

Status Output::Failure(const char* what) const {
  return Status::Invalid(name_ + ": cannot " + what + " it: " + std::strerror(errno));
}

Status Output::Open(const std::string& path) {
  if (path == "-") {
    name_ = "standard output";
    file_ = STDOUT_FILENO;
    return {};
  }
  if (path.empty()) return Status::Invalid("expected a file or -, got an empty name");
  name_ = path;
  path_ = Resolved(path);
  struct stat about = {};
  const bool there = stat(path_.c_str(), &about) == 0;
  if (!there && errno != ENOENT) return Failure("write");
  if (there && !S_ISREG(about.st_mode)) {
    file_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) return Failure("write");
    owned_ = true;
    return {};
  }
  const size_t name_at = path_.find_last_of('/') + 1;  // 0 without a slash
  std::string temporary = path_.substr(0, name_at) + "." + path_.substr(name_at) + "-XXXXXX";
  if (temporary.size() >= sizeof(unfinished)) {
    errno = ENAMETOOLONG;
    return Failure("write");
  }
  file_ = mkostemp(temporary.data(), O_CLOEXEC);
  if (file_ < 0) return Failure("write");
  owned_ = true;
  temporary_ = temporary;
  SetUnfinished(temporary_);
  // A temporary file is private; the finished one has the permissions of a new file.
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(file_, 0666 & ~mask) != 0) return Failure("write");
  return {};
}

bool Output::is_terminal() const { return isatty(file_) == 1; }

Status Output::Write(const void* bytes, size_t count) {
  const char* next = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = write(file_, next, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) End(SIGPIPE);  // where the signal itself is ignored
      return Failure("write");
    }
    next += written;
    count -= static_cast<size_t>(written);
  }
  return {};
}

Status Output::WriteAt(size_t place, const void* bytes, size_t count) {
  if (lseek(file_, static_cast<off_t>(place), SEEK_SET) < 0) return Failure("write");
  return Write(bytes, count);
}

Status Output::Finish() {
  if (!owned_) return {};
  owned_ = false;
  if (close(file_) != 0) return Failure("write");
  if (temporary_.empty()) return {};
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return Failure("write");
  temporary_.clear();
  SetUnfinished("");
  return {};
}

}  // namespace tfopt

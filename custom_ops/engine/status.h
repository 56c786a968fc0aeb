// The outcome of something that can fail: success, or one line that says what was expected and given.
// The engine throws no exceptions, since its callers sit behind C interfaces.
#ifndef TFOPT_ENGINE_STATUS_H_
#define TFOPT_ENGINE_STATUS_H_

#include <string>
#include <utility>

namespace tfopt {

class [[nodiscard]] Status {
 public:
  Status() = default;
  static Status Invalid(std::string message) {
    Status status;
    status.message_ = std::move(message);
    return status;
  }

  bool ok() const { return message_.empty(); }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

// Hands a failure on to the caller.
#define TFOPT_RETURN_IF_ERROR(expression)                     \
  do {                                                        \
    ::tfopt::Status tfopt_status = (expression);              \
    if (!tfopt_status.ok()) return tfopt_status;              \
  } while (false)

}  // namespace tfopt

#endif  // TFOPT_ENGINE_STATUS_H_

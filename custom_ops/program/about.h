// Messages that name what they are about.
#ifndef TFOPT_PROGRAM_ABOUT_H_
#define TFOPT_PROGRAM_ABOUT_H_

#include <string>

#include "engine/status.h"

namespace tfopt {

// A failure with the name of an argument or a file before its message.
inline Status About(const std::string& name, const Status& status) {
  return status.ok() ? status : Status::Invalid(name + ": " + status.message());
}

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_ABOUT_H_

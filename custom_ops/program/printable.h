// Text that came from outside, on its way to a terminal.
#ifndef TFOPT_PROGRAM_PRINTABLE_H_
#define TFOPT_PROGRAM_PRINTABLE_H_

#include <string>

namespace tfopt {

// The text on one line, without what a terminal would take for commands.
inline std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_PRINTABLE_H_

// For `tfopt info`, which asks through ctypes.
#include <cstdlib>
#include <string>

#include "engine/isa.h"

// The name of the instruction set that the ops would use now; null, with *error set, if TFOPT_ISA names none
// that this CPU has. The texts live as long as the calling thread makes no other call.
extern "C" __attribute__((visibility("default"))) const char* tfopt_isa(const char** error) {
  static thread_local tfopt::IsaChoice choice;
  choice = tfopt::ChooseIsa(std::getenv("TFOPT_ISA"));
  *error = choice.error.empty() ? nullptr : choice.error.c_str();
  return choice.error.empty() ? tfopt::IsaName(choice.isa) : nullptr;
}

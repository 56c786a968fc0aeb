// The header of NumPy's file format: a dictionary in Python's notation.
#ifndef TFOPT_PROGRAM_NPY_HEADER_H_
#define TFOPT_PROGRAM_NPY_HEADER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/status.h"

namespace tfopt {

// What the header of an .npy file says.
struct NpyHeader {
  std::string type;  // "<f4" is float32
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// Reads the text of a header, such as "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 80), }".
Status ParseNpyHeader(const std::string& text, NpyHeader* header);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_NPY_HEADER_H_

// Lays consecutive blocks of floats out in a buffer, each aligned to a cache line.
//
// A model's blocks follow from its config alone: the same walk over them, once without a buffer and once
// with one, gives the size of a packed model, the places to write to, and the checked places to read from.
#ifndef TFOPT_ENGINE_PACKING_LAYOUT_H_
#define TFOPT_ENGINE_PACKING_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "engine/aligned.h"
#include "engine/checked.h"
#include "engine/kernels/kernels.h"

namespace tfopt {

// The place of a block in the caller's buffer, to be packed into; walks hand out views that cannot be written.
inline float* Writable(const float* block) { return const_cast<float*>(block); }

class Layout {
 public:
  // Blocks start `start` bytes into `buffer`, which may be null to learn the size.
  Layout(const uint8_t* buffer, size_t start) : buffer_(buffer), bytes_(start) {}

  // The next block, for rows * columns floats; null without a buffer or once the size has overflowed.
  const float* Floats(int rows, int columns) {
    size_t floats = 0, bytes = 0, end = 0;
    const size_t start = bytes_;
    if (overflowed_ ||
        !CheckedProduct({static_cast<size_t>(rows), static_cast<size_t>(columns)}, &floats) ||
        !CheckedProduct({floats, sizeof(float)}, &bytes) ||
        !CheckedSum({start, bytes, kAlignment - 1}, &end)) {
      overflowed_ = true;
      return nullptr;
    }
    bytes_ = end / kAlignment * kAlignment;
    if (buffer_ == nullptr) return nullptr;
    return reinterpret_cast<const float*>(buffer_ + start);
  }

  Matrix NextMatrix(int inputs, int padded_outputs) {
    return {Floats(inputs, padded_outputs), inputs, padded_outputs};
  }

  bool overflowed() const { return overflowed_; }
  // Bytes from the start of the buffer to the end of the last block.
  size_t bytes() const { return bytes_; }

 private:
  const uint8_t* buffer_;
  size_t bytes_;
  bool overflowed_ = false;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_LAYOUT_H_

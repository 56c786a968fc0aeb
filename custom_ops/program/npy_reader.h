// Frames of conditioning in NumPy's file format, read as they arrive.
#ifndef TFOPT_PROGRAM_NPY_READER_H_
#define TFOPT_PROGRAM_NPY_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/status.h"
#include "program/input.h"

namespace tfopt {

// Reads float32 [frames, channels]. A header that says -1 frames is followed by as many as there are.
class NpyReader {
 public:
  // `input` has to outlive the reader; there have to be channels before anything is read.
  NpyReader(Input* input, int channels);

  // Reads the header, and checks that this is such an array.
  Status ReadHeader();
  // Frames in all; -1 if nobody knows.
  int64_t frames() const { return frames_; }

  // Reads the next frames, as many as are there and at least one; none at the end. They have to be finite.
  Status Read(std::vector<float>* rows, int* count);

 private:
  Input* const input_;
  const size_t channels_;
  int64_t frames_ = 0, read_ = 0;
  std::vector<char> buffer_;
  size_t held_ = 0;  // bytes of a frame that is not all there
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_NPY_READER_H_

// Lays consecutive blocks out in a buffer, each aligned to a cache line: vectors of floats, and matrices.
//
// A model's blocks follow from its config and the format of its weights alone: the same walk over them, once
// without a buffer and once with one, gives the size of a packed model, the places to write to, and the checked
// places to read from.
#ifndef TFOPT_ENGINE_PACKING_LAYOUT_H_
#define TFOPT_ENGINE_PACKING_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/input_histogram.h"
#include "engine/kernels/kernels.h"
#include "engine/packing/weight_format.h"
#include "engine/status.h"

namespace tfopt {

// The place of a block in the caller's buffer, to be packed into; walks hand out views that cannot be written.
inline float* Writable(const float* block) { return const_cast<float*>(block); }
// The same of a matrix of floats.
inline float* WritableFloats(const Matrix& w) {
  return static_cast<float*>(const_cast<void*>(w.weights));
}

class Layout {
 public:
  // What a walk has laid out: a matrix of the format, or floats.
  struct Block {
    bool is_matrix = false;
    Matrix matrix;
    const float* floats = nullptr;
    size_t size = 0;  // floats
  };

  // Blocks start `start` bytes into `buffer`, which may be null to learn the size. `format` is what matrices are
  // stored as, float32 and dense by default; it has to outlive this.
  Layout(const uint8_t* buffer, size_t start, const WeightFormat* format = nullptr)
      : buffer_(buffer), bytes_(start), format_(format) {}

  // Lists all that is laid out from now on.
  void RecordIn(std::vector<Block>* blocks) { blocks_ = blocks; }

  // Gives each matrix of the format from now on a histogram that counts the vectors it multiplies, added to these.
  void ObserveIn(InputHistograms* histograms) { histograms_ = histograms; }

  // The next block, for rows * columns floats; null without a buffer or once the size has overflowed.
  const float* Floats(int rows, int columns);

  // The next matrix of the format.
  Matrix NextMatrix(int inputs, int padded_outputs);
  // A matrix of floats whatever the format.
  Matrix NextFloatMatrix(int inputs, int padded_outputs);

  // Whether all fits into memory, no matrix of integers has too many inputs, the format is of as many matrices as
  // there were, and what the matrices hold can be read.
  Status status() const;

  bool overflowed() const { return overflowed_; }
  // Bytes from the start of the buffer to the end of the last block.
  size_t bytes() const { return bytes_; }

 private:
  const uint8_t* Bytes(size_t rows, size_t columns, size_t each);
  void LaySparse(int blocks, Matrix* w);

  const uint8_t* buffer_;
  size_t bytes_;
  const WeightFormat* format_;
  std::vector<Block>* blocks_ = nullptr;
  InputHistograms* histograms_ = nullptr;
  size_t matrices_ = 0;
  int most_integer_inputs_ = 0;  // of a matrix of integers
  bool overflowed_ = false, damaged_ = false;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_LAYOUT_H_

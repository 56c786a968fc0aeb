// The operations that take the time, one set of them for each instruction set level.
//
// A generation asks once for the table of its level and passes it down, so that layers and models are
// compiled once and know nothing of instruction sets. All levels are one source: kernels-inl.h, and of types of
// weights integers-inl.h, bfloat16-inl.h and sparse-inl.h.
//
// Vectors of floats are padded with zeros to a multiple of 16 (`Padded`) and aligned to 64 bytes, so that
// no kernel has a remainder. Every kernel keeps the padding zero unless it says otherwise.
#ifndef TFOPT_ENGINE_KERNELS_KERNELS_H_
#define TFOPT_ENGINE_KERNELS_KERNELS_H_

#include <cstddef>

#include "engine/isa.h"
#include "engine/kernels/weights.h"

namespace tfopt {

// Sixteen floats: one register of AVX-512, two of AVX2, four of NEON and SSE.
constexpr int kPanel = 16;
// Outputs that stand side by side in a packed matrix: enough independent sums to hide the latency of an
// addition on every level, and few enough for the registers of AVX2.
constexpr int kTile = 64;

constexpr int Padded(int n) { return (n + kPanel - 1) / kPanel * kPanel; }

// Vectors of equal length, `stride` floats apart: the columns of a matrix product.
struct ConstColumns {
  const float* data = nullptr;
  ptrdiff_t stride = 0;  // 0: every column is the same vector
};
struct Columns {
  float* data = nullptr;
  ptrdiff_t stride = 0;
};

// What one type of weights is multiplied with.
struct MatrixKernels {
  // Writes what `matmul` reads of a vector of `inputs` floats, OperandBytes of it at most. Where that are
  // integers, 1 is what `input_scale` says, or as the vector calls for if that is 0; and of a vector that is not
  // finite no output is. Null: matmul reads the floats.
  void (*prepare)(const float* x, int inputs, float input_scale, void* prepared,
                  IntegerVector* integers);

  // y[c] = start[c] + W x[c] for every column c < columns. `start` may be `y`; what `x` was made of may not.
  //
  // Each output is summed in the same order whatever the number of columns: a product cut into batches, blocks of
  // time or threads gives the same bits. Of dense float32 that is one chain of multiply-adds: start first, then
  // the inputs in ascending order.
  void (*matmul)(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns);
};

struct Kernels {
  Isa isa;

  // [WeightType]
  MatrixKernels dense[kWeightTypes];
  MatrixKernels sparse[kWeightTypes];

  const MatrixKernels& Of(const Matrix& w) const {
    return (w.block_starts == nullptr ? dense : sparse)[static_cast<int>(w.type)];
  }

  void matmul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) const {
    Of(w).matmul(w, x, start, y, columns);
  }
  // Of a matrix that is multiplied with floats as they are.
  void float_matmul(const Matrix& w, ConstColumns x, ConstColumns start, Columns y, int columns) const {
    matmul(w, Operand{x.data, x.stride * ptrdiff_t{sizeof(float)}}, start, y, columns);
  }

  // y = a + b
  void (*add)(const float* a, const float* b, int n, float* y);
  // y = max(x, 0)
  void (*relu)(const float* x, int n, float* y);
  // z = tanh(a) * sigmoid(b). Error below 3e-7.
  void (*gate)(const float* a, const float* b, int n, float* z);

  // One step of a GRU whose reset gate acts on the candidate's recurrent product (PyTorch, cuDNN):
  //   r = sigmoid(r), z = sigmoid(z), n = tanh(input + r * recurrent), h = n + z * (h - n)
  // h keeps no zero padding unless z's padding is finite and the candidate's is zero, as packed biases are.
  void (*gru_reset_after)(const float* r, const float* z, const float* input, const float* recurrent,
                          int n, float* h);
  // y = sigmoid(r) * h: what the candidate of the original GRU (Cho et al. 2014) multiplies.
  void (*gru_reset)(const float* r, const float* h, int n, float* y);
  // h = c + z * (h - c) with z = sigmoid(z), c = tanh(candidate).
  void (*gru_update)(const float* z, const float* candidate, int n, float* h);

  // y = e^2x, held between 2^-126 and 2^126: for x from -43 to 43. y may be x.
  void (*exponentials_of_twice)(const float* x, int n, float* y);
  // The score of Bahdanau attention but for the sum of v: for a = e^2k and b = e^2q the sum over i of
  // v[i] * (tanh(k[i] + q[i]) - 1) = -2 v[i] / (1 + a[i] b[i]).
  float (*attention_score)(const float* a, const float* b, const float* v, int n);
  // y += scale * x
  void (*add_scaled)(float scale, const float* x, int n, float* y);

  // y[i] = e^-a with a = (max x - x[i]) * scale for i < n, 0 in the padding and where a > 86; returns the sum
  // of y. `scale` is at least 0. n need not be a multiple of 16; y may be x. Relative error below
  // 3e-7 * (1 + a), as a itself is rounded.
  float (*exponentials)(const float* x, int n, float scale, float* y);
  // The index of the largest of the first n values, the lowest if several are; n at least 1.
  int (*argmax)(const float* x, int n);

  // For measuring a machine: the sum of n floats, n a multiple of 256, as fast as they can be read.
  float (*sum)(const float* x, size_t n);
  // `rounds` times kMultiplyAdds multiply-adds that touch no memory and wait for none but the one of the
  // round before. The result depends on all of them.
  float (*multiply_adds)(float x, size_t rounds);
  static constexpr size_t kMultiplyAdds = 256;
};

// The kernels of a level that is among SupportedIsas().
const Kernels& KernelsOf(Isa isa);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_KERNELS_KERNELS_H_

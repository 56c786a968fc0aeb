#include "engine/layers/gru.h"

#include <algorithm>

#include "engine/packing/matrix.h"

namespace tfopt {

Gru Gru::Next(int hidden, bool reset_after, Layout* layout) {
  const int width = Padded(hidden);
  Gru gru;
  gru.gates = layout->NextMatrix(hidden, 2 * width);
  gru.candidate = layout->NextMatrix(hidden, width);
  gru.candidate_bias = layout->Floats(1, width);
  gru.reset_after = reset_after;
  return gru;
}

void PackGru(const float* kernel, const float* candidate_bias, int hidden, const Gru& gru) {
  const ptrdiff_t row = ptrdiff_t{3} * hidden;
  PackMatrix(kernel, row, hidden, {2, hidden}, WritableFloats(gru.gates));
  PackMatrix(kernel + 2 * hidden, row, hidden, {1, hidden},
             WritableFloats(gru.candidate));
  PackVector(candidate_bias, {1, hidden}, Writable(gru.candidate_bias));
}

void GruStep(const Kernels& kernels, const Gru& gru, const float* const* inputs, Columns h,
             int columns, Operands* operands, float* scratch) {
  const int width = gru.width();
  const ptrdiff_t stride = gru.inputs();
  const Operand states = operands->Prepare(kernels, gru.gates, {h.data, h.stride}, columns);
  for (int c = 0; c < columns; ++c) {
    std::copy_n(inputs[c], 2 * width, scratch + c * stride);
  }
  kernels.matmul(gru.gates, states, {scratch, stride}, {scratch, stride}, columns);
  float* product = scratch + 2 * width;  // of the candidate
  if (gru.reset_after) {
    const Operand again = operands->PrepareAgain(kernels, gru.candidate, {h.data, h.stride},
                                                 columns, gru.gates, states);
    kernels.matmul(gru.candidate, again, {gru.candidate_bias, 0}, {product, stride}, columns);
    for (int c = 0; c < columns; ++c) {
      const float* gates = scratch + c * stride;
      kernels.gru_reset_after(gates, gates + width, inputs[c] + 2 * width, gates + 2 * width, width,
                              h.data + c * h.stride);
    }
    return;
  }
  for (int c = 0; c < columns; ++c) {
    float* gates = scratch + c * stride;
    kernels.gru_reset(gates, h.data + c * h.stride, width, gates);
    kernels.add(inputs[c] + 2 * width, gru.candidate_bias, width, gates + 2 * width);
  }
  // The gate's place now holds r * h.
  const Operand reset = operands->Prepare(kernels, gru.candidate, {scratch, stride}, columns);
  kernels.matmul(gru.candidate, reset, {product, stride}, {product, stride}, columns);
  for (int c = 0; c < columns; ++c) {
    const float* gates = scratch + c * stride;
    kernels.gru_update(gates + width, gates + 2 * width, width, h.data + c * h.stride);
  }
}

void GruFirstStep(const Kernels& kernels, const Gru& gru, const float* const* inputs, Columns h,
                  int columns, float* scratch) {
  const int width = gru.width();
  for (int c = 0; c < columns; ++c) {
    float* state = h.data + c * h.stride;
    std::fill_n(state, width, 0.0f);
    const float *r = inputs[c], *z = inputs[c] + width, *n = inputs[c] + 2 * width;
    if (gru.reset_after) {
      kernels.gru_reset_after(r, z, n, gru.candidate_bias, width, state);
    } else {
      kernels.add(n, gru.candidate_bias, width, scratch);
      kernels.gru_update(z, scratch, width, state);
    }
  }
}

void MultiplyGates(const Kernels& kernels, const Matrix& w, int width, const Share& units,
                   Operand x, ConstColumns start, Columns y, int columns) {
  if (units.count == width) return kernels.matmul(w, x, start, y, columns);
  for (int gate = 0; gate < w.outputs; gate += width) {
    const Share part = {gate + units.first, units.count};
    kernels.matmul(part.Of(w), x, {start.data + part.first, start.stride},
                   {y.data + part.first, y.stride}, columns);
  }
}

void GruStepOfUnits(const Kernels& kernels, const Gru& gru, const Share& units, Columns sums,
                    ConstColumns h, Columns next, int columns, Operands* operands, float* product) {
  const int width = gru.width();
  const Operand states = operands->Prepare(kernels, gru.gates, h, columns);
  MultiplyGates(kernels, gru.gates, width, units, states, {sums.data, sums.stride}, sums, columns);
  MultiplyGates(kernels, gru.candidate, width, units,
                operands->PrepareAgain(kernels, gru.candidate, h, columns, gru.gates, states),
                {gru.candidate_bias, 0}, {product, width}, columns);
  for (int c = 0; c < columns; ++c) {
    const float* gates = sums.data + c * sums.stride + units.first;
    float* state = next.data + c * next.stride + units.first;
    std::copy_n(h.data + c * h.stride + units.first, units.count, state);
    kernels.gru_reset_after(gates, gates + width, gates + 2 * width,
                            product + ptrdiff_t{c} * width + units.first, units.count, state);
  }
}

}  // namespace tfopt

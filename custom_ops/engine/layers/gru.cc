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
  PackMatrix(kernel, row, hidden, {2, hidden}, const_cast<float*>(gru.gates.weights));
  PackMatrix(kernel + 2 * hidden, row, hidden, {1, hidden},
             const_cast<float*>(gru.candidate.weights));
  PackVector(candidate_bias, {1, hidden}, const_cast<float*>(gru.candidate_bias));
}

void GruStep(const Kernels& kernels, const Gru& gru, const float* const* inputs, Columns h,
             int columns, float* scratch) {
  const int width = gru.width();
  const ptrdiff_t stride = gru.inputs();
  const ConstColumns states = {h.data, h.stride};
  for (int c = 0; c < columns; ++c) {
    std::copy_n(inputs[c], 2 * width, scratch + c * stride);
  }
  kernels.matmul(gru.gates, states, {scratch, stride}, {scratch, stride}, columns);
  float* product = scratch + 2 * width;  // of the candidate
  if (gru.reset_after) {
    kernels.matmul(gru.candidate, states, {gru.candidate_bias, 0}, {product, stride}, columns);
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
  kernels.matmul(gru.candidate, {scratch, stride}, {product, stride}, {product, stride}, columns);
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

}  // namespace tfopt

#include "engine/layers/embedding.h"

#include <vector>

namespace tfopt {

void PackEmbedding(const float* rows, int symbols, const float* bias, OutputGroups outputs,
                   float* table) {
  const ptrdiff_t width = ptrdiff_t{outputs.groups} * outputs.width;
  std::vector<float> sums(static_cast<size_t>(width));
  for (int s = 0; s < symbols; ++s, rows += width, table += outputs.padded()) {
    for (ptrdiff_t o = 0; o < width; ++o) sums[static_cast<size_t>(o)] = rows[o] + bias[o];
    PackVector(sums.data(), outputs, table);
  }
}

void PackFoldedEmbedding(const float* embedding, int symbols, int width, const float* kernel,
                         const float* bias, OutputGroups outputs, float* table) {
  const ptrdiff_t row = ptrdiff_t{outputs.groups} * outputs.width;
  std::vector<double> sums(static_cast<size_t>(row));
  std::vector<float> rounded(sums.size());
  for (int s = 0; s < symbols; ++s, embedding += width, table += outputs.padded()) {
    sums.assign(bias, bias + row);
    for (int i = 0; i < width; ++i) {
      const double value = embedding[i];
      const float* weights = kernel + i * row;
      for (size_t o = 0; o < sums.size(); ++o) sums[o] += value * weights[o];
    }
    for (size_t o = 0; o < sums.size(); ++o) rounded[o] = static_cast<float>(sums[o]);
    PackVector(rounded.data(), outputs, table);
  }
}

}  // namespace tfopt

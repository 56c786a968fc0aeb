// What the symbols of an alphabet add to the layer behind them: one row of a table for each.
#ifndef TFOPT_ENGINE_LAYERS_EMBEDDING_H_
#define TFOPT_ENGINE_LAYERS_EMBEDDING_H_

#include <cstddef>

#include "engine/packing/matrix.h"

namespace tfopt {

struct Embedding {
  const float* table = nullptr;  // [symbols, width]
  int width = 0;                 // padded

  const float* Row(int symbol) const { return table + static_cast<ptrdiff_t>(symbol) * width; }
};

// Packs rows [symbols, outputs], to each of which a bias [outputs] is added, into a table of
// symbols * outputs.padded() floats: a layer's kernel whose input is one-hot.
void PackEmbedding(const float* rows, int symbols, const float* bias, OutputGroups outputs,
                   float* table);

// Packs the products of an embedding [symbols, width] and the kernel [width, outputs] of the layer that
// reads it, plus the bias [outputs]: symbol and layer become one row. Sums in double.
void PackFoldedEmbedding(const float* embedding, int symbols, int width, const float* kernel,
                         const float* bias, OutputGroups outputs, float* table);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_EMBEDDING_H_

// The gated recurrent unit (Cho et al. 2014), for many sequences at a time.
//
//   r, z = sigmoid(x_r + U_r h), sigmoid(x_z + U_z h)
//   n = tanh(x_n + r * (U_n h + b))    reset_after (PyTorch, cuDNN)
//   n = tanh(x_n + U_n (r * h) + b)    otherwise (the paper, TensorFlow's GRUCell)
//   h' = n + z * (h - n)
//
// x is all that the input and the biases add, computed by whoever knows what the input is.
#ifndef TFOPT_ENGINE_LAYERS_GRU_H_
#define TFOPT_ENGINE_LAYERS_GRU_H_

#include "engine/kernels/kernels.h"
#include "engine/layers/operands.h"
#include "engine/packing/layout.h"
#include "engine/share.h"

namespace tfopt {

// The recurrent weights. Vectors are padded (kernels.h); "hidden" in shapes means Padded(hidden).
struct Gru {
  Matrix gates;                           // [hidden, 2 hidden]: reset, update
  Matrix candidate;                       // [hidden, hidden]
  const float* candidate_bias = nullptr;  // [hidden]
  bool reset_after = false;

  int width() const { return candidate.outputs; }  // Padded(hidden)
  int inputs() const { return 3 * width(); }       // floats of x and of scratch a sequence

  // The next blocks of a layout.
  static Gru Next(int hidden, bool reset_after, Layout* layout);
};

// Packs a kernel [hidden, 3 hidden] (reset, update, candidate) and the bias of the candidate's product
// [hidden] into the places that `gru` reads.
void PackGru(const float* kernel, const float* candidate_bias, int hidden, const Gru& gru);

// One step of `columns` sequences.
//
//   inputs: for each sequence its x [3 hidden]: reset, update, candidate
//   h: states [hidden], replaced
//   operands: for as many columns of hidden numbers
//   scratch: [columns, 3 hidden]
void GruStep(const Kernels& kernels, const Gru& gru, const float* const* inputs, Columns h,
             int columns, Operands* operands, float* scratch);

// The step from the zero state, where the products are zero: the same bits at a fraction of the work.
// Whatever `h` holds is replaced. scratch: [hidden]
void GruFirstStep(const Kernels& kernels, const Gru& gru, const float* const* inputs, Columns h,
                  int columns, float* scratch);

// --- For threads that share a step ---

// y = start + W x for columns x, of the gates of some units only. `w` computes one or several gates, each of
// `width` units, padded; `units` are all of them, or whole tiles where the width is a multiple of a tile.
void MultiplyGates(const Kernels& kernels, const Matrix& w, int width, const Share& units,
                   Operand x, ConstColumns start, Columns y, int columns);

// A step (reset_after) of some units, as above. Everybody reads all of the old states, so that the new ones go
// elsewhere.
//
//   sums: x [3 hidden], overwritten
//   h: old states [hidden]
//   next: new states [hidden]; only the units are written
//   operands: for as many columns of hidden numbers
//   product: [columns, hidden], to work in
void GruStepOfUnits(const Kernels& kernels, const Gru& gru, const Share& units, Columns sums,
                    ConstColumns h, Columns next, int columns, Operands* operands, float* product);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_GRU_H_

// Where the weights of a g2p model stand in its packed form.
#ifndef TFOPT_ENGINE_MODELS_G2P_WEIGHTS_H_
#define TFOPT_ENGINE_MODELS_G2P_WEIGHTS_H_

#include "engine/layers/embedding.h"
#include "engine/layers/gru.h"
#include "engine/models/g2p.h"

namespace tfopt {

// A GRU that reads symbols. Each adds [3 hidden]: reset, update, candidate, all biases that can be in.
struct G2pSide {
  Embedding symbols;
  Gru gru;
};

// Everything that does not depend on the last phoneme is folded: see model/tfopt/g2p/attention_gru.py.
struct G2pAttention {
  Matrix to_decoder;            // [hidden, 3 hidden]: the last attention → the decoder's gates
  Matrix from_forward;          // [hidden, 2 hidden]: encoder → keys; values, what a place adds to the
  Matrix from_backward;         //     attention's output if attended to
  Matrix from_state;            // [hidden, 2 hidden]: state → query; its share of the attention's output
  const float* score = nullptr;  // [hidden]
};

struct G2pWeights {
  G2pSide encoder;         // of attention_gru: the forward direction
  G2pSide backward;        // attention_gru
  G2pSide decoder;
  G2pAttention attention;  // attention_gru
  Matrix output;           // [hidden, phonemes]
  const float* output_bias = nullptr;  // [phonemes]

  // Whether what the matrices multiply is counted: then it has to be as often as there are words that need it, so that
  // nothing is shared by words or known beforehand.
  bool observed() const { return output.observer != nullptr; }

  // The next blocks of a layout.
  static G2pWeights Next(const G2pConfig& config, Layout* layout);
};

// Finds the weights of a packed model, which is checked. If given, `observed` gets a histogram for each matrix of
// the format, which decoding then counts in.
Status ReadG2p(const uint8_t* packed, size_t packed_bytes, G2pConfig* config, G2pWeights* weights,
               InputHistograms* observed = nullptr);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_G2P_WEIGHTS_H_

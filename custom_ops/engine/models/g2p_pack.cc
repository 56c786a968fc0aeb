// From the tensors of a g2p model to its packed form.
#include <vector>

#include "engine/models/g2p_weights.h"
#include "engine/packing/packed_config.h"

namespace tfopt {
namespace {

// A side of the network gru; `tensors` are its five.
void PackGruSide(const G2pConfig& config, int symbols, const Tensor* tensors, const G2pSide& side) {
  const float *embedding = tensors[0].data, *input_kernel = tensors[1].data,
              *input_bias = tensors[2].data, *recurrent_kernel = tensors[3].data,
              *recurrent_bias = tensors[4].data;
  const size_t hidden = static_cast<size_t>(config.hidden);
  // The reset gate multiplies the candidate's recurrent bias, so that alone stays out of the table.
  std::vector<float> bias(input_bias, input_bias + 3 * hidden);
  for (size_t i = 0; i < 2 * hidden; ++i) bias[i] += recurrent_bias[i];
  PackFoldedEmbedding(embedding, symbols, config.embedding, input_kernel, bias.data(),
                      {3, config.hidden}, Writable(side.symbols.table));
  PackGru(recurrent_kernel, recurrent_bias + 2 * hidden, config.hidden, side.gru);
}

// A side of the network attention_gru; `tensors` are its three. All biases are in the table.
void PackAttentionGruSide(const G2pConfig& config, int symbols, const Tensor* tensors,
                          const G2pSide& side) {
  PackEmbedding(tensors[0].data, symbols, tensors[2].data, {3, config.hidden},
                Writable(side.symbols.table));
  const std::vector<float> no_bias(static_cast<size_t>(config.hidden));
  PackGru(tensors[1].data, no_bias.data(), config.hidden, side.gru);
}

// Two kernels [hidden, hidden] as one whose outputs stand side by side.
void PackSideBySide(const float* first, const float* second, int hidden, const Matrix& matrix) {
  const size_t width = static_cast<size_t>(hidden);
  std::vector<float> both;
  both.reserve(2 * width * width);
  for (size_t i = 0; i < width; ++i) {
    both.insert(both.end(), first + i * width, first + (i + 1) * width);
    both.insert(both.end(), second + i * width, second + (i + 1) * width);
  }
  PackMatrix(both.data(), ptrdiff_t{2} * hidden, hidden, {2, hidden}, WritableFloats(matrix));
}

void PackAttentionGru(const G2pConfig& config, const Tensor* tensors, const G2pWeights& weights) {
  const int hidden = config.hidden;
  const ptrdiff_t square = ptrdiff_t{hidden} * hidden;
  PackAttentionGruSide(config, config.graphemes, tensors, weights.encoder);
  PackAttentionGruSide(config, config.graphemes, tensors + 3, weights.backward);
  PackAttentionGruSide(config, config.phonemes, tensors + 6, weights.decoder);
  // The decoder reads [phoneme, attention].
  const float* from_attention = tensors[6].data + ptrdiff_t{config.phonemes} * 3 * hidden;
  const G2pAttention& attention = weights.attention;
  PackMatrix(from_attention, ptrdiff_t{3} * hidden, hidden, {3, hidden},
             WritableFloats(attention.to_decoder));
  const float *memory = tensors[9].data, *query = tensors[10].data, *score = tensors[11].data,
              *output = tensors[12].data;  // output reads [state, forward, backward]
  PackSideBySide(memory, output + square, hidden, attention.from_forward);
  PackSideBySide(memory + square, output + 2 * square, hidden, attention.from_backward);
  PackSideBySide(query, output, hidden, attention.from_state);
  PackVector(score, {1, hidden}, Writable(attention.score));
}

}  // namespace

Status PackModel(const G2pConfig& config, const std::vector<Tensor>& tensors, uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(config, &bytes));
  TFOPT_RETURN_IF_ERROR(CheckTensors(TensorsOf(config), tensors));
  WritePackedConfig(PackedKind::kG2p, config, bytes, buffer);
  const WeightFormat format;
  Layout layout = LayoutOf(config, buffer, format);
  const G2pWeights weights = G2pWeights::Next(config, &layout);
  if (config.architecture == G2pArchitecture::kGru) {
    PackGruSide(config, config.graphemes, tensors.data(), weights.encoder);
    PackGruSide(config, config.phonemes, tensors.data() + 5, weights.decoder);
  } else {
    PackAttentionGru(config, tensors.data(), weights);
  }
  const size_t count = tensors.size();
  PackMatrix(tensors[count - 2].data, config.phonemes, config.hidden, {1, config.phonemes},
             WritableFloats(weights.output));
  PackVector(tensors[count - 1].data, {1, config.phonemes}, Writable(weights.output_bias));
  return {};
}

}  // namespace tfopt

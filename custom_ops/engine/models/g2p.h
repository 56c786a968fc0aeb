// Grapheme-to-phoneme conversion: sequence to sequence, greedy. Two networks:
//
//   gru            a GRU encoder whose last state starts a GRU decoder (g2p-en 2.x)
//   attention_gru  a bidirectional GRU encoder and a GRU decoder with Bahdanau attention and input feeding
//                  (g2p-en 1.x)
#ifndef TFOPT_ENGINE_MODELS_G2P_H_
#define TFOPT_ENGINE_MODELS_G2P_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/packing/layout.h"
#include "engine/packing/tensors.h"
#include "engine/status.h"
#include "engine/tensor.h"

namespace tfopt {

enum class G2pArchitecture : int32_t { kGru = 0, kAttentionGru = 1 };

struct G2pConfig {
  G2pArchitecture architecture = G2pArchitecture::kGru;
  int graphemes = 0;  // input symbols
  int phonemes = 0;   // output symbols
  int embedding = 0;  // width of the symbol embeddings; 0 for attention_gru
  int hidden = 0;
  int max_phonemes = 0;  // written at most
  int start_phoneme = 0;
  int end_phoneme = 0;

  Status Check() const;

  static constexpr int kIntegers = 8;  // in the order above
  std::vector<int32_t> ToIntegers() const;
  static Status FromIntegers(const std::vector<int32_t>& integers, G2pConfig* config);
};

// Bytes of the packed model, by default of float32; a failure names the setting.
Status PackedBytes(const G2pConfig& config, size_t* bytes, const WeightFormat& format = {});

// The tensors that a model is packed from, in the order of the Python class G2pConfig.shapes.
std::vector<ExpectedTensor> TensorsOf(const G2pConfig& config);

// Writes the packed model, in float32. Products of symbol embeddings and input kernels become tables here.
//
//   tensors: those that TensorsOf(config) lists
//   buffer: the bytes that PackedBytes says
//
// A failure names the tensor, what was expected and given. Values have to be finite.
Status PackModel(const G2pConfig& config, const std::vector<Tensor>& tensors, uint8_t* buffer);

// Decodes a batch.
//
//   packed: a packed model, read in place and checked
//   ids: [batch, time]; those that count are in [0, graphemes), the others are not looked at
//   lengths: [batch], in [1, time]: how many of a row count
//   threads: at least 1; changes no result. A batch of many words is spread over them.
//   phonemes: [batch, max_phonemes], written; filled up with the end mark
//   observed: if given, gets a histogram for each matrix of the format, of the vectors it has multiplied; then
//             `threads` has to be 1
//
// A failure names the argument and the first row at fault.
Status DecodeG2p(const Kernels& kernels, const uint8_t* packed, size_t packed_bytes, int batch,
                 int time, const int32_t* ids, const int32_t* lengths, int threads,
                 int32_t* phonemes, InputHistograms* observed = nullptr);

// What a packed model's config says.
Status ReadG2pConfig(const uint8_t* packed, size_t packed_bytes, G2pConfig* config);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_G2P_H_

#include "engine/models/g2p_weights.h"

#include "engine/packing/packed_config.h"

namespace tfopt {
namespace {

G2pSide NextSide(int symbols, int hidden, bool reset_after, Layout* layout) {
  G2pSide side;
  side.symbols.width = 3 * Padded(hidden);
  side.symbols.table = layout->Floats(symbols, side.symbols.width);
  side.gru = Gru::Next(hidden, reset_after, layout);
  return side;
}

}  // namespace

G2pWeights G2pWeights::Next(const G2pConfig& config, Layout* layout) {
  const int hidden = config.hidden, width = Padded(hidden);
  const bool attention_gru = config.architecture == G2pArchitecture::kAttentionGru;
  G2pWeights w;
  w.encoder = NextSide(config.graphemes, hidden, !attention_gru, layout);
  if (attention_gru) {
    w.backward = NextSide(config.graphemes, hidden, false, layout);
    w.attention.from_forward = layout->NextMatrix(hidden, 2 * width);
    w.attention.from_backward = layout->NextMatrix(hidden, 2 * width);
    w.attention.to_decoder = layout->NextMatrix(hidden, 3 * width);
    w.attention.from_state = layout->NextMatrix(hidden, 2 * width);
    w.attention.score = layout->Floats(1, width);
  }
  w.decoder = NextSide(config.phonemes, hidden, !attention_gru, layout);
  w.output = layout->NextMatrix(hidden, Padded(config.phonemes));
  w.output_bias = layout->Floats(1, Padded(config.phonemes));
  return w;
}

Status PackedBytes(const G2pConfig& config, size_t* bytes, const WeightFormat& format) {
  TFOPT_RETURN_IF_ERROR(config.Check());
  Layout layout = LayoutOf(config, nullptr, format);
  G2pWeights::Next(config, &layout);
  TFOPT_RETURN_IF_ERROR(layout.status());
  *bytes = layout.bytes();
  return {};
}

Status ReadG2pConfig(const uint8_t* packed, size_t packed_bytes, G2pConfig* config) {
  WeightFormat format;
  return ReadPackedConfig(PackedKind::kG2p, packed, packed_bytes, config, &format);
}

Status ReadG2p(const uint8_t* packed, size_t packed_bytes, G2pConfig* config, G2pWeights* weights,
               InputHistograms* observed) {
  WeightFormat format;
  TFOPT_RETURN_IF_ERROR(
      ReadPackedConfig(PackedKind::kG2p, packed, packed_bytes, config, &format));
  Layout layout = LayoutOf(*config, packed, format);
  layout.ObserveIn(observed);
  *weights = G2pWeights::Next(*config, &layout);
  return layout.status();
}

}  // namespace tfopt

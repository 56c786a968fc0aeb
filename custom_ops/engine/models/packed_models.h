// The kinds of packed models whose weights have a format, by what they are read with.
#ifndef TFOPT_ENGINE_MODELS_PACKED_MODELS_H_
#define TFOPT_ENGINE_MODELS_PACKED_MODELS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/models/g2p_weights.h"
#include "engine/models/wavenet.h"
#include "engine/models/wavernn.h"
#include "engine/packing/packed_config.h"
#include "engine/status.h"

namespace tfopt {

template <PackedKind kind, class ConfigOfKind, class WeightsOfKind>
struct PackedModel {
  using Config = ConfigOfKind;
  using Weights = WeightsOfKind;
  static constexpr PackedKind kKind = kind;

  // Reads a packed model of this kind, which is checked: what it consists of, one block after the other.
  static Status Read(const uint8_t* packed, size_t size, Config* config, WeightFormat* format,
                     std::vector<Layout::Block>* blocks) {
    TFOPT_RETURN_IF_ERROR(ReadPackedConfig(kKind, packed, size, config, format));
    Layout layout = LayoutOf(*config, packed, *format);
    layout.RecordIn(blocks);
    Weights::Next(*config, &layout);
    return layout.status();
  }
};

// Calls `visit` with the PackedModel that a buffer of `size` bytes says that it is.
template <class Visit>
Status VisitPackedModel(const uint8_t* packed, size_t size, const Visit& visit) {
  PackedKind kind = PackedKind::kMatrix;
  TFOPT_RETURN_IF_ERROR(ReadKind(packed, size, &kind));
  switch (kind) {
    case PackedKind::kWavenet:
      return visit(PackedModel<PackedKind::kWavenet, WavenetConfig, WavenetWeights>());
    case PackedKind::kWavernn:
      return visit(PackedModel<PackedKind::kWavernn, WavernnConfig, WavernnWeights>());
    case PackedKind::kG2p: return visit(PackedModel<PackedKind::kG2p, G2pConfig, G2pWeights>());
    case PackedKind::kMatrix:
    case PackedKind::kMelResnet: break;
  }
  return Status::Invalid("packed: expected a packed wavenet, wavernn or g2p, got a " +
                         KindName(kind));
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_PACKED_MODELS_H_

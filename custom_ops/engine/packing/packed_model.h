// The header of a packed model, one tensor of bytes that holds a config and all weights.
//
//   offset  bytes
//        0      8  "TFOPTMDL"
//        8      4  version of the layout
//       12      4  kind of model
//       16      8  bytes of the whole
//       24      8  number of integers
//       32    4 n  integers: of a model how its weights are stored (weight_format.h), then its config
//   then, aligned to 64 bytes, the blocks that follow from these (layout.h)
//
// Integers are little-endian. The layout is the same for every instruction set. The tensor may come from
// anywhere, so nothing in it is believed: a config is checked as a user's would be, and the size that
// follows from it has to be the size that is there.
#ifndef TFOPT_ENGINE_PACKING_PACKED_MODEL_H_
#define TFOPT_ENGINE_PACKING_PACKED_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/status.h"

namespace tfopt {

enum class PackedKind : uint32_t {
  kMatrix = 1,
  kWavenet = 2,
  kG2p = 3,
  kWavernn = 4,
  kMelResnet = 5
};

// "wavenet", or "kind 7" of one that there is not.
std::string KindName(PackedKind kind);

// Bytes that the header of a config with this many integers takes, padding included.
size_t HeaderBytes(size_t integers);

// Writes the header, and zeros into its padding.
void WriteHeader(PackedKind kind, const std::vector<int32_t>& config, size_t total_bytes,
                 uint8_t* buffer);

// What kind of model a buffer of `size` bytes says that it is; see ReadHeader.
Status ReadKind(const uint8_t* buffer, size_t size, PackedKind* kind);

// Reads and checks the header of a buffer of `size` bytes; the config's values are up to the caller.
Status ReadHeader(PackedKind kind, const uint8_t* buffer, size_t size, std::vector<int32_t>* config);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_PACKED_MODEL_H_

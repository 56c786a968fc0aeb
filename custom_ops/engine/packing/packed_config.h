// The config of a packed model, which says where its weights are: written before them, and read back, checked.
#ifndef TFOPT_ENGINE_PACKING_PACKED_CONFIG_H_
#define TFOPT_ENGINE_PACKING_PACKED_CONFIG_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/packing/layout.h"
#include "engine/packing/packed_model.h"
#include "engine/status.h"

namespace tfopt {

// The integers of the header: what the matrices are stored as, then the config.
template <class Config>
std::vector<int32_t> PackedIntegers(const Config& config, const WeightFormat& format) {
  std::vector<int32_t> integers = format.ToIntegers();
  const std::vector<int32_t> settings = config.ToIntegers();
  integers.insert(integers.end(), settings.begin(), settings.end());
  return integers;
}

// Writes the header of a packed model of `bytes` bytes, and zeros behind it.
template <class Config>
void WritePackedConfig(PackedKind kind, const Config& config, size_t bytes, uint8_t* buffer,
                       const WeightFormat& format = {}) {
  std::fill_n(buffer, bytes, uint8_t{0});
  WriteHeader(kind, PackedIntegers(config, format), bytes, buffer);
}

// Reads the config of a packed model of `size` bytes and how its weights are stored, and checks that these call
// for as many.
template <class Config>
Status ReadPackedConfig(PackedKind kind, const uint8_t* buffer, size_t size, Config* config,
                        WeightFormat* format) {
  std::vector<int32_t> integers;
  TFOPT_RETURN_IF_ERROR(ReadHeader(kind, buffer, size, &integers));
  TFOPT_RETURN_IF_ERROR(WeightFormat::TakeIntegers(&integers, format));
  size_t bytes = 0;
  Status status = Config::FromIntegers(integers, config);
  if (status.ok()) status = PackedBytes(*config, &bytes, *format);
  if (!status.ok()) return Status::Invalid("packed: " + status.message());
  if (bytes == size) return {};
  return Status::Invalid("packed: expected " + std::to_string(bytes) +
                         " bytes as its config calls for, got " + std::to_string(size));
}

// The blocks of the weights, which begin behind the header; see layout.h.
template <class Config>
Layout LayoutOf(const Config& config, const uint8_t* buffer, const WeightFormat& format) {
  return Layout(buffer, HeaderBytes(PackedIntegers(config, format).size()), &format);
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_PACKED_CONFIG_H_

#include "engine/packing/packed_model.h"

#include <cstring>
#include <string>

#include "engine/aligned.h"
#include "engine/packing/header.h"

namespace tfopt {
namespace {

constexpr char kMagic[] = "TFOPTMDL";
constexpr uint32_t kVersion = 2;

// Whether a header of this layout's version is there.
Status ReadBegin(const uint8_t* buffer, size_t size, Header* header) {
  if (size < sizeof(*header)) {
    return Status::Invalid("packed: expected a packed model, got " + std::to_string(size) + " bytes");
  }
  std::memcpy(header, buffer, sizeof(*header));
  if (!header->Begins(kMagic)) {
    return Status::Invalid("packed: expected a packed model, got bytes that do not begin as one");
  }
  if (header->version != kVersion) {
    return Status::Invalid("packed: expected version " + std::to_string(kVersion) +
                           " of the layout, got " + std::to_string(header->version) +
                           "; pack the model again");
  }
  return {};
}

}  // namespace

std::string KindName(PackedKind kind) {
  switch (kind) {
    case PackedKind::kMatrix: return "matrix";
    case PackedKind::kWavenet: return "wavenet";
    case PackedKind::kG2p: return "g2p";
    case PackedKind::kWavernn: return "wavernn";
    case PackedKind::kMelResnet: return "mel_resnet";
  }
  return "kind " + std::to_string(static_cast<uint32_t>(kind));
}

Status ReadKind(const uint8_t* buffer, size_t size, PackedKind* kind) {
  Header header;
  TFOPT_RETURN_IF_ERROR(ReadBegin(buffer, size, &header));
  *kind = static_cast<PackedKind>(header.kind);
  return {};
}

size_t HeaderBytes(size_t integers) {
  return RoundUp(sizeof(Header) + integers * sizeof(int32_t), kAlignment);
}

void WriteHeader(PackedKind kind, const std::vector<int32_t>& config, size_t total_bytes,
                 uint8_t* buffer) {
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(header.magic));
  header.version = kVersion;
  header.kind = static_cast<uint32_t>(kind);
  header.bytes = total_bytes;
  header.entries = config.size();
  std::memset(buffer, 0, HeaderBytes(config.size()));
  std::memcpy(buffer, &header, sizeof(header));
  if (!config.empty()) {
    std::memcpy(buffer + sizeof(header), config.data(), config.size() * sizeof(int32_t));
  }
}

Status ReadHeader(PackedKind kind, const uint8_t* buffer, size_t size,
                  std::vector<int32_t>* config) {
  Header header;
  TFOPT_RETURN_IF_ERROR(ReadBegin(buffer, size, &header));
  if (header.kind != static_cast<uint32_t>(kind)) {
    return Status::Invalid("packed: expected a packed " + KindName(kind) + ", got a " +
                           KindName(static_cast<PackedKind>(header.kind)));
  }
  if (header.bytes != size) {
    return Status::Invalid("packed: expected " + std::to_string(header.bytes) +
                           " bytes as its header says, got " + std::to_string(size));
  }
  if (header.entries > (size - sizeof(header)) / sizeof(int32_t)) {
    return Status::Invalid("packed: expected a config of " + std::to_string(header.entries) +
                           " integers, got " + std::to_string(size) + " bytes in all");
  }
  if (reinterpret_cast<uintptr_t>(buffer) % alignof(float) != 0) {
    return Status::Invalid("packed: expected memory aligned to floats");
  }
  config->resize(header.entries);
  if (!config->empty()) {
    std::memcpy(config->data(), buffer + sizeof(header), config->size() * sizeof(int32_t));
  }
  return {};
}

}  // namespace tfopt

#include "engine/models/packed_mel_resnet.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/models/settings.h"
#include "engine/models/wavernn_config.h"
#include "engine/packing/packed_model.h"

namespace tfopt {
namespace {

constexpr size_t kIntegers = 5;
// As in tfopt.wavernn.config.
constexpr int kMostChannels = WavernnConfig::kMostChannels;
constexpr int kLargestPad = 100, kMostBlocks = 1000;
constexpr int kMostOutputs = 4 * kMostChannels;  // aux_parts * aux_channels

std::vector<int32_t> ToIntegers(const MelResnetShape& shape) {
  return {shape.mel_channels, shape.pad, shape.channels, shape.blocks, shape.outputs};
}

}  // namespace

Status MelResnetShapeOf(const std::vector<int32_t>& integers, MelResnetShape* shape) {
  TFOPT_RETURN_IF_ERROR(CheckSettingCount(kIntegers, integers.size()));
  const MelResnetShape read = {integers[0], integers[1], integers[2], integers[3], integers[4]};
  TFOPT_RETURN_IF_ERROR(CheckSetting("mel_channels", read.mel_channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("pad", read.pad, 0, kLargestPad));
  TFOPT_RETURN_IF_ERROR(CheckSetting("channels", read.channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("blocks", read.blocks, 0, kMostBlocks));
  TFOPT_RETURN_IF_ERROR(CheckSetting("outputs", read.outputs, 1, kMostOutputs));
  *shape = read;
  return {};
}

std::vector<ExpectedTensor> TensorsOf(const MelResnetShape& shape) {
  std::vector<ExpectedTensor> tensors;
  const auto layer = [&](const std::string& name, std::vector<int> kernel) {
    const int outputs = kernel.back();
    tensors.push_back({"resnet." + name + ".kernel", std::move(kernel)});
    tensors.push_back({"resnet." + name + ".bias", {outputs}});
  };
  layer("input", {2 * shape.pad + 1, shape.mel_channels, shape.channels});
  for (int block = 0; block < shape.blocks; ++block) {
    for (const char* half : {".0", ".1"}) {
      layer("blocks." + std::to_string(block) + half, {shape.channels, shape.channels});
    }
  }
  layer("output", {shape.channels, shape.outputs});
  return tensors;
}

Status PackedBytes(const MelResnetShape& shape, size_t* bytes) {
  Layout layout(nullptr, HeaderBytes(kIntegers));
  MelResnet::Next(shape, &layout);
  if (layout.overflowed()) return Status::Invalid("config: expected a model that fits into memory");
  *bytes = layout.bytes();
  return {};
}

Status PackModel(const MelResnetShape& shape, const std::vector<Tensor>& tensors,
                     uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(shape, &bytes));
  TFOPT_RETURN_IF_ERROR(CheckTensors(TensorsOf(shape), tensors));
  std::fill_n(buffer, bytes, uint8_t{0});
  WriteHeader(PackedKind::kMelResnet, ToIntegers(shape), bytes, buffer);
  Layout layout(buffer, HeaderBytes(kIntegers));
  MelResnet::Next(shape, &layout).Pack(tensors);
  return {};
}

Status ReadMelResnet(const uint8_t* buffer, size_t size, MelResnet* resnet) {
  std::vector<int32_t> integers;
  TFOPT_RETURN_IF_ERROR(ReadHeader(PackedKind::kMelResnet, buffer, size, &integers));
  MelResnetShape shape;
  size_t bytes = 0;
  Status status = MelResnetShapeOf(integers, &shape);
  if (status.ok()) status = PackedBytes(shape, &bytes);
  if (!status.ok()) return Status::Invalid("packed: " + status.message());
  if (bytes != size) {
    return Status::Invalid("packed: expected " + std::to_string(bytes) +
                           " bytes as its config calls for, got " + std::to_string(size));
  }
  Layout layout(buffer, HeaderBytes(kIntegers));
  *resnet = MelResnet::Next(shape, &layout);
  return {};
}

}  // namespace tfopt

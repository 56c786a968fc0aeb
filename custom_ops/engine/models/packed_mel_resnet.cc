#include "engine/models/packed_mel_resnet.h"

#include <string>
#include <utility>

#include "engine/models/settings.h"
#include "engine/models/wavernn_config.h"
#include "engine/packing/packed_config.h"

namespace tfopt {
namespace {

// As in tfopt.wavernn.config.
constexpr int kMostChannels = WavernnConfig::kMostChannels;
constexpr int kLargestPad = 100, kMostBlocks = 1000;
constexpr int kMostOutputs = 4 * kMostChannels;  // aux_parts * aux_channels

}  // namespace

std::vector<int32_t> MelResnetConfig::ToIntegers() const {
  return {mel_channels, pad, channels, blocks, outputs};
}

Status MelResnetConfig::FromIntegers(const std::vector<int32_t>& integers,
                                     MelResnetConfig* config) {
  TFOPT_RETURN_IF_ERROR(CheckSettingCount(5, integers.size()));
  const MelResnetConfig read = {
      {integers[0], integers[1], integers[2], integers[3], integers[4]}};
  TFOPT_RETURN_IF_ERROR(CheckSetting("mel_channels", read.mel_channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("pad", read.pad, 0, kLargestPad));
  TFOPT_RETURN_IF_ERROR(CheckSetting("channels", read.channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("blocks", read.blocks, 0, kMostBlocks));
  TFOPT_RETURN_IF_ERROR(CheckSetting("outputs", read.outputs, 1, kMostOutputs));
  *config = read;
  return {};
}

std::vector<ExpectedTensor> TensorsOf(const MelResnetConfig& config) {
  std::vector<ExpectedTensor> tensors;
  const auto layer = [&](const std::string& name, std::vector<int> kernel) {
    const int outputs = kernel.back();
    tensors.push_back({"resnet." + name + ".kernel", std::move(kernel)});
    tensors.push_back({"resnet." + name + ".bias", {outputs}});
  };
  layer("input", {2 * config.pad + 1, config.mel_channels, config.channels});
  for (int block = 0; block < config.blocks; ++block) {
    for (const char* half : {".0", ".1"}) {
      layer("blocks." + std::to_string(block) + half, {config.channels, config.channels});
    }
  }
  layer("output", {config.channels, config.outputs});
  return tensors;
}

Status PackedBytes(const MelResnetConfig& config, size_t* bytes, const WeightFormat& format) {
  if (format.type != WeightType::kFloat32 || !format.matrices.empty()) {
    return Status::Invalid("weights: expected dense float32 ones in a residual network");
  }
  Layout layout = LayoutOf(config, nullptr, format);
  MelResnet::Next(config, &layout);
  TFOPT_RETURN_IF_ERROR(layout.status());
  *bytes = layout.bytes();
  return {};
}

Status PackModel(const MelResnetConfig& config, const std::vector<Tensor>& tensors,
                 uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(config, &bytes));
  TFOPT_RETURN_IF_ERROR(CheckTensors(TensorsOf(config), tensors));
  WritePackedConfig(PackedKind::kMelResnet, config, bytes, buffer);
  const WeightFormat format;
  Layout layout = LayoutOf(config, buffer, format);
  MelResnet::Next(config, &layout).Pack(tensors);
  return {};
}

Status ReadMelResnet(const uint8_t* buffer, size_t size, MelResnet* resnet) {
  MelResnetConfig config;
  WeightFormat format;
  TFOPT_RETURN_IF_ERROR(ReadPackedConfig(PackedKind::kMelResnet, buffer, size, &config, &format));
  Layout layout = LayoutOf(config, buffer, format);
  *resnet = MelResnet::Next(config, &layout);
  return {};
}

}  // namespace tfopt

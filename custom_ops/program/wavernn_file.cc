#include "program/wavernn_file.h"

#include <string>
#include <utility>

namespace tfopt {
namespace {

// As in tfopt.wavernn.config.
constexpr int kLargestPad = 100, kMostBlocks = 1000;

Status ReadResnet(const ModelFile& file, WavernnFile* wavernn) {
  static const char kShape[] = "resnet.shape", kWeights[] = "resnet.weights";
  Array<int32_t> shape;
  Array<float> weights;
  TFOPT_RETURN_IF_ERROR(file.Find(kShape, &shape));
  TFOPT_RETURN_IF_ERROR(file.Find(kWeights, &weights));
  TFOPT_RETURN_IF_ERROR(CheckSize(kShape, 3, shape.size));
  const int pad = shape.data[0], channels = shape.data[1], blocks = shape.data[2];
  const auto range = [](const char* what, int value, int least, int most) -> Status {
    if (value >= least && value <= most) return {};
    return WrongSection(kShape,
                        std::string(what) + " from " + std::to_string(least) + " to " +
                            std::to_string(most),
                        std::to_string(value));
  };
  TFOPT_RETURN_IF_ERROR(range("frames on each side", pad, 0, kLargestPad));
  TFOPT_RETURN_IF_ERROR(range("channels", channels, 1, WavernnConfig::kMostChannels));
  TFOPT_RETURN_IF_ERROR(range("blocks", blocks, 0, kMostBlocks));
  const WavernnConfig& config = wavernn->model.config;
  wavernn->resnet = {config.mel_channels, pad, channels, blocks,
                     config.aux_parts() * config.aux_channels};
  TFOPT_RETURN_IF_ERROR(CheckSize(kWeights, wavernn->resnet.weights(), weights.size));
  wavernn->resnet_weights = weights.data;
  return CheckValues(kWeights, weights, 1e9f);
}

}  // namespace

Status WavernnFile::Read(const ModelFile& file, WavernnFile* wavernn) {
  Array<uint8_t> packed;
  WavernnFile read;
  TFOPT_RETURN_IF_ERROR(file.Find("model", &packed));
  TFOPT_RETURN_IF_ERROR(Wavernn::Read(packed.data, packed.size, &read.model));
  const int bits = read.model.config.bits;
  TFOPT_RETURN_IF_ERROR(ReadAudioSections(file, bits == 0 ? 0 : 1 << bits, &read));
  TFOPT_RETURN_IF_ERROR(ReadResnet(file, &read));
  *wavernn = std::move(read);
  return {};
}

}  // namespace tfopt

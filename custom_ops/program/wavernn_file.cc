#include "program/wavernn_file.h"

#include <string>
#include <utility>

#include "engine/models/packed_mel_resnet.h"

namespace tfopt {
namespace {

Status ReadResnet(const ModelFile& file, WavernnFile* wavernn) {
  static const char kShape[] = "resnet.shape", kWeights[] = "resnet.weights";
  Array<int32_t> shape;
  Array<float> weights;
  TFOPT_RETURN_IF_ERROR(file.Find(kShape, &shape));
  TFOPT_RETURN_IF_ERROR(file.Find(kWeights, &weights));
  TFOPT_RETURN_IF_ERROR(CheckSize(kShape, 3, shape.size));
  const WavernnConfig& config = wavernn->model.config;
  MelResnetConfig resnet;
  const Status status = MelResnetConfig::FromIntegers(
      {config.mel_channels, shape.data[0], shape.data[1], shape.data[2],
       config.aux_parts() * config.aux_channels},
      &resnet);
  if (!status.ok()) {
    return Status::Invalid("section " + std::string(kShape) + ": " + status.message());
  }
  wavernn->resnet = resnet;
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

// A WaveRNN's residual network over frames as a packed model of its own (packing/packed_model.h): its config and
// weights in one tensor of bytes.
#ifndef TFOPT_ENGINE_MODELS_PACKED_MEL_RESNET_H_
#define TFOPT_ENGINE_MODELS_PACKED_MEL_RESNET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/layers/mel_resnet.h"
#include "engine/packing/tensors.h"
#include "engine/status.h"
#include "engine/tensor.h"

namespace tfopt {

// The shape as the config of a packed model: the settings in the order of MelResnetShape.
struct MelResnetConfig : MelResnetShape {
  std::vector<int32_t> ToIntegers() const;
  // Reads that list, and checks what it says; a failure names the setting.
  static Status FromIntegers(const std::vector<int32_t>& integers, MelResnetConfig* config);
};

// The tensors of the network, in the order of `shapes` of tfopt.wavernn.config.WavernnConfig.
std::vector<ExpectedTensor> TensorsOf(const MelResnetConfig& config);

// Bytes of the packed network, whose config is checked.
Status PackedBytes(const MelResnetConfig& config, size_t* bytes, const WeightFormat& format = {});

// Writes it, as many bytes. `tensors` are those that TensorsOf lists; a failure names the one at fault.
Status PackModel(const MelResnetConfig& config, const std::vector<Tensor>& tensors,
                 uint8_t* buffer);

// Reads it in place: `buffer` has to outlive the result. Checks all that is read.
Status ReadMelResnet(const uint8_t* buffer, size_t size, MelResnet* resnet);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_PACKED_MEL_RESNET_H_

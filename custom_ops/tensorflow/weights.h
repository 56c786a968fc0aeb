// The weights that an op packs: a list of tensors in a fixed order, each of a shape that follows from the
// config.
#ifndef TFOPT_TENSORFLOW_WEIGHTS_H_
#define TFOPT_TENSORFLOW_WEIGHTS_H_

#include <string>
#include <vector>

#include "engine/models/g2p.h"
#include "engine/models/packed_mel_resnet.h"
#include "engine/models/wavenet_config.h"
#include "engine/models/wavernn_config.h"
#include "engine/status.h"
#include "engine/tensor.h"
#include "kernel_context.h"

namespace tfopt {

struct ExpectedWeight {
  std::string name;  // as in model.safetensors
  Shape shape;
  bool optional = false;  // may be [0] instead
};

// In the order of WavenetPack's inputs.
std::vector<ExpectedWeight> WavenetWeightShapes(const WavenetConfig& config);
// In the order of WavernnPack's inputs.
std::vector<ExpectedWeight> WavernnWeightShapes(const WavernnConfig& config);
// In the order of MelResnetPack's inputs.
std::vector<ExpectedWeight> MelResnetWeightShapes(const MelResnetShape& shape);
// In the order of G2pPack's inputs, that of tfopt.g2p.config.G2pConfig.shapes.
std::vector<ExpectedWeight> G2pWeightShapes(const G2pConfig& config);

// All inputs of a call as weights. The engine checks their values.
class WeightInputs {
 public:
  Status Read(KernelContext& context, const std::vector<ExpectedWeight>& expected);

  // They live as long as this.
  const std::vector<Tensor>& tensors() const { return tensors_; }

 private:
  std::vector<Input<float>> inputs_;
  std::vector<Tensor> tensors_;
};

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_WEIGHTS_H_

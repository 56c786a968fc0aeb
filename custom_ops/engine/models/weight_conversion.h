// A packed model of float32 as one of another type of weights, or with its zeros left out.
#ifndef TFOPT_ENGINE_MODELS_WEIGHT_CONVERSION_H_
#define TFOPT_ENGINE_MODELS_WEIGHT_CONVERSION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/kernels/weights.h"
#include "engine/status.h"

namespace tfopt {

struct WeightChoice {
  WeightType type = WeightType::kFloat32;
  // A matrix is stored block-sparse if at most this part of its blocks (kernels/weights.h) hold a weight that is
  // not zero. 0: none is.
  float most_density = 0.0f;
  // For integers: what an input of 1 is to each matrix of the format, in the order of the layout; 0 where each
  // vector has its own scale. Empty: all have.
  std::vector<float> input_scales;
};

// Converts a packed WaveNet, WaveRNN or g2p model, whose weights have to be finite. `allocate` is called once, with
// the bytes of the result, and says where to write them (aligned to floats).
Status ConvertWeights(const uint8_t* packed, size_t size, const WeightChoice& choice,
                      const std::function<Status(size_t bytes, uint8_t** buffer)>& allocate);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WEIGHT_CONVERSION_H_

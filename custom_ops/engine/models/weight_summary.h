// What there is to say of a packed model's weights: their type, and how many of them are stored.
#ifndef TFOPT_ENGINE_MODELS_WEIGHT_SUMMARY_H_
#define TFOPT_ENGINE_MODELS_WEIGHT_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/status.h"

namespace tfopt {

struct WeightSummary {
  // As users choose it: "float32", "bfloat16", "int16", "int8", and "int8_static" with calibrated inputs.
  std::string compute_type;
  // Of the weights of all matrices of the format, the part that is stored: less than 1 where some are sparse.
  double density = 1.0;
};

// Of a packed WaveNet, WaveRNN or g2p model, which is checked.
Status SummarizeWeights(const uint8_t* packed, size_t size, WeightSummary* summary);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WEIGHT_SUMMARY_H_

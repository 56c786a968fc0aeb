// Draws the next sample from a network's output, given uniform random numbers.
#ifndef TFOPT_ENGINE_SAMPLING_SAMPLER_H_
#define TFOPT_ENGINE_SAMPLING_SAMPLER_H_

#include <cstdint>

#include "engine/kernels/kernels.h"

namespace tfopt {

enum class OutputKind : int32_t {
  kCategorical = 0,      // logits of classes; the sample is a class
  kLogisticMixture = 1,  // [mixture logits, means, log scales], each of `mixtures`; an amplitude in [-1, 1]
  kGaussian = 2,         // [mean, log scale]; an amplitude in [-1, 1]
};

// Uniform random numbers that one sample takes.
int UniformsPerSample(OutputKind kind);

// Floats that DrawSample needs to work in: a weight for each output, and a sum for each panel of them.
constexpr int ScratchFloats(int outputs) { return Padded(outputs) + Padded(outputs) / kPanel; }

// What a network's output means.
struct OutputDistribution {
  OutputKind kind = OutputKind::kCategorical;
  int outputs = 0;   // logits, or parameters
  int mixtures = 0;  // components of a mixture of logistics
  // Log scales below this count as this, where the density would be a single point (Salimans et al. 2017).
  float least_log_scale = -7.0f;
};

// Draws one sample by inverse CDF.
//
//   logits: [Padded(outputs)]
//   temperature: at least 0; 0 takes the most probable class, component or amplitude
//   uniforms: [UniformsPerSample(kind)] in [0, 1)
//   scratch: [ScratchFloats(outputs)]
//
// Returns the class (as a float) or the amplitude, and NaN if the logits leave nothing to draw from.
float DrawSample(const Kernels& kernels, const OutputDistribution& output, const float* logits,
                 float temperature, const float* uniforms, float* scratch);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_SAMPLING_SAMPLER_H_

// How long each part of a WaveNet's step takes.
#ifndef TFOPT_ENGINE_BENCHMARK_WAVENET_MODULES_H_
#define TFOPT_ENGINE_BENCHMARK_WAVENET_MODULES_H_

#include <array>

#include "engine/kernels/kernels.h"
#include "engine/models/wavenet.h"
#include "engine/models/wavenet_run.h"

namespace tfopt {

// Seconds per step of each WavenetModule, over `steps` steps (at least 1) of one stream in one thread. The
// stream is conditioned on zeros and draws its samples. What reading the clock takes is subtracted.
std::array<double, kWavenetModules> TimeWavenetModules(const Wavenet& model, const Kernels& kernels,
                                                       int steps);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_BENCHMARK_WAVENET_MODULES_H_

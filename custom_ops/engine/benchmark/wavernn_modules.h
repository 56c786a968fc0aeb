// How long each part of a WaveRNN's step takes.
#ifndef TFOPT_ENGINE_BENCHMARK_WAVERNN_MODULES_H_
#define TFOPT_ENGINE_BENCHMARK_WAVERNN_MODULES_H_

#include <array>

#include "engine/kernels/kernels.h"
#include "engine/models/wavernn.h"
#include "engine/models/wavernn_run.h"

namespace tfopt {

// Seconds per step of each WavernnModule, over `steps` steps (at least 1) of one stream in one thread, `hop`
// (at least 1) of them a frame. The stream is conditioned on zeros and draws its samples. What reading the
// clock takes is subtracted. Modules that the model lacks take 0.
std::array<double, kWavernnModules> TimeWavernnModules(const Wavernn& model, const Kernels& kernels,
                                                       int steps, int hop);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_BENCHMARK_WAVERNN_MODULES_H_

// Measures for the profiler, as C functions: no tensors go in or out, so they need not be ops.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "engine/benchmark/machine.h"
#include "engine/benchmark/wavenet_modules.h"
#include "engine/benchmark/wavernn_modules.h"
#include "engine/isa.h"
#include "engine/models/wavenet.h"
#include "engine/models/wavernn.h"

namespace {

// Copies an error for the caller, cut to what fits, and returns false.
bool Fail(const std::string& message, char* error, size_t error_bytes) {
  const size_t length = std::min(message.size(), error_bytes - 1);
  message.copy(error, length);
  error[length] = '\0';
  return false;
}

// Runs measure(kernels), which returns a Status, with the kernels that TFOPT_ISA asks for.
template <class Measure>
bool WithKernels(char* error, size_t error_bytes, Measure measure) {
  const tfopt::IsaChoice choice = tfopt::ChooseIsa(std::getenv("TFOPT_ISA"));
  if (!choice.error.empty()) return Fail(choice.error, error, error_bytes);
  try {
    const tfopt::Status status = measure(tfopt::KernelsOf(choice.isa));
    return status.ok() || Fail(status.message(), error, error_bytes);
  } catch (const std::bad_alloc&) {
    return Fail("not enough memory", error, error_bytes);
  }
}

tfopt::Status AtLeastOne(const char* name, int value) {
  if (value >= 1) return {};
  return tfopt::Status::Invalid(std::string(name) + ": expected at least 1, got " +
                                std::to_string(value));
}

}  // namespace

// Each returns false and fills `error`, of at least one byte, if it fails.
extern "C" {

__attribute__((visibility("default"))) bool tfopt_measure_bandwidth(size_t bytes, double seconds,
                                                                    double* bytes_per_second,
                                                                    char* error,
                                                                    size_t error_bytes) {
  return WithKernels(error, error_bytes, [&](const tfopt::Kernels& kernels) {
    *bytes_per_second = tfopt::MeasureBandwidth(kernels, bytes, seconds);
    return tfopt::Status();
  });
}

__attribute__((visibility("default"))) bool tfopt_measure_arithmetic(double seconds,
                                                                     double* per_second,
                                                                     char* error,
                                                                     size_t error_bytes) {
  return WithKernels(error, error_bytes, [&](const tfopt::Kernels& kernels) {
    *per_second = tfopt::MeasureArithmetic(kernels, seconds);
    return tfopt::Status();
  });
}

// `seconds`: one for each WavenetModule.
__attribute__((visibility("default"))) bool tfopt_wavenet_modules(const uint8_t* packed,
                                                                  size_t packed_bytes, int steps,
                                                                  double* seconds, char* error,
                                                                  size_t error_bytes) {
  return WithKernels(error, error_bytes, [&](const tfopt::Kernels& kernels) -> tfopt::Status {
    tfopt::Wavenet model;
    TFOPT_RETURN_IF_ERROR(tfopt::Wavenet::Read(packed, packed_bytes, &model));
    TFOPT_RETURN_IF_ERROR(AtLeastOne("steps", steps));
    const auto times = tfopt::TimeWavenetModules(model, kernels, steps);
    std::copy(times.begin(), times.end(), seconds);
    return {};
  });
}

// `seconds`: one for each WavernnModule.
__attribute__((visibility("default"))) bool tfopt_wavernn_modules(const uint8_t* packed,
                                                                  size_t packed_bytes, int steps,
                                                                  int hop_length, double* seconds,
                                                                  char* error,
                                                                  size_t error_bytes) {
  return WithKernels(error, error_bytes, [&](const tfopt::Kernels& kernels) -> tfopt::Status {
    tfopt::Wavernn model;
    TFOPT_RETURN_IF_ERROR(tfopt::Wavernn::Read(packed, packed_bytes, &model));
    TFOPT_RETURN_IF_ERROR(AtLeastOne("steps", steps));
    TFOPT_RETURN_IF_ERROR(AtLeastOne("hop_length", hop_length));
    const auto times = tfopt::TimeWavernnModules(model, kernels, steps, hop_length);
    std::copy(times.begin(), times.end(), seconds);
    return {};
  });
}

}  // extern "C"

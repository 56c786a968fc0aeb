#include "engine/models/wavenet_config.h"

#include <string>

#include "engine/kernels/kernels.h"
#include "engine/models/settings.h"

namespace tfopt {
namespace {

// Far above every real model, and low enough that sizes of single layers fit 64 bits by far.
constexpr int kMostChannels = 16384;
constexpr int kMostClasses = 1 << 16;
constexpr int kMostTaps = 1024;
constexpr int kMostLayers = 1024;
constexpr int kLargestDilation = 1 << 20;
constexpr int64_t kMostQueued = int64_t{1} << 28;  // floats in one stream's queues: 1 GiB

}  // namespace

Status WavenetConfig::Check() const {
  TFOPT_RETURN_IF_ERROR(CheckSetting("residual", residual, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("gate", gate, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("skip", skip, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("end", end, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("outputs", outputs, 1, kMostClasses));
  TFOPT_RETURN_IF_ERROR(CheckSetting("kernel_size", kernel_size, 2, kMostTaps));
  TFOPT_RETURN_IF_ERROR(CheckSetting("input_classes", input_classes, 0, kMostClasses));
  TFOPT_RETURN_IF_ERROR(CheckSetting("input_kernel_size", input_kernel_size, 1, kMostTaps));
  TFOPT_RETURN_IF_ERROR(CheckSetting("output", static_cast<int>(output), 0, 2));
  TFOPT_RETURN_IF_ERROR(CheckSetting("mixtures", mixtures, 0, kMostClasses));
  TFOPT_RETURN_IF_ERROR(CheckSetting("local_channels", local_channels, 0, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("global_channels", global_channels, 0, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("decoded_classes", decoded_classes, 0, kMostClasses));
  TFOPT_RETURN_IF_ERROR(
      CheckSetting("number of dilations", static_cast<int>(dilations.size()), 1, kMostLayers));
  for (int dilation : dilations) {
    TFOPT_RETURN_IF_ERROR(CheckSetting("dilations", dilation, 1, kLargestDilation));
  }
  int64_t queued = 0;
  for (int dilation : dilations) {
    queued += int64_t{dilation} * (kernel_size - 1) * Padded(residual);
  }
  if (queued > kMostQueued) {
    return Status::Invalid("config: dilations: expected at most " + std::to_string(kMostQueued) +
                           " floats in a stream's queues, got " + std::to_string(queued));
  }
  const bool categorical = output == OutputKind::kCategorical;
  const int classes = categorical ? outputs : 0;
  // What is drawn has to be what is fed.
  if (input_classes != 0) {
    TFOPT_RETURN_IF_ERROR(CheckSetting("input_classes", input_classes, classes, classes));
    TFOPT_RETURN_IF_ERROR(CheckSetting("decoded_classes", decoded_classes, 0, 0));
  } else {
    TFOPT_RETURN_IF_ERROR(CheckSetting("decoded_classes", decoded_classes, classes, classes));
  }
  if (output == OutputKind::kLogisticMixture) {
    TFOPT_RETURN_IF_ERROR(CheckSetting("mixtures", mixtures, 1, kMostClasses));
    TFOPT_RETURN_IF_ERROR(CheckSetting("outputs", outputs, 3 * mixtures, 3 * mixtures));
  } else {
    TFOPT_RETURN_IF_ERROR(CheckSetting("mixtures", mixtures, 0, 0));
  }
  if (output == OutputKind::kGaussian) TFOPT_RETURN_IF_ERROR(CheckSetting("outputs", outputs, 2, 2));
  return {};
}

std::vector<int32_t> WavenetConfig::ToIntegers() const {
  std::vector<int32_t> integers = {residual,       gate,
                                   skip,           end,
                                   outputs,        kernel_size,
                                   input_classes,  input_kernel_size,
                                   static_cast<int32_t>(output),
                                   mixtures,       local_channels,
                                   global_channels, decoded_classes};
  integers.insert(integers.end(), dilations.begin(), dilations.end());
  return integers;
}

Status WavenetConfig::FromIntegers(const std::vector<int32_t>& integers, WavenetConfig* config) {
  if (integers.size() <= kIntegers) {
    return Status::Invalid("config: expected " + std::to_string(kIntegers) +
                           " integers and at least one dilation, got " +
                           std::to_string(integers.size()) + " integers");
  }
  WavenetConfig read;
  int* const fields[] = {&read.residual, &read.gate, &read.skip, &read.end, &read.outputs,
                         &read.kernel_size, &read.input_classes, &read.input_kernel_size};
  size_t i = 0;
  for (int* field : fields) *field = integers[i++];
  TFOPT_RETURN_IF_ERROR(CheckSetting("output", integers[i], 0, 2));
  read.output = static_cast<OutputKind>(integers[i++]);
  for (int* field : {&read.mixtures, &read.local_channels, &read.global_channels,
                     &read.decoded_classes}) {
    *field = integers[i++];
  }
  read.dilations.assign(integers.begin() + kIntegers, integers.end());
  TFOPT_RETURN_IF_ERROR(read.Check());
  *config = std::move(read);
  return {};
}

}  // namespace tfopt

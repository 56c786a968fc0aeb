#include "observations.h"

#include <algorithm>
#include <cstdint>

namespace tfopt {

Status WriteObservations(KernelContext& context, int first, const InputHistograms& observed) {
  const int64_t matrices = static_cast<int64_t>(observed.size());
  Output<int64_t> counts;
  Output<float> largest;
  TFOPT_RETURN_IF_ERROR(
      context.Allocate(first, "counts", {matrices, InputHistogram::kBins}, &counts));
  TFOPT_RETURN_IF_ERROR(context.Allocate(first + 1, "largest", {matrices}, &largest));
  int64_t* row = counts.data;
  float* magnitude = largest.data;
  for (const InputHistogram& histogram : observed) {
    row = std::copy(histogram.counts().begin(), histogram.counts().end(), row);
    *magnitude++ = histogram.largest();
  }
  return {};
}

Status InferObservations(ShapeContext& context, int first) {
  TFOPT_RETURN_IF_ERROR(context.SetOutput(first, {kUnknown, InputHistogram::kBins}));
  return context.SetOutput(first + 1, {kUnknown});
}

}  // namespace tfopt

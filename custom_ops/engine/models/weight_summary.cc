#include "engine/models/weight_summary.h"

#include <algorithm>
#include <vector>

#include "engine/models/packed_models.h"

namespace tfopt {
namespace {

std::string ComputeType(const WeightFormat& format) {
  static const char* const kNames[kWeightTypes] = {"float32", "bfloat16", "int16", "int8"};
  const bool calibrated =
      std::any_of(format.matrices.begin(), format.matrices.end(),
                  [](const MatrixFormat& matrix) { return matrix.input_scale != 0.0f; });
  return kNames[static_cast<size_t>(format.type)] + std::string(calibrated ? "_static" : "");
}

double Density(const std::vector<Layout::Block>& blocks) {
  double stored = 0.0, all = 0.0;
  for (const Layout::Block& block : blocks) {
    if (!block.is_matrix) continue;
    const Matrix& w = block.matrix;
    Matrix dense = w;
    dense.block_starts = nullptr;
    stored += static_cast<double>(BytesOf(w));
    all += static_cast<double>(BytesOf(dense));
  }
  return stored / all;
}

}  // namespace

Status SummarizeWeights(const uint8_t* packed, size_t size, WeightSummary* summary) {
  return VisitPackedModel(packed, size, [&](auto model) {
    typename decltype(model)::Config config;
    WeightFormat format;
    std::vector<Layout::Block> blocks;
    TFOPT_RETURN_IF_ERROR(model.Read(packed, size, &config, &format, &blocks));
    *summary = {ComputeType(format), Density(blocks)};
    return Status();
  });
}

}  // namespace tfopt

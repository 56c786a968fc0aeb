#include "engine/models/weight_conversion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/models/packed_models.h"
#include "engine/packing/convert_matrix.h"

namespace tfopt {
namespace {

using Blocks = std::vector<Layout::Block>;

size_t CountMatrices(const Blocks& blocks) {
  return static_cast<size_t>(std::count_if(blocks.begin(), blocks.end(), [](const Layout::Block& b) {
    return b.is_matrix;
  }));
}

Status CheckChoice(const WeightChoice& choice, size_t matrices) {
  if (!(choice.most_density >= 0.0f && choice.most_density <= 1.0f)) {
    return Status::Invalid("most_density: expected a number from 0 to 1, got " +
                           std::to_string(choice.most_density));
  }
  if (choice.input_scales.empty()) return {};
  if (!IsInteger(choice.type)) {
    return Status::Invalid("input_scales: expected none, as the weights are no integers, got " +
                           std::to_string(choice.input_scales.size()));
  }
  if (choice.input_scales.size() != matrices) {
    return Status::Invalid("input_scales: expected one for each of " + std::to_string(matrices) +
                           " matrices, got " + std::to_string(choice.input_scales.size()));
  }
  for (size_t i = 0; i < matrices; ++i) {
    const float scale = choice.input_scales[i];
    if (IsInputScale(scale)) continue;
    return Status::Invalid("input_scales[" + std::to_string(i) + "]: expected " + kInputScales +
                           ", got " + std::to_string(scale));
  }
  return {};
}

// The format of the result.
WeightFormat FormatOf(const Blocks& blocks, const WeightChoice& choice) {
  WeightFormat format;
  format.type = choice.type;
  bool plain = true;
  for (const Layout::Block& block : blocks) {
    if (!block.is_matrix) continue;
    MatrixFormat matrix;
    if (!choice.input_scales.empty()) {
      matrix.input_scale = choice.input_scales[format.matrices.size()];
    }
    const int places = block.matrix.inputs / InputsPerBlock(choice.type);
    if (choice.type != WeightType::kInt16 && choice.most_density > 0.0f &&
        places <= std::numeric_limits<uint16_t>::max()) {
      const BlockCount count = CountBlocks(block.matrix, choice.type);
      const double most = double{choice.most_density} * static_cast<double>(count.all);
      if (count.blocks < count.all && static_cast<double>(count.blocks) <= most) {
        matrix.blocks = static_cast<int32_t>(count.blocks);
      }
    }
    plain &= matrix.blocks == MatrixFormat::kDense && matrix.input_scale == 0.0f;
    format.matrices.push_back(matrix);
  }
  if (plain) format.matrices.clear();
  return format;
}

// Whether a packed model is one that can be converted.
Status CheckGiven(const WeightFormat& format, const Blocks& blocks) {
  if (format.type != WeightType::kFloat32 || !format.matrices.empty()) {
    return Status::Invalid("packed: expected dense weights of float32, got converted ones");
  }
  for (const Layout::Block& block : blocks) {
    if (!block.is_matrix) continue;
    const auto* weights = static_cast<const float*>(block.matrix.weights);
    for (size_t i = 0; i < BytesOf(block.matrix) / sizeof(float); ++i) {
      if (std::isfinite(weights[i])) continue;
      return Status::Invalid("packed: expected finite weights, got " + std::to_string(weights[i]));
    }
  }
  return {};
}

template <class Model>
Status Convert(const uint8_t* packed, size_t size, const WeightChoice& choice,
               const std::function<Status(size_t, uint8_t**)>& allocate) {
  typename Model::Config config;
  WeightFormat given;
  Blocks from, to;
  TFOPT_RETURN_IF_ERROR(Model::Read(packed, size, &config, &given, &from));
  TFOPT_RETURN_IF_ERROR(CheckGiven(given, from));
  TFOPT_RETURN_IF_ERROR(CheckChoice(choice, CountMatrices(from)));
  const WeightFormat format = FormatOf(from, choice);
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(config, &bytes, format));
  uint8_t* buffer = nullptr;
  TFOPT_RETURN_IF_ERROR(allocate(bytes, &buffer));
  WritePackedConfig(Model::kKind, config, bytes, buffer, format);
  Layout layout = LayoutOf(config, buffer, format);
  layout.RecordIn(&to);
  Model::Weights::Next(config, &layout);
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i].is_matrix) {
      ConvertMatrix(from[i].matrix, to[i].matrix);
    } else {
      std::copy_n(from[i].floats, from[i].size, Writable(to[i].floats));
    }
  }
  return {};
}

}  // namespace

Status ConvertWeights(const uint8_t* packed, size_t size, const WeightChoice& choice,
                      const std::function<Status(size_t, uint8_t**)>& allocate) {
  return VisitPackedModel(packed, size, [&](auto model) {
    return Convert<decltype(model)>(packed, size, choice, allocate);
  });
}

}  // namespace tfopt

// tfopt's kernels, on matrices laid out as in a packed model.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "engine/kernels/kernels.h"
#include "engine/layers/operands.h"
#include "engine/packing/convert_matrix.h"
#include "engine/packing/layout.h"
#include "engine/packing/matrix.h"
#include "problem.h"

namespace benchmarks {
namespace {

using tfopt::Matrix;
using tfopt::WeightType;

class TfoptProduct : public Product {
 public:
  TfoptProduct(const Problem& p, WeightType type, bool sparse)
      : kernels_(tfopt::KernelsOf(tfopt::ChooseIsa(std::getenv("TFOPT_ISA")).isa)),
        operands_(type, 1, p.inputs),
        outputs_(p.outputs),
        x_(static_cast<size_t>(tfopt::Padded(p.inputs))),
        zeros_(static_cast<size_t>(tfopt::Padded(p.outputs))),
        y_(zeros_.size()) {
    tfopt::AlignedFloats packed(p.x.size() * y_.size());
    tfopt::PackMatrix(p.weights.data(), p.outputs, p.inputs, {1, p.outputs}, packed.data());
    Matrix floats;
    floats.weights = packed.data();
    floats.inputs = p.inputs;
    floats.outputs = tfopt::Padded(p.outputs);

    tfopt::WeightFormat format;
    format.type = type;
    format.matrices.resize(p.copies);
    for (tfopt::MatrixFormat& matrix : format.matrices) {
      if (sparse) matrix.blocks = static_cast<int32_t>(tfopt::CountBlocks(floats, type).blocks);
    }
    tfopt::Layout size(nullptr, 0, &format);
    for (size_t copy = 0; copy < p.copies; ++copy) size.NextMatrix(floats.inputs, floats.outputs);
    weights_ = tfopt::AlignedFloats(size.bytes() / sizeof(float));
    tfopt::Layout layout(reinterpret_cast<const uint8_t*>(weights_.data()), 0, &format);
    for (size_t copy = 0; copy < p.copies; ++copy) {
      matrices_.push_back(layout.NextMatrix(floats.inputs, floats.outputs));
      tfopt::ConvertMatrix(floats, matrices_.back());
    }
    std::copy(p.x.begin(), p.x.end(), x_.data());
    operand_ = operands_.Prepare(kernels_, matrices_[0], {x_.data(), 0}, 1);
  }

  void Run(size_t copy) override {
    kernels_.matmul(matrices_[copy], operand_, {zeros_.data(), 0}, {y_.data(), 0}, 1);
  }

  std::vector<float> Result() const override { return {y_.data(), y_.data() + outputs_}; }

 private:
  const tfopt::Kernels& kernels_;
  tfopt::Operands operands_;
  int outputs_;
  tfopt::AlignedFloats x_, zeros_, y_, weights_;
  std::vector<Matrix> matrices_;
  tfopt::Operand operand_;
};

Way WayOf(const char* type, Sparsity sparsity, WeightType weights) {
  return {"tfopt", "matmul", type, sparsity, [=](const Problem& problem) {
            const bool sparse = sparsity != Sparsity::kDense;
            return std::make_unique<TfoptProduct>(problem, weights, sparse);
          }};
}

}  // namespace

std::vector<Way> TfoptWays() {
  return {WayOf("float32", Sparsity::kDense, WeightType::kFloat32),
          WayOf("bfloat16", Sparsity::kDense, WeightType::kBfloat16),
          WayOf("int8", Sparsity::kDense, WeightType::kInt8),
          WayOf("sparse float32", Sparsity::k16x1, WeightType::kFloat32),
          WayOf("sparse bfloat16", Sparsity::k16x1, WeightType::kBfloat16),
          WayOf("sparse int8", Sparsity::k8x4, WeightType::kInt8)};
}

}  // namespace benchmarks

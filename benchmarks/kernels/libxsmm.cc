// LIBXSMM: a kernel made for the shape, of one column. In fewer bits its weights stand in groups of inputs.
#include <libxsmm.h>

#include "problem.h"
#include "types.h"

namespace benchmarks {
namespace {

template <class Weight, class Input, class Output, class Kernel>
class Gemm : public Product {
 public:
  // `group` inputs stand side by side.
  Gemm(const Problem& p, Kernel kernel, int group, Weight (*weight)(float), Input (*input)(float))
      : kernel_(kernel),
        weights_(p.copies, p.weights.size()),
        x_(1, p.x.size()),
        y_(static_cast<size_t>(p.outputs)) {
    Convert(p.x, input, x_[0]);
    const int together = group * p.outputs;
    for (int i = 0; i < p.inputs; ++i) {
      for (int o = 0; o < p.outputs; ++o) {
        weights_[0][i / group * together + o * group + i % group] =
            weight(p.weights[static_cast<size_t>(i * p.outputs + o)]);
      }
    }
    for (size_t copy = 1; copy < p.copies; ++copy) {
      std::copy_n(weights_[0], p.weights.size(), weights_[copy]);
    }
  }

  void Run(size_t copy) override { kernel_(weights_[copy], x_[0], y_.data()); }

  std::vector<float> Result() const override { return {y_.begin(), y_.end()}; }

 protected:
  const Output* sums() const { return y_.data(); }

 private:
  Kernel kernel_;
  Copies<Weight> weights_;
  Copies<Input> x_;
  std::vector<Output> y_;
};

float Float32(float number) { return number; }
char Char(float number) { return static_cast<char>(Int8(number)); }

class Int8Gemm : public Gemm<char, uint8_t, int32_t, libxsmm_subimmfunction> {
 public:
  Int8Gemm(const Problem& p, libxsmm_subimmfunction kernel)
      : Gemm(p, kernel, 4, Char, Uint8), scaling_(p, /*corrected=*/false) {}

  void Run(size_t copy) override {
    Gemm::Run(copy);
    scaling_.Run(sums());
  }

  std::vector<float> Result() const override { return scaling_.Result(); }

 private:
  Scaling scaling_;
};

std::unique_ptr<Product> MakeFloat32(const Problem& p) {
  const float one = 1.0f, zero = 0.0f;
  const auto kernel = libxsmm_smmdispatch(p.outputs, 1, p.inputs, nullptr, nullptr, nullptr, &one,
                                          &zero, nullptr, nullptr);
  if (kernel == nullptr) return nullptr;
  return std::make_unique<Gemm<float, float, float, libxsmm_smmfunction>>(p, kernel, 1, Float32,
                                                                          Float32);
}

std::unique_ptr<Product> MakeBfloat16(const Problem& p) {
  const float one = 1.0f, zero = 0.0f;
  const int flags = LIBXSMM_GEMM_FLAG_VNNI_A;
  const auto kernel = libxsmm_bsmmdispatch(p.outputs, 1, p.inputs, nullptr, nullptr, nullptr, &one,
                                           &zero, &flags, nullptr);
  if (kernel == nullptr) return nullptr;
  return std::make_unique<Gemm<uint16_t, uint16_t, float, libxsmm_bsmmfunction>>(
      p, kernel, 2, Bfloat16, Bfloat16);
}

std::unique_ptr<Product> MakeInt8(const Problem& p) {
  const int one = 1, zero = 0, flags = LIBXSMM_GEMM_FLAG_VNNI_A;
  const auto kernel = libxsmm_subimmdispatch(p.outputs, 1, p.inputs, nullptr, nullptr, nullptr,
                                             &one, &zero, &flags, nullptr);
  if (kernel == nullptr) return nullptr;
  return std::make_unique<Int8Gemm>(p, kernel);
}

}  // namespace

std::vector<Way> LibraryWays() {
  const char* const library = "LIBXSMM";
  return {{library, "JIT gemm", "float32", Sparsity::kDense, MakeFloat32},
          {library, "JIT gemm", "bfloat16", Sparsity::kDense, MakeBfloat16},
          {library, "JIT gemm", "int8", Sparsity::kDense, MakeInt8}};
}

std::string LibraryVersion() {
  return std::string(LIBXSMM_VERSION) + ", kernels for " + libxsmm_get_target_arch();
}

}  // namespace benchmarks

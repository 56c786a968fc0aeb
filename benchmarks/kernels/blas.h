// What CBLAS libraries have in common: sgemv. Included after the library's header.
#ifndef TFOPT_BENCHMARKS_KERNELS_BLAS_H_
#define TFOPT_BENCHMARKS_KERNELS_BLAS_H_

#include <algorithm>
#include <memory>
#include <vector>

#include "problem.h"

namespace benchmarks {

// W stored by rows, for dot products, or by columns, for sums of them.
template <bool kRows>
class Sgemv : public Product {
 public:
  explicit Sgemv(const Problem& p)
      : weights_(p.copies, p.weights.size()),
        x_(p.x.size()),
        y_(static_cast<size_t>(p.outputs)),
        outputs_(p.outputs),
        inputs_(p.inputs) {
    const std::vector<float> ordered = kRows ? p.Rows() : p.weights;
    for (size_t copy = 0; copy < p.copies; ++copy) {
      std::copy(ordered.begin(), ordered.end(), weights_[copy]);
    }
    std::copy(p.x.begin(), p.x.end(), x_.data());
  }

  void Run(size_t copy) override {
    cblas_sgemv(kRows ? CblasRowMajor : CblasColMajor, CblasNoTrans, outputs_, inputs_, 1.0f,
                weights_[copy], kRows ? inputs_ : outputs_, x_.data(), 1, 0.0f, y_.data(), 1);
  }

  std::vector<float> Result() const override { return {y_.data(), y_.data() + y_.size()}; }

 private:
  Copies<float> weights_;
  tfopt::AlignedFloats x_, y_;
  int outputs_, inputs_;
};

inline void AddSgemv(const char* library, std::vector<Way>* ways) {
  ways->push_back({library, "sgemv by columns", "float32", Sparsity::kDense,
                   [](const Problem& p) { return std::make_unique<Sgemv<false>>(p); }});
  ways->push_back({library, "sgemv by rows", "float32", Sparsity::kDense,
                   [](const Problem& p) { return std::make_unique<Sgemv<true>>(p); }});
}

}  // namespace benchmarks

#endif  // TFOPT_BENCHMARKS_KERNELS_BLAS_H_

// MKL: sgemv; products of a matrix packed beforehand, in each type; a kernel made for the shape (JIT); and sparse
// rows, optimised for many products.
#include <mkl.h>

#include "blas.h"
#include "types.h"

namespace benchmarks {
namespace {

constexpr char kLibrary[] = "MKL";

// What the products by gemm have in common: W is their first matrix, by columns.
template <class Weight, class Input, class Output>
class Gemm : public Product {
 public:
  std::vector<float> Result() const override { return {y_.begin(), y_.end()}; }

 protected:
  // `size` weights for each copy.
  Gemm(const Problem& p, size_t size, Input (*convert)(float))
      : weights_(p.copies, size), x_(1, p.x.size()), y_(static_cast<size_t>(p.outputs)),
        outputs_(p.outputs), inputs_(p.inputs) {
    Convert(p.x, convert, x_[0]);
  }

  Copies<Weight> weights_;
  Copies<Input> x_;
  std::vector<Output> y_;
  MKL_INT outputs_, inputs_;
};

float Float32(float number) { return number; }

class PackedFloat32 : public Gemm<float, float, float> {
 public:
  explicit PackedFloat32(const Problem& p)
      : Gemm(p, cblas_sgemm_pack_get_size(CblasAMatrix, p.outputs, 1, p.inputs) / sizeof(float),
             Float32) {
    for (size_t copy = 0; copy < p.copies; ++copy) {
      cblas_sgemm_pack(CblasColMajor, CblasAMatrix, CblasNoTrans, outputs_, 1, inputs_, 1.0f,
                       p.weights.data(), outputs_, weights_[copy]);
    }
  }

  void Run(size_t copy) override {
    cblas_sgemm_compute(CblasColMajor, CblasPacked, CblasNoTrans, outputs_, 1, inputs_,
                        weights_[copy], outputs_, x_[0], inputs_, 0.0f, y_.data(), outputs_);
  }
};

class PackedBfloat16 : public Gemm<MKL_BF16, MKL_BF16, float> {
 public:
  explicit PackedBfloat16(const Problem& p)
      : Gemm(p,
             cblas_gemm_bf16bf16f32_pack_get_size(CblasAMatrix, p.outputs, 1, p.inputs) /
                 sizeof(MKL_BF16),
             Bfloat16) {
    std::vector<MKL_BF16> converted(p.weights.size());
    Convert(p.weights, Bfloat16, converted.data());
    for (size_t copy = 0; copy < p.copies; ++copy) {
      cblas_gemm_bf16bf16f32_pack(CblasColMajor, CblasAMatrix, CblasNoTrans, outputs_, 1, inputs_,
                                  converted.data(), outputs_, weights_[copy]);
    }
  }

  void Run(size_t copy) override {
    cblas_gemm_bf16bf16f32_compute(CblasColMajor, CblasPacked, CblasNoTrans, outputs_, 1, inputs_,
                                   1.0f, weights_[copy], outputs_, x_[0], inputs_, 0.0f, y_.data(),
                                   outputs_);
  }
};

class PackedInt8 : public Gemm<int8_t, uint8_t, MKL_INT32> {
 public:
  explicit PackedInt8(const Problem& p)
      : Gemm(p, cblas_gemm_s8u8s32_pack_get_size(CblasAMatrix, p.outputs, 1, p.inputs), Uint8),
        corrections_(p.Corrections()),
        scaling_(p, /*corrected=*/true) {
    std::vector<int8_t> converted(p.weights.size());
    Convert(p.weights, Int8, converted.data());
    for (size_t copy = 0; copy < p.copies; ++copy) {
      cblas_gemm_s8u8s32_pack(CblasColMajor, CblasAMatrix, CblasNoTrans, outputs_, 1, inputs_,
                              converted.data(), outputs_, weights_[copy]);
    }
  }

  void Run(size_t copy) override {
    cblas_gemm_s8u8s32_compute(CblasColMajor, CblasPacked, CblasNoTrans, CblasColOffset, outputs_,
                               1, inputs_, 1.0f, weights_[copy], outputs_, 0, x_[0], inputs_, 0,
                               0.0f, y_.data(), outputs_, corrections_.data());
    scaling_.Run(y_.data());
  }

  std::vector<float> Result() const override { return scaling_.Result(); }

 private:
  std::vector<int32_t> corrections_;
  Scaling scaling_;
};

class JitFloat32 : public Gemm<float, float, float> {
 public:
  explicit JitFloat32(const Problem& p) : Gemm(p, p.weights.size(), Float32) {
    for (size_t copy = 0; copy < p.copies; ++copy) {
      std::copy(p.weights.begin(), p.weights.end(), weights_[copy]);
    }
    const mkl_jit_status_t status =
        mkl_jit_create_sgemm(&jit_, MKL_COL_MAJOR, MKL_NOTRANS, MKL_NOTRANS, outputs_, 1, inputs_,
                             1.0f, outputs_, inputs_, 0.0f, outputs_);
    if (status == MKL_JIT_SUCCESS) kernel_ = mkl_jit_get_sgemm_ptr(jit_);
  }
  ~JitFloat32() override { mkl_jit_destroy(jit_); }

  // Without it MKL falls back to what sgemm does.
  bool has_kernel() const { return kernel_ != nullptr; }

  void Run(size_t copy) override { kernel_(jit_, weights_[copy], x_[0], y_.data()); }

 private:
  void* jit_ = nullptr;
  sgemm_jit_kernel_t kernel_ = nullptr;
};

class SparseRows : public Product {
 public:
  explicit SparseRows(const Problem& p) : x_(p.x), y_(static_cast<size_t>(p.outputs)) {
    const std::vector<float> rows = p.Rows();
    std::vector<MKL_INT> starts = {0}, places;
    std::vector<float> weights;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] != 0.0f) {
        places.push_back(static_cast<MKL_INT>(i % p.x.size()));
        weights.push_back(rows[i]);
      }
      if ((i + 1) % p.x.size() == 0) starts.push_back(static_cast<MKL_INT>(places.size()));
    }
    copies_.resize(p.copies, {starts, places, weights, nullptr});
    for (Csr& csr : copies_) {
      mkl_sparse_s_create_csr(&csr.handle, SPARSE_INDEX_BASE_ZERO, p.outputs, p.inputs,
                              csr.starts.data(), csr.starts.data() + 1, csr.places.data(),
                              csr.weights.data());
      mkl_sparse_set_mv_hint(csr.handle, SPARSE_OPERATION_NON_TRANSPOSE, general_, 1'000'000);
      mkl_sparse_optimize(csr.handle);
    }
  }
  ~SparseRows() override {
    for (Csr& csr : copies_) mkl_sparse_destroy(csr.handle);
  }

  void Run(size_t copy) override {
    mkl_sparse_s_mv(SPARSE_OPERATION_NON_TRANSPOSE, 1.0f, copies_[copy].handle, general_,
                    x_.data(), 0.0f, y_.data());
  }

  std::vector<float> Result() const override { return y_; }

 private:
  struct Csr {
    std::vector<MKL_INT> starts, places;
    std::vector<float> weights;
    sparse_matrix_t handle;
  };
  const matrix_descr general_ = {SPARSE_MATRIX_TYPE_GENERAL, SPARSE_FILL_MODE_FULL,
                                 SPARSE_DIAG_NON_UNIT};
  std::vector<Csr> copies_;
  std::vector<float> x_, y_;
};

template <class Made>
std::unique_ptr<Product> Make(const Problem& problem) {
  return std::make_unique<Made>(problem);
}

std::unique_ptr<Product> MakeJit(const Problem& problem) {
  auto product = std::make_unique<JitFloat32>(problem);
  if (!product->has_kernel()) return nullptr;
  return product;
}

}  // namespace

std::vector<Way> LibraryWays() {
  std::vector<Way> ways = {
      {kLibrary, "packed gemm", "float32", Sparsity::kDense, Make<PackedFloat32>},
      {kLibrary, "JIT gemm", "float32", Sparsity::kDense, MakeJit},
      {kLibrary, "packed gemm", "bfloat16", Sparsity::kDense, Make<PackedBfloat16>},
      {kLibrary, "packed gemm", "int8", Sparsity::kDense, Make<PackedInt8>},
      {kLibrary, "sparse rows", "sparse float32", Sparsity::k16x1, Make<SparseRows>}};
  AddSgemv(kLibrary, &ways);
  return ways;
}

std::string LibraryVersion() {
  char version[200];
  mkl_get_version_string(version, sizeof(version));
  return version;
}

}  // namespace benchmarks

// Eigen's matrices, dense in both orders and sparse; with EIGEN_USE_MKL_ALL they call MKL where Eigen can.
#include <Eigen/Dense>
#include <Eigen/Sparse>
#include <algorithm>

#include "problem.h"

#ifdef EIGEN_USE_MKL_ALL
#include <mkl.h>
#endif

namespace benchmarks {
namespace {

#ifdef EIGEN_USE_MKL_ALL
constexpr char kLibrary[] = "Eigen with MKL";
#else
constexpr char kLibrary[] = "Eigen";
#endif

template <int kOrder>
class Dense : public Product {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, kOrder>;

 public:
  explicit Dense(const Problem& p)
      : weights_(p.copies, p.weights.size()),
        outputs_(p.outputs),
        x_(Eigen::Map<const Eigen::VectorXf>(p.x.data(), p.inputs)),
        y_(p.outputs) {
    const std::vector<float> ordered = kOrder == Eigen::RowMajor ? p.Rows() : p.weights;
    for (size_t copy = 0; copy < p.copies; ++copy) {
      std::copy(ordered.begin(), ordered.end(), weights_[copy]);
    }
  }

  void Run(size_t copy) override {
    y_.noalias() =
        Eigen::Map<const Matrix, Eigen::Aligned64>(weights_[copy], outputs_, x_.size()) * x_;
  }

  std::vector<float> Result() const override { return {y_.data(), y_.data() + y_.size()}; }

 private:
  Copies<float> weights_;
  Eigen::Index outputs_;
  Eigen::VectorXf x_, y_;
};

class Sparse : public Product {
 public:
  explicit Sparse(const Problem& p)
      : x_(Eigen::Map<const Eigen::VectorXf>(p.x.data(), p.inputs)), y_(p.outputs) {
    const Eigen::MatrixXf dense =
        Eigen::Map<const Eigen::MatrixXf>(p.weights.data(), p.outputs, p.inputs);
    for (size_t copy = 0; copy < p.copies; ++copy) {
      weights_.emplace_back(dense.sparseView());
      weights_.back().makeCompressed();
    }
  }

  void Run(size_t copy) override { y_.noalias() = weights_[copy] * x_; }

  std::vector<float> Result() const override { return {y_.data(), y_.data() + y_.size()}; }

 private:
  std::vector<Eigen::SparseMatrix<float, Eigen::RowMajor>> weights_;
  Eigen::VectorXf x_, y_;
};

template <class Made>
std::unique_ptr<Product> Make(const Problem& problem) {
  return std::make_unique<Made>(problem);
}

}  // namespace

std::vector<Way> LibraryWays() {
  return {{kLibrary, "columns", "float32", Sparsity::kDense, Make<Dense<Eigen::ColMajor>>},
          {kLibrary, "rows", "float32", Sparsity::kDense, Make<Dense<Eigen::RowMajor>>},
          {kLibrary, "sparse rows", "sparse float32", Sparsity::k16x1, Make<Sparse>}};
}

std::string LibraryVersion() {
  std::string version = std::to_string(EIGEN_WORLD_VERSION) + "." +
                        std::to_string(EIGEN_MAJOR_VERSION) + "." +
                        std::to_string(EIGEN_MINOR_VERSION);
#ifdef EIGEN_USE_MKL_ALL
  char mkl[200];
  mkl_get_version_string(mkl, sizeof(mkl));
  version += std::string(", ") + mkl;
#endif
  return version;
}

}  // namespace benchmarks

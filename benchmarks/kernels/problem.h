// What every library has to compute: y = W x, of weights for which each type's result is exact.
#ifndef TFOPT_BENCHMARKS_KERNELS_PROBLEM_H_
#define TFOPT_BENCHMARKS_KERNELS_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/aligned.h"
#include "shapes.h"

namespace benchmarks {

enum class Sparsity { kDense, k16x1, k8x4 };  // outputs x inputs of a block

// Weights and inputs are integers from -127 to 127, and each output's largest weight is 127: float32, bfloat16 and
// int8 hold them as they are, and every sum is below 2^24. So whatever the type, and whatever the order of the sum,
// there is one right result.
struct Problem {
  Problem(const Shape& shape, Sparsity sparsity);

  // y[i] of the product.
  std::vector<float> Result() const;
  // The weights [outputs][inputs].
  std::vector<float> Rows() const;
  // What 128 more in each input adds to an output, with its sign changed: for libraries that want unsigned inputs.
  std::vector<int32_t> Corrections() const;

  int outputs, inputs;
  size_t copies;               // of W, which are multiplied in turns
  std::vector<float> weights;  // [inputs][outputs]
  std::vector<float> x;        // [inputs]
};

// Copies of a library's W, packed once and laid behind one another.
template <class T>
class Copies {
 public:
  // `size` numbers each.
  Copies(size_t copies, size_t size)
      : stride_(tfopt::RoundUp(size * sizeof(T), tfopt::kAlignment)),
        floats_(copies * stride_ / sizeof(float)) {}

  T* operator[](size_t copy) {
    return reinterpret_cast<T*>(reinterpret_cast<char*>(floats_.data()) + copy * stride_);
  }

 private:
  size_t stride_;  // bytes
  tfopt::AlignedFloats floats_;
};

// A library's way of computing it.
class Product {
 public:
  virtual ~Product() = default;
  // Multiplies one of the copies.
  virtual void Run(size_t copy) = 0;
  // What the last one gave.
  virtual std::vector<float> Result() const = 0;
};

struct Way {
  std::string library, function;
  std::string type;  // "float32", "bfloat16", "int8"; "sparse float32" ...
  Sparsity sparsity;
  // Null where the library has nothing for such a product on this CPU.
  std::function<std::unique_ptr<Product>(const Problem&)> make;
};

// Those of tfopt, and those of the library that an executable is for; and which one that is.
std::vector<Way> TfoptWays();
std::vector<Way> LibraryWays();
std::string LibraryVersion();

}  // namespace benchmarks

#endif  // TFOPT_BENCHMARKS_KERNELS_PROBLEM_H_

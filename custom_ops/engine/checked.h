// Sizes computed from numbers that may come from anywhere: an overflow is noticed, not wrapped.
#ifndef TFOPT_ENGINE_CHECKED_H_
#define TFOPT_ENGINE_CHECKED_H_

#include <cstddef>
#include <initializer_list>

namespace tfopt {

// The product of `factors` in `product`; false if it does not fit.
inline bool CheckedProduct(std::initializer_list<size_t> factors, size_t* product) {
  *product = 1;
  for (size_t factor : factors) {
    if (__builtin_mul_overflow(*product, factor, product)) return false;
  }
  return true;
}

// The sum of `terms` in `sum`; false if it does not fit.
inline bool CheckedSum(std::initializer_list<size_t> terms, size_t* sum) {
  *sum = 0;
  for (size_t term : terms) {
    if (__builtin_add_overflow(*sum, term, sum)) return false;
  }
  return true;
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_CHECKED_H_

// Memory for vectors and matrices: aligned to a cache line, which is also the widest vector register.
#ifndef TFOPT_ENGINE_ALIGNED_H_
#define TFOPT_ENGINE_ALIGNED_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace tfopt {

constexpr size_t kAlignment = 64;  // bytes

constexpr size_t RoundUp(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

struct FreeAligned {
  void operator()(void* p) const { std::free(p); }
};

// `size` floats, all zero. Throws std::bad_alloc, as the standard containers do.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(size_t size) : size_(size) {
    const size_t bytes = RoundUp(size * sizeof(float), kAlignment);
    data_.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes == 0 ? kAlignment : bytes)));
    if (data_ == nullptr) throw std::bad_alloc();
    for (size_t i = 0; i < size; ++i) data_[i] = 0.0f;
  }

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  size_t size() const { return size_; }
  float& operator[](size_t i) { return data_[i]; }
  float operator[](size_t i) const { return data_[i]; }

 private:
  std::unique_ptr<float[], FreeAligned> data_;
  size_t size_ = 0;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_ALIGNED_H_

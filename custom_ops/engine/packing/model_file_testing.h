// Makes model files for tests, good and bad ones, as tfopt/pack/container.py does.
#ifndef TFOPT_ENGINE_PACKING_MODEL_FILE_TESTING_H_
#define TFOPT_ENGINE_PACKING_MODEL_FILE_TESTING_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "engine/aligned.h"
#include "engine/packing/model_file.h"

namespace tfopt::test {

using Bytes = std::string;

template <class T>
Bytes AsBytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

inline void Put(uint64_t value, size_t bytes, Bytes* out) {
  out->append(reinterpret_cast<const char*>(&value), bytes);
}

inline Bytes MakeModelFile(PackedKind kind,
                           const std::vector<std::pair<std::string, Bytes>>& sections) {
  Bytes table, data;
  const size_t start = RoundUp(ModelFile::kHeaderBytes + 48 * sections.size(), kAlignment);
  for (const auto& [name, bytes] : sections) {
    table += name + Bytes(32 - name.size(), '\0');
    Put(start + data.size(), 8, &table);
    Put(bytes.size(), 8, &table);
    data += bytes;
    data.resize(RoundUp(data.size(), kAlignment));
  }
  Bytes file = "TFOPTBIN";
  Put(1, 4, &file);
  Put(static_cast<uint64_t>(kind), 4, &file);
  Put(start + data.size(), 8, &file);
  Put(sections.size(), 8, &file);
  file += table;
  file.resize(start);
  return file + data;
}

// A copy in memory of exactly its size, aligned as Read wants it.
class AlignedCopy {
 public:
  explicit AlignedCopy(const Bytes& bytes) : size_(bytes.size()) {
    void* memory = nullptr;  // not aligned_alloc, which takes whole multiples of the alignment
    if (posix_memalign(&memory, kAlignment, bytes.size()) != 0) throw std::bad_alloc();
    data_.reset(static_cast<uint8_t*>(memory));
    std::memcpy(data_.get(), bytes.data(), bytes.size());
  }

  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  size_t size_;
  std::unique_ptr<uint8_t[], FreeAligned> data_;
};

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_PACKING_MODEL_FILE_TESTING_H_

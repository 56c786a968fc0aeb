// What a packed model and a model file begin with.
#ifndef TFOPT_ENGINE_PACKING_HEADER_H_
#define TFOPT_ENGINE_PACKING_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "packed models are little-endian, and so must the CPU be"
#endif

namespace tfopt {

constexpr size_t kMagicBytes = 8;

struct Header {
  char magic[kMagicBytes];  // what this is
  uint32_t version;         // of the layout
  uint32_t kind;            // a PackedKind
  uint64_t bytes;           // of the whole
  uint64_t entries;         // of the table that follows

  bool Begins(const char (&expected)[kMagicBytes + 1]) const {
    return std::memcmp(magic, expected, kMagicBytes) == 0;
  }
};
static_assert(sizeof(Header) == 32, "the layout of the file");

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_HEADER_H_

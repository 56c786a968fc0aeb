#include "engine/packing/packed_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine/aligned.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;

struct Buffer {
  explicit Buffer(size_t n) : floats(RoundUp(n, 4) / 4), size(n) {}
  uint8_t* data() { return reinterpret_cast<uint8_t*>(floats.data()); }

  AlignedFloats floats;
  size_t size;
};

std::string Read(PackedKind kind, Buffer& buffer) {
  std::vector<int32_t> config;
  return ReadHeader(kind, buffer.data(), buffer.size, &config).message();
}

TEST(PackedModel, HeaderIsReadAsItWasWritten) {
  for (size_t integers : {0, 1, 8, 13, 100}) {
    std::vector<int32_t> config(integers), read = {1, 2, 3};
    for (size_t i = 0; i < integers; ++i) config[i] = static_cast<int32_t>(i) - 5;
    Buffer buffer(HeaderBytes(integers) + 128);
    WriteHeader(PackedKind::kG2p, config, buffer.size, buffer.data());
    const Status status = ReadHeader(PackedKind::kG2p, buffer.data(), buffer.size, &read);
    EXPECT_EQ(status.message(), "");
    EXPECT_EQ(read, config);
  }
}

TEST(PackedModel, LayoutOfTheHeader) {
  EXPECT_EQ(HeaderBytes(0), 64u);
  EXPECT_EQ(HeaderBytes(8), 64u);
  EXPECT_EQ(HeaderBytes(9), 128u);
  Buffer buffer(128);
  std::memset(buffer.data(), 0xFF, 128);
  WriteHeader(PackedKind::kWavenet, {7, -1}, 128, buffer.data());
  const uint8_t expected[64] = {'T', 'F', 'O', 'P', 'T', 'M', 'D', 'L',  //
                                2, 0, 0, 0, 2, 0, 0, 0,                  // version, kind
                                128, 0, 0, 0, 0, 0, 0, 0,                // bytes
                                2, 0, 0, 0, 0, 0, 0, 0,                  // integers
                                7, 0, 0, 0, 255, 255, 255, 255};
  EXPECT_EQ(std::memcmp(buffer.data(), expected, 64), 0);
  EXPECT_EQ(buffer.data()[64], 0xFF) << "what follows the header is not its own";
}

TEST(PackedModel, WhatIsNoPackedModelIsRefused) {
  Buffer nothing(0), few(31), zeros(256);
  EXPECT_EQ(Read(PackedKind::kG2p, nothing), "packed: expected a packed model, got 0 bytes");
  EXPECT_EQ(Read(PackedKind::kG2p, few), "packed: expected a packed model, got 31 bytes");
  EXPECT_THAT(Read(PackedKind::kG2p, zeros), HasSubstr("bytes that do not begin as one"));
}

TEST(PackedModel, DamagedHeadersAreRefused) {
  const auto damaged = [](size_t place, uint8_t value) {
    Buffer buffer(192);
    WriteHeader(PackedKind::kG2p, {1, 2, 3}, buffer.size, buffer.data());
    buffer.data()[place] = value;
    return Read(PackedKind::kG2p, buffer);
  };
  EXPECT_THAT(damaged(0, 'X'), HasSubstr("bytes that do not begin as one"));
  EXPECT_THAT(damaged(8, 1), HasSubstr("expected version 2 of the layout, got 1"));
  EXPECT_THAT(damaged(12, 1), HasSubstr("expected a packed g2p, got a matrix"));
  EXPECT_THAT(damaged(12, 2), HasSubstr("expected a packed g2p, got a wavenet"));
  EXPECT_THAT(damaged(12, 4), HasSubstr("expected a packed g2p, got a wavernn"));
  EXPECT_THAT(damaged(12, 9), HasSubstr("expected a packed g2p, got a kind 9"));
  EXPECT_THAT(damaged(16, 191), HasSubstr("expected 191 bytes as its header says, got 192"));
  EXPECT_THAT(damaged(23, 1), HasSubstr("bytes as its header says, got 192"));
  EXPECT_THAT(damaged(24, 41), HasSubstr("expected a config of 41 integers, got 192 bytes in all"));
  // 2^62 integers are 2^64 bytes: a product that wraps to nothing.
  EXPECT_THAT(damaged(31, 0x40), HasSubstr("integers, got 192 bytes in all"));
}

TEST(PackedModel, MemoryHasToBeAlignedToFloats) {
  Buffer buffer(256);
  WriteHeader(PackedKind::kG2p, {}, 128, buffer.data());
  std::memmove(buffer.data() + 1, buffer.data(), 128);
  std::vector<int32_t> config;
  EXPECT_THAT(ReadHeader(PackedKind::kG2p, buffer.data() + 1, 128, &config).message(),
              HasSubstr("aligned to floats"));
}

}  // namespace
}  // namespace tfopt

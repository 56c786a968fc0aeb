#include "engine/packing/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/packing/model_file_testing.h"

namespace tfopt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

test::Bytes Example() {
  return test::MakeModelFile(PackedKind::kG2p, {{"name", "example"},
                                                {"numbers", test::AsBytes<float>({1.5f, -2.0f})},
                                                {"empty", ""},
                                                {"integers", test::AsBytes<int32_t>({7, -1, 9})}});
}

std::string ErrorOf(const test::Bytes& bytes) {
  const test::AlignedCopy copy(bytes);
  ModelFile file;
  return ModelFile::Read(copy.data(), copy.size(), &file).message();
}

TEST(ModelFile, SectionsAreFoundByName) {
  const test::AlignedCopy copy(Example());
  ModelFile file;
  ASSERT_EQ(ModelFile::Read(copy.data(), copy.size(), &file).message(), "");
  EXPECT_EQ(file.kind(), PackedKind::kG2p);
  EXPECT_EQ(file.sections().size(), 4u);
  Array<uint8_t> name;
  Array<float> numbers, empty;
  Array<int32_t> integers;
  ASSERT_TRUE(file.Find("name", &name).ok());
  ASSERT_TRUE(file.Find("numbers", &numbers).ok());
  ASSERT_TRUE(file.Find("empty", &empty).ok());
  ASSERT_TRUE(file.Find("integers", &integers).ok());
  EXPECT_EQ(std::string(name.begin(), name.end()), "example");
  EXPECT_THAT(std::vector<float>(numbers.begin(), numbers.end()), ElementsAre(1.5f, -2.0f));
  EXPECT_EQ(empty.size, 0u);
  EXPECT_THAT(std::vector<int32_t>(integers.begin(), integers.end()), ElementsAre(7, -1, 9));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(integers.data) % kAlignment, 0u);
  EXPECT_EQ(file.Find("numbers2", &name).message(),
            "expected a section numbers2, found none");
  EXPECT_EQ(file.Find("name", &numbers).message(),
            "expected in section name values of 4 bytes, got 7 bytes");
}

TEST(ModelFile, TheHeaderTellsTheSize) {
  const test::Bytes bytes = Example();
  size_t size = 0;
  const test::AlignedCopy copy(bytes.substr(0, ModelFile::kHeaderBytes));
  ASSERT_EQ(ModelFile::ReadHeader(copy.data(), &size).message(), "");
  EXPECT_EQ(size, bytes.size());
  const test::AlignedCopy zeros(test::Bytes(ModelFile::kHeaderBytes, '\0'));
  EXPECT_EQ(ModelFile::ReadHeader(zeros.data(), &size).message(),
            "expected a file written by tfopt pack, got one that does not begin as they do");
}

TEST(ModelFile, DamagedFilesAreRefused) {
  const auto damaged = [](size_t place, int value) {
    test::Bytes bytes = Example();
    bytes[place] = static_cast<char>(value);
    return ErrorOf(bytes);
  };
  const size_t table = ModelFile::kHeaderBytes;
  EXPECT_THAT(damaged(0, 'X'), HasSubstr("does not begin as they do"));
  EXPECT_THAT(damaged(8, 2), HasSubstr("expected version 1 of the file, got 2; pack the model"));
  EXPECT_THAT(damaged(12, 1), HasSubstr("got kind 1"));
  EXPECT_THAT(damaged(12, 9), HasSubstr("got kind 9"));
  EXPECT_THAT(damaged(16, 1), HasSubstr("bytes as the file's header says"));
  EXPECT_THAT(damaged(23, 0x80), HasSubstr("expected a file that fits into memory"));
  EXPECT_THAT(damaged(24, 60), HasSubstr("expected 60 sections, got"));
  EXPECT_THAT(damaged(24, 65), HasSubstr("expected at most 64 sections, got 65"));
  EXPECT_THAT(damaged(31, 0x40), HasSubstr("expected at most 64 sections"));
  EXPECT_THAT(damaged(table, 0), HasSubstr("one that is empty or has odd characters"));
  EXPECT_THAT(damaged(table + 1, '\n'), HasSubstr("one that is empty or has odd characters"));
  EXPECT_THAT(damaged(table + 32, 1), HasSubstr("expected section name within"));
  EXPECT_THAT(damaged(table + 33, 0), HasSubstr("expected section name within"));  // in the table
  EXPECT_THAT(damaged(table + 35, 1), HasSubstr("expected section name within"));
  EXPECT_THAT(damaged(table + 39, 0xFF), HasSubstr("expected section name within"));
  EXPECT_THAT(damaged(table + 42, 1), HasSubstr("expected section name within"));
  EXPECT_THAT(damaged(table + 47, 0xFF), HasSubstr("expected section name within"));
  EXPECT_EQ(ErrorOf(test::MakeModelFile(PackedKind::kG2p, {{"a", ""}, {"a", ""}})),
            "expected no section twice, got two a");
}

TEST(ModelFile, TruncatedFilesAreRefused) {
  const test::Bytes bytes = Example();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ErrorOf(bytes.substr(0, size)), StartsWith("expected")) << size;
  }
  EXPECT_THAT(ErrorOf(bytes + 'x'), HasSubstr("bytes as the file's header says"));
}

// Whatever becomes of the header and the table, what is accepted lies within the file.
TEST(ModelFile, FlippedBitsLeadNowhereElse) {
  std::mt19937 random(1);
  const test::Bytes bytes = Example();
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    test::Bytes flipped = bytes;
    for (auto flips = 1 + random() % 3; flips > 0; --flips) {
      flipped[random() % 256] ^= static_cast<char>(1u << random() % 8);
    }
    const test::AlignedCopy copy(flipped);
    ModelFile file;
    if (!ModelFile::Read(copy.data(), copy.size(), &file).ok()) continue;
    ++accepted;
    for (const ModelFile::Section& section : file.sections()) {
      ASSERT_GE(section.bytes.data, copy.data());
      ASSERT_LE(section.bytes.end(), copy.data() + copy.size());
    }
  }
  EXPECT_GT(accepted, 100) << "bits of names and sizes may flip";
}

}  // namespace
}  // namespace tfopt

// Reading models' files in tests, good and damaged ones.
#ifndef TFOPT_PROGRAM_FILE_TESTING_H_
#define TFOPT_PROGRAM_FILE_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "engine/packing/model_file.h"
#include "engine/packing/model_file_testing.h"
#include "engine/status.h"
#include "program/testing.h"

namespace tfopt::test {

// A file in memory, and the model that is read from it; or why it is refused.
template <class Model, PackedKind kKind>
struct MemoryFile {
  explicit MemoryFile(const Bytes& bytes) : copy(bytes) {
    ModelFile file;
    status = ModelFile::Read(copy.data(), copy.size(), &file);
    if (status.ok()) status = Model::Read(file, &model);
  }
  explicit MemoryFile(const Sections& sections) : MemoryFile(File(kKind, sections)) {}

  static std::string ErrorOf(const Sections& sections) {
    return MemoryFile(sections).status.message();
  }

  AlignedCopy copy;
  Model model;
  Status status;
};

// The file is read, and without any of its sections but the name refused.
template <class MemoryFile>
void ExpectSectionsAreNeeded(const Sections& good) {
  EXPECT_EQ(MemoryFile::ErrorOf(good), "");
  for (const auto& [name, bytes] : good) {
    Sections less = good;
    less.erase(name);
    EXPECT_EQ(MemoryFile::ErrorOf(less),
              name == "name" ? "" : "expected a section " + name + ", found none");
  }
}

// Whatever bits flip, the file is refused, or `use(model)` gives something, or says that it cannot. A file that
// is cut off is refused.
template <class MemoryFile, class Use>
void ExpectDamageDoesNoHarm(const Bytes& bytes, int times, Use use) {
  std::mt19937 random(1);
  int accepted = 0, refused = 0;
  for (int i = 0; i < times; ++i) {
    // More often where sizes and settings stand than where weights do.
    const size_t end = i % 2 == 0 ? std::min<size_t>(1024, bytes.size()) : bytes.size();
    const MemoryFile file(Flipped(bytes.substr(0, end), &random) + bytes.substr(end));
    const Status status = file.status.ok() ? use(file.model) : file.status;
    ++(status.ok() ? accepted : refused);
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_FALSE(MemoryFile(bytes.substr(0, size)).status.ok()) << size;
  }
}

}  // namespace tfopt::test

#endif  // TFOPT_PROGRAM_FILE_TESTING_H_

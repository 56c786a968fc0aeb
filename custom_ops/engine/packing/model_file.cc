#include "engine/packing/model_file.h"

#include <cstring>
#include <limits>

#include "engine/aligned.h"
#include "engine/checked.h"
#include "engine/packing/header.h"

namespace tfopt {
namespace {

constexpr char kMagic[] = "TFOPTBIN";
constexpr uint32_t kVersion = 1;
constexpr uint64_t kMostSections = 64;

static_assert(sizeof(Header) == ModelFile::kHeaderBytes, "the layout of the file");

struct Entry {
  char name[32];
  uint64_t offset;
  uint64_t size;
};
static_assert(sizeof(Entry) == 48, "the layout of the file");

Status Invalid(const std::string& expected, const std::string& given) {
  return Status::Invalid("expected " + expected + ", got " + given);
}

Status CheckHeader(const Header& header) {
  if (!header.Begins(kMagic)) {
    return Invalid("a file written by tfopt pack", "one that does not begin as they do");
  }
  if (header.version != kVersion) {
    return Invalid("version " + std::to_string(kVersion) + " of the file",
                   std::to_string(header.version) + "; pack the model again");
  }
  const auto kind = static_cast<PackedKind>(header.kind);
  if (kind != PackedKind::kWavenet && kind != PackedKind::kG2p && kind != PackedKind::kWavernn) {
    return Invalid("a WaveNet (2), a grapheme-to-phoneme model (3) or a WaveRNN (4)",
                   "kind " + std::to_string(header.kind));
  }
  if (header.entries > kMostSections) {
    return Invalid("at most " + std::to_string(kMostSections) + " sections",
                   std::to_string(header.entries));
  }
  if (header.bytes > static_cast<uint64_t>(std::numeric_limits<ptrdiff_t>::max())) {
    return Invalid("a file that fits into memory", std::to_string(header.bytes) + " bytes");
  }
  return {};
}

// The entry as a section of `buffer`; it may not reach into the table, which ends at `least`.
Status ReadEntry(const uint8_t* buffer, size_t size, size_t least, const Entry& entry,
                 ModelFile::Section* section) {
  const size_t length = strnlen(entry.name, sizeof(entry.name));
  section->name.assign(entry.name, length);
  bool good = length > 0;
  for (char c : section->name) good = good && c > ' ' && c <= '~';
  if (!good) return Invalid("names of sections", "one that is empty or has odd characters");
  size_t end = 0;
  if (entry.offset % kAlignment != 0 || entry.offset < least ||
      !CheckedSum({entry.offset, entry.size}, &end) || end > size) {
    return Invalid("section " + section->name + " within " + std::to_string(size) +
                       " bytes, aligned to " + std::to_string(kAlignment),
                   std::to_string(entry.size) + " bytes at " + std::to_string(entry.offset));
  }
  section->bytes = {buffer + entry.offset, entry.size};
  return {};
}

template <class T>
Status FindValues(const ModelFile& file, const char* name, Array<T>* values) {
  Array<uint8_t> bytes;
  TFOPT_RETURN_IF_ERROR(file.Find(name, &bytes));
  if (bytes.size % sizeof(T) != 0) {
    return WrongSection(name, "values of " + std::to_string(sizeof(T)) + " bytes",
                        std::to_string(bytes.size) + " bytes");
  }
  *values = {reinterpret_cast<const T*>(bytes.data), bytes.size / sizeof(T)};
  return {};
}

}  // namespace

Status ModelFile::ReadHeader(const uint8_t* buffer, size_t* bytes) {
  Header header;
  std::memcpy(&header, buffer, sizeof(header));
  TFOPT_RETURN_IF_ERROR(CheckHeader(header));
  *bytes = header.bytes;
  return {};
}

Status ModelFile::Read(const uint8_t* buffer, size_t size, ModelFile* file) {
  Header header;
  if (size < sizeof(header)) {
    return Invalid("a file written by tfopt pack", std::to_string(size) + " bytes");
  }
  std::memcpy(&header, buffer, sizeof(header));
  TFOPT_RETURN_IF_ERROR(CheckHeader(header));
  if (header.bytes != size) {
    return Invalid(std::to_string(header.bytes) + " bytes as the file's header says",
                   std::to_string(size));
  }
  const size_t table_end = sizeof(header) + header.entries * sizeof(Entry);
  if (table_end > size) {
    return Invalid(std::to_string(header.entries) + " sections",
                   std::to_string(size) + " bytes in all");
  }
  ModelFile read;
  read.kind_ = static_cast<PackedKind>(header.kind);
  for (size_t i = 0; i < header.entries; ++i) {
    Entry entry;
    Section section;
    std::memcpy(&entry, buffer + sizeof(header) + i * sizeof(entry), sizeof(entry));
    TFOPT_RETURN_IF_ERROR(ReadEntry(buffer, size, table_end, entry, &section));
    for (const Section& other : read.sections_) {
      if (other.name == section.name) return Invalid("no section twice", "two " + section.name);
    }
    read.sections_.push_back(std::move(section));
  }
  *file = std::move(read);
  return {};
}

Status ModelFile::Find(const char* name, Array<uint8_t>* bytes) const {
  for (const Section& section : sections_) {
    if (section.name != name) continue;
    *bytes = section.bytes;
    return {};
  }
  return Status::Invalid("expected a section " + std::string(name) + ", found none");
}

Status ModelFile::Find(const char* name, Array<float>* values) const {
  return FindValues(*this, name, values);
}

Status ModelFile::Find(const char* name, Array<int32_t>* values) const {
  return FindValues(*this, name, values);
}

Status WrongSection(const char* name, const std::string& expected, const std::string& given) {
  return Invalid("in section " + std::string(name) + " " + expected, given);
}

}  // namespace tfopt

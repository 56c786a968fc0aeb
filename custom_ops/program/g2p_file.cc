#include "program/g2p_file.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

namespace tfopt {
namespace {

constexpr int32_t kDropped = -1;
constexpr int32_t kMostGraphemes = 10000;

Status ExpectGrapheme(const char* section, const G2pConfig& config, int32_t least, int32_t value) {
  if (value >= least && value < config.graphemes) return {};
  return WrongSection(section, "graphemes below " + std::to_string(config.graphemes),
                      std::to_string(value));
}

Status ReadGraphemes(const ModelFile& file, G2pFile* g2p) {
  TFOPT_RETURN_IF_ERROR(file.Find("graphemes", &g2p->graphemes));
  if (g2p->graphemes.size == 0) return WrongSection("graphemes", "at least one", "none");
  for (int32_t grapheme : g2p->graphemes) {
    TFOPT_RETURN_IF_ERROR(ExpectGrapheme("graphemes", g2p->config, kDropped, grapheme));
  }
  Array<int32_t> reading;
  TFOPT_RETURN_IF_ERROR(file.Find("reading", &reading));
  if (reading.size != 3) {
    return WrongSection("reading", "3 values", std::to_string(reading.size));
  }
  g2p->unknown_grapheme = reading.data[0];
  g2p->end_grapheme = reading.data[1];
  TFOPT_RETURN_IF_ERROR(ExpectGrapheme("reading", g2p->config, 0, g2p->unknown_grapheme));
  TFOPT_RETURN_IF_ERROR(ExpectGrapheme("reading", g2p->config, 0, g2p->end_grapheme));
  if (reading.data[2] < 0 || reading.data[2] > kMostGraphemes) {
    return WrongSection("reading", "0 to " + std::to_string(kMostGraphemes) + " graphemes of a word",
                        std::to_string(reading.data[2]));
  }
  g2p->max_graphemes = static_cast<size_t>(reading.data[2]);
  return {};
}

// UTF-8 without control characters: nothing that a terminal obeys or that ends a field or a line.
bool IsPlainText(const std::string& text) {
  const auto* next = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(next, left, &code);
    if (length <= 0 || utf8proc_category(code) == UTF8PROC_CATEGORY_CC) return false;
    next += length;
    left -= length;
  }
  return true;
}

Status ReadPhonemes(const ModelFile& file, G2pFile* g2p) {
  Array<uint8_t> bytes;
  TFOPT_RETURN_IF_ERROR(file.Find("phonemes", &bytes));
  const uint8_t* next = bytes.begin();
  while (next != bytes.end()) {
    uint32_t length = 0;
    const auto left = static_cast<size_t>(bytes.end() - next);
    if (left >= sizeof(length)) std::memcpy(&length, next, sizeof(length));
    if (left < sizeof(length) || left - sizeof(length) < length) {
      return WrongSection("phonemes", "whole strings", "one that is cut off");
    }
    next += sizeof(length);
    g2p->phonemes.emplace_back(reinterpret_cast<const char*>(next), length);
    next += length;
    if (!IsPlainText(g2p->phonemes.back())) {
      return WrongSection("phonemes", "UTF-8 without control characters",
                          "something else in phoneme " + std::to_string(g2p->phonemes.size() - 1));
    }
  }
  if (g2p->phonemes.size() == static_cast<size_t>(g2p->config.phonemes)) return {};
  return WrongSection("phonemes", std::to_string(g2p->config.phonemes) + " strings",
                      std::to_string(g2p->phonemes.size()));
}

}  // namespace

Status G2pFile::Read(const ModelFile& file, G2pFile* g2p) {
  G2pFile read;
  TFOPT_RETURN_IF_ERROR(file.Find("model", &read.packed));
  TFOPT_RETURN_IF_ERROR(ReadG2pConfig(read.packed.data, read.packed.size, &read.config));
  TFOPT_RETURN_IF_ERROR(ReadGraphemes(file, &read));
  TFOPT_RETURN_IF_ERROR(ReadPhonemes(file, &read));
  *g2p = std::move(read);
  return {};
}

std::vector<int32_t> G2pFile::Encode(std::u32string_view word) const {
  std::vector<int32_t> ids;
  bool readable = false;
  for (char32_t c : word) {
    const int32_t id = graphemes.data[std::min(static_cast<size_t>(c), graphemes.size - 1)];
    if (id == kDropped) continue;
    readable = readable || id != unknown_grapheme;
    ids.push_back(id);
  }
  if (!readable) return {};
  ids.push_back(end_grapheme);
  if (max_graphemes > 0 && ids.size() > max_graphemes) ids.resize(max_graphemes);
  return ids;
}

}  // namespace tfopt

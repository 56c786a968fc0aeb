// A grapheme-to-phoneme model's file: the network, and what it reads and writes.
#ifndef TFOPT_PROGRAM_G2P_FILE_H_
#define TFOPT_PROGRAM_G2P_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/models/g2p.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"

namespace tfopt {

// What is large of it stays where the file is.
struct G2pFile {
  G2pConfig config;
  Array<uint8_t> packed;
  Array<int32_t> graphemes;  // of each code point; -1: dropped; the last also of those behind
  int unknown_grapheme = 0, end_grapheme = 0;
  size_t max_graphemes = 0;  // 0: no limit
  std::vector<std::string> phonemes;

  // The graphemes of a word and the end; none if the word has no letter of the alphabet, and so no
  // pronunciation.
  std::vector<int32_t> Encode(std::u32string_view word) const;

  // Checks all that is read, but for the weights.
  static Status Read(const ModelFile& file, G2pFile* g2p);
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_G2P_FILE_H_

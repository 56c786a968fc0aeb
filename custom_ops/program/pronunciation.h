// Words and their phonemes, as `tfopt predict` prints them.
#ifndef TFOPT_PROGRAM_PRONUNCIATION_H_
#define TFOPT_PROGRAM_PRONUNCIATION_H_

#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/status.h"
#include "program/g2p_file.h"

namespace tfopt {

// Appends a line for each word: the word, a tab, its phonemes.
Status AppendPronunciations(const G2pFile& file, const Kernels& kernels, int threads,
                            const std::vector<std::u32string>& words, std::string* lines);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_PRONUNCIATION_H_

// The words of a text, as tfopt/g2p/text.py finds them.
#ifndef TFOPT_PROGRAM_WORDS_H_
#define TFOPT_PROGRAM_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"

namespace tfopt {

// Appends the words of a text in UTF-8, in order and in Unicode's composed form (NFC): runs of letters and
// digits, with apostrophes inside them. A failure names the first byte that is not UTF-8.
Status AppendWords(std::string_view text, std::vector<std::u32string>* words);

// Code points as UTF-8.
std::string ToUtf8(std::u32string_view text);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WORDS_H_

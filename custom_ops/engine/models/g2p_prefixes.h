// The distinct beginnings of words, length by length: what an encoder makes of one is the same for all words that
// begin so, and needs computing once for all words of a pool.
#ifndef TFOPT_ENGINE_MODELS_G2P_PREFIXES_H_
#define TFOPT_ENGINE_MODELS_G2P_PREFIXES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/models/g2p_network.h"

namespace tfopt {

class G2pPrefixes {
 public:
  // At most so many words at a time. Unless they are `shared`, each word has prefixes of its own.
  explicit G2pPrefixes(int words, bool shared = true);

  // Starts with the empty prefix of all words, longest first; `backward`: they are read from their ends.
  void Begin(const G2pWords& words, bool backward);

  // Goes on to the prefixes that are one symbol longer. Returns how many there are: 0 behind the longest word.
  int Next();

  int length() const { return length_; }
  int count() const { return count_; }
  // Which of the prefixes one symbol shorter it continues, and the symbol that it adds.
  int Parent(int prefix) const { return parents_[static_cast<size_t>(prefix)]; }
  int32_t Symbol(int prefix) const { return symbols_[static_cast<size_t>(prefix)]; }

  // The first words are long enough to have a prefix; and which it is.
  int words() const { return long_enough_; }
  int Of(int word) const { return of_words_[static_cast<size_t>(word)]; }
  // Where in the word the last symbol of its prefix stands.
  int Place(int word) const { return backward_ ? words_.Length(word) - length_ : length_ - 1; }

 private:
  bool shared_;
  G2pWords words_;
  bool backward_ = false;
  int length_ = 0;
  int count_ = 0;
  int long_enough_ = 0;
  std::vector<int> of_words_;  // [words]
  // Of the prefixes; there are at most as many as words.
  std::vector<int> parents_;
  std::vector<int32_t> symbols_;
  std::vector<int> siblings_;  // another of the same parent, or -1
  std::vector<int> children_;  // of the prefixes one symbol shorter: one that continues it, or -1
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_G2P_PREFIXES_H_

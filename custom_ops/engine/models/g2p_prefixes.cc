#include "engine/models/g2p_prefixes.h"

#include <algorithm>

namespace tfopt {

G2pPrefixes::G2pPrefixes(int words, bool shared) : shared_(shared) {
  for (std::vector<int>* numbers : {&of_words_, &parents_, &siblings_, &children_}) {
    numbers->resize(static_cast<size_t>(words));
  }
  symbols_.resize(static_cast<size_t>(words));
}

void G2pPrefixes::Begin(const G2pWords& words, bool backward) {
  words_ = words;
  backward_ = backward;
  length_ = 0;
  count_ = std::min(1, words.count);
  long_enough_ = words.count;
  std::fill(of_words_.begin(), of_words_.end(), 0);
}

int G2pPrefixes::Next() {
  ++length_;
  while (long_enough_ > 0 && words_.Length(long_enough_ - 1) < length_) --long_enough_;
  std::fill_n(children_.begin(), count_, -1);
  count_ = 0;
  for (int w = 0; w < long_enough_; ++w) {
    int& prefix = of_words_[static_cast<size_t>(w)];
    const int parent = prefix;
    const int32_t symbol = words_.Ids(w)[Place(w)];
    int& child = children_[static_cast<size_t>(parent)];
    for (prefix = shared_ ? child : -1; prefix >= 0 && Symbol(prefix) != symbol;) {
      prefix = siblings_[static_cast<size_t>(prefix)];
    }
    if (prefix >= 0) continue;
    prefix = count_++;
    parents_[static_cast<size_t>(prefix)] = parent;
    symbols_[static_cast<size_t>(prefix)] = symbol;
    siblings_[static_cast<size_t>(prefix)] = child;
    child = prefix;
  }
  return count_;
}

}  // namespace tfopt

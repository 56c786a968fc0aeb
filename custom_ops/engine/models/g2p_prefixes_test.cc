#include "engine/models/g2p_prefixes.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/models/g2p_testing.h"

namespace tfopt {
namespace {

using Word = std::vector<int32_t>;

// Whether all prefixes are there, each once, chained to one another.
void ExpectPrefixes(const std::vector<Word>& longest_first, bool backward) {
  const test::G2pBatch batch(longest_first);
  std::vector<int> rows(longest_first.size());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int>(i);
  G2pPrefixes prefixes(static_cast<int>(rows.size()));
  prefixes.Begin({batch.ids.data(), batch.lengths.data(), static_cast<int>(batch.time), rows.data(),
                  static_cast<int>(rows.size())},
                 backward);
  std::vector<Word> before = {{}};
  for (size_t length = 1;; ++length) {
    std::set<Word> expected;
    for (Word word : longest_first) {
      if (backward) std::reverse(word.begin(), word.end());
      if (word.size() >= length) expected.insert({word.begin(), word.begin() + static_cast<ptrdiff_t>(length)});
    }
    ASSERT_EQ(prefixes.Next(), static_cast<int>(expected.size())) << "length " << length;
    std::vector<Word> given;
    for (int p = 0; p < prefixes.count(); ++p) {
      given.push_back(before[static_cast<size_t>(prefixes.Parent(p))]);
      given.back().push_back(prefixes.Symbol(p));
    }
    EXPECT_EQ(std::set<Word>(given.begin(), given.end()), expected);
    for (int w = 0; w < prefixes.words(); ++w) {
      const Word& word = longest_first[static_cast<size_t>(w)];
      const Word& prefix = given[static_cast<size_t>(prefixes.Of(w))];
      const size_t place = static_cast<size_t>(prefixes.Place(w));
      EXPECT_EQ(place, backward ? word.size() - length : length - 1);
      EXPECT_EQ(prefix.size(), length);
      EXPECT_EQ(prefix.back(), word[place]);
    }
    if (expected.empty()) return;
    before = given;
  }
}

TEST(G2pPrefixes, EachIsThereOnce) {
  for (bool backward : {false, true}) {
    ExpectPrefixes({{7}}, backward);
    ExpectPrefixes({{1, 2, 3}, {1, 2, 4}, {1, 2}, {5, 2}, {1, 2}, {1}}, backward);
    for (uint32_t seed : {1, 2, 3}) {
      std::mt19937 random(seed);
      std::vector<Word> words(40, Word(6));
      for (size_t w = 0; w < words.size(); ++w) {
        words[w].resize(6 - w / 8);
        for (int32_t& symbol : words[w]) symbol = static_cast<int32_t>(random() % 3);
      }
      ExpectPrefixes(words, backward);
    }
  }
}

}  // namespace
}  // namespace tfopt

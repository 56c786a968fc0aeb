#include "program/pronunciation.h"

#include <algorithm>

#include "program/words.h"

namespace tfopt {
namespace {

// Graphemes of a batch, padding included, and its words: bounds the memory when a word is very long.
constexpr size_t kMostGraphemes = 1 << 19, kMostWords = 1 << 13;

using Ids = std::vector<int32_t>;

// Decodes words of similar length; phonemes: [batch, max_phonemes].
Status Decode(const G2pFile& file, const Kernels& kernels, int threads,
              const std::vector<Ids>& words, const size_t* batch, size_t count, Ids* phonemes) {
  const size_t time = words[batch[count - 1]].size();  // the longest
  Ids ids(count * time), lengths(count);
  for (size_t b = 0; b < count; ++b) {
    const Ids& word = words[batch[b]];
    std::copy(word.begin(), word.end(), ids.begin() + static_cast<ptrdiff_t>(b * time));
    lengths[b] = static_cast<int32_t>(word.size());
  }
  phonemes->resize(count * static_cast<size_t>(file.config.max_phonemes));
  return DecodeG2p(kernels, file.packed.data, file.packed.size, static_cast<int>(count),
                   static_cast<int>(time), ids.data(), lengths.data(), threads, phonemes->data());
}

std::string Spoken(const G2pFile& file, const int32_t* phonemes) {
  std::string text;
  for (int i = 0; i < file.config.max_phonemes && phonemes[i] != file.config.end_phoneme; ++i) {
    if (i > 0) text += ' ';
    text += file.phonemes[static_cast<size_t>(phonemes[i])];
  }
  return text;
}

}  // namespace

Status AppendPronunciations(const G2pFile& file, const Kernels& kernels, int threads,
                            const std::vector<std::u32string>& words, std::string* lines) {
  std::vector<Ids> encoded;
  std::vector<size_t> sorted;  // those that have a pronunciation, the shortest first
  for (const std::u32string& word : words) {
    encoded.push_back(file.Encode(word));
    if (!encoded.back().empty()) sorted.push_back(encoded.size() - 1);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](size_t a, size_t b) { return encoded[a].size() < encoded[b].size(); });
  std::vector<std::string> spoken(words.size());
  Ids phonemes;
  for (size_t first = 0, end = 0; first < sorted.size(); first = end) {
    while (end < sorted.size() && end - first < kMostWords &&
           (end == first || (end - first + 1) * encoded[sorted[end]].size() <= kMostGraphemes)) {
      ++end;
    }
    TFOPT_RETURN_IF_ERROR(Decode(file, kernels, threads, encoded, sorted.data() + first,
                                 end - first, &phonemes));
    for (size_t i = first; i < end; ++i) {
      const auto row = (i - first) * static_cast<size_t>(file.config.max_phonemes);
      spoken[sorted[i]] = Spoken(file, phonemes.data() + row);
    }
  }
  for (size_t i = 0; i < words.size(); ++i) {
    *lines += ToUtf8(words[i]) + '\t' + spoken[i] + '\n';
  }
  return {};
}

}  // namespace tfopt

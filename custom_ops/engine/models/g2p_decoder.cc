#include "engine/models/g2p_decoder.h"

#include <algorithm>

namespace tfopt {
namespace {

// A pool is what is encoded before decoding goes on: many words, so that the columns are rarely short of
// them and that they share prefixes, and no more than a cache holds. Attention looks at every place of a word again
// at every step.
constexpr int kPoolWords = 1024;
constexpr size_t kPoolGraphemes = 2048;  // with attention

}  // namespace

G2pDecoder::G2pDecoder(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights,
                       const G2pWords& words)
    : kernels_(kernels),
      config_(config),
      logits_stride_(weights.output.outputs),
      words_(words) {
  G2pCapacity capacity;
  for (int first = 0, size; first < words_.count; first += size) {
    size = PoolSize(first);
    size_t graphemes = 0;
    for (int w = first; w < first + size; ++w) graphemes += static_cast<size_t>(words_.Length(w));
    capacity.words = std::max(capacity.words, size);
    capacity.graphemes = std::max(capacity.graphemes, graphemes);
    capacity.longest = std::max(capacity.longest, words_.Length(first));
  }
  network_ = config.architecture == G2pArchitecture::kGru
                 ? MakeGruNetwork(kernels, config, weights, capacity)
                 : MakeAttentionGruNetwork(kernels, config, weights, capacity);
  const size_t columns = static_cast<size_t>(std::min(capacity.words, kG2pColumns));
  columns_.resize(columns);
  last_.resize(columns);
}

int G2pDecoder::PoolSize(int first) const {
  const int most = std::min(kPoolWords, words_.count - first);
  if (config_.architecture == G2pArchitecture::kGru) return most;
  size_t graphemes = static_cast<size_t>(words_.Length(first));
  int size = 1;
  for (; size < most; ++size) {
    graphemes += static_cast<size_t>(words_.Length(first + size));
    if (graphemes > kPoolGraphemes) break;
  }
  return size;
}

void G2pDecoder::Run(int32_t* phonemes) {
  for (int first = 0, size; first < words_.count; first += size) {
    size = PoolSize(first);
    RunPool(words_.Part(first, size), phonemes);
  }
}

void G2pDecoder::Start(const G2pWords& pool, int column, int word, int32_t* phonemes) {
  int32_t* row = phonemes + static_cast<ptrdiff_t>(pool.rows[word]) * config_.max_phonemes;
  std::fill_n(row, config_.max_phonemes, config_.end_phoneme);
  network_->Start(column, word);
  columns_[static_cast<size_t>(column)] = {row, 0};
  last_[static_cast<size_t>(column)] = config_.start_phoneme;
}

void G2pDecoder::RunPool(const G2pWords& pool, int32_t* phonemes) {
  network_->Encode(pool);
  int next = 0;       // word to start
  int columns = 0;    // whose words go on
  while (true) {
    const int going = columns;
    // The first fill is complete, so that the number of the next word is never below that of a column: what
    // G2pNetwork::Start is promised, and networks overwrite words by.
    for (; columns < kG2pColumns && next < pool.count; ++next) Start(pool, columns++, next, phonemes);
    if (columns == 0) return;
    const float* logits = network_->Step(last_.data(), columns, columns - going);
    // From the right, so that what moves to the left has been looked at.
    for (int c = columns - 1; c >= 0; --c) {
      const size_t place = static_cast<size_t>(c);
      const int phoneme = kernels_.argmax(logits + c * logits_stride_, config_.phonemes);
      Column& column = columns_[place];
      last_[place] = phoneme;
      column.row[column.written++] = phoneme;
      if (phoneme != config_.end_phoneme && column.written < config_.max_phonemes) continue;
      // The last column takes the place of the one whose word has ended.
      if (c == --columns) continue;
      network_->Move(columns, c);
      columns_[place] = columns_[static_cast<size_t>(columns)];
      last_[place] = last_[static_cast<size_t>(columns)];
    }
  }
}

}  // namespace tfopt

#include "engine/models/g2p.h"

#include <algorithm>
#include <string>

#include "engine/models/g2p_decoder.h"
#include "engine/threads.h"

namespace tfopt {
namespace {

// Fewer words than this take less time than starting a thread for them saves.
constexpr int kWordsPerThread = 16;

Status CheckWords(const G2pConfig& config, int batch, int time, const int32_t* ids,
                  const int32_t* lengths) {
  for (int b = 0; b < batch; ++b) {
    if (lengths[b] < 1 || lengths[b] > time) {
      return Status::Invalid("lengths[" + std::to_string(b) + "]: expected an integer from 1 to " +
                             std::to_string(time) + ", got " + std::to_string(lengths[b]));
    }
    const int32_t* row = ids + static_cast<ptrdiff_t>(b) * time;
    for (int t = 0; t < lengths[b]; ++t) {
      if (row[t] < 0 || row[t] >= config.graphemes) {
        return Status::Invalid("ids[" + std::to_string(b) + ", " + std::to_string(t) +
                               "]: expected an integer from 0 to " +
                               std::to_string(config.graphemes - 1) + ", got " +
                               std::to_string(row[t]));
      }
    }
  }
  return {};
}

}  // namespace

Status DecodeG2p(const Kernels& kernels, const uint8_t* packed, size_t packed_bytes, int batch,
                 int time, const int32_t* ids, const int32_t* lengths, int threads,
                 int32_t* phonemes, InputHistograms* observed) {
  G2pConfig config;
  G2pWeights weights;
  TFOPT_RETURN_IF_ERROR(ReadG2p(packed, packed_bytes, &config, &weights, observed));
  if (threads < 1) {
    return Status::Invalid("threads: expected an integer of at least 1, got " +
                           std::to_string(threads));
  }
  TFOPT_RETURN_IF_ERROR(CheckWords(config, batch, time, ids, lengths));
  if (batch < 1) return {};

  std::vector<int> sorted(static_cast<size_t>(batch));
  for (int b = 0; b < batch; ++b) sorted[static_cast<size_t>(b)] = b;
  std::sort(sorted.begin(), sorted.end(), [lengths](int a, int b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
  // Dealt out like cards, so that each thread gets as many words of each length.
  const int workers = std::min(threads, std::max(1, batch / kWordsPerThread));
  std::vector<int> rows;
  rows.reserve(sorted.size());
  std::vector<G2pDecoder> decoders;
  decoders.reserve(static_cast<size_t>(workers));
  for (int w = 0; w < workers; ++w) {
    const size_t first = rows.size();
    for (size_t i = static_cast<size_t>(w); i < sorted.size(); i += static_cast<size_t>(workers)) {
      rows.push_back(sorted[i]);
    }
    const int count = static_cast<int>(rows.size() - first);
    decoders.emplace_back(kernels, config, weights,
                          G2pWords{ids, lengths, time, rows.data() + first, count});
  }
  const Threads others(workers - 1, [&](int w) { decoders[static_cast<size_t>(w)].Run(phonemes); });
  decoders[0].Run(phonemes);
  for (int w = others.size() + 1; w < workers; ++w) decoders[static_cast<size_t>(w)].Run(phonemes);
  return {};
}

}  // namespace tfopt

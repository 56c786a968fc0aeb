// What the decoder's loop needs of a g2p network: encode words, then step after step of the decoder.
//
// A network works on a pool of words. Encoding leaves what it learned of each with the network; then words
// are put into columns, of which one step takes many. Words leave their columns when they have ended, so
// each column may be at a step of its own.
#ifndef TFOPT_ENGINE_MODELS_G2P_NETWORK_H_
#define TFOPT_ENGINE_MODELS_G2P_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/kernels/kernels.h"
#include "engine/models/g2p_weights.h"

namespace tfopt {

// Columns of one step: a multiple of the kernels' six, enough to use a weight often while it is in the
// cache, and few enough for gates and states to stay there too.
constexpr int kG2pColumns = 48;

// Words in the order in which they are worked on, longest first.
struct G2pWords {
  const int32_t* ids = nullptr;      // [batch, time]
  const int32_t* lengths = nullptr;  // [batch]
  int time = 0;
  const int* rows = nullptr;  // [count], of the batch
  int count = 0;

  int Length(int word) const { return lengths[rows[word]]; }
  const int32_t* Ids(int word) const { return ids + static_cast<ptrdiff_t>(rows[word]) * time; }
  G2pWords Part(int first, int size) const { return {ids, lengths, time, rows + first, size}; }
};

class G2pNetwork {
 public:
  virtual ~G2pNetwork() = default;

  // Encodes a pool of at most as many words and graphemes as the network was made for.
  virtual void Encode(const G2pWords& words) = 0;

  // Puts a word of the pool into a column, before its first step. Words come in their order, and the first fill
  // column by column: word 0 into column 0 and so on, until all kG2pColumns have one or none is left. So a word that
  // comes later has a larger number than any column, and what a network keeps of a word under the number of a column
  // belongs to one that has been started.
  virtual void Start(int column, int word) = 0;

  // Puts the word in column `from` into column `to`.
  virtual void Move(int from, int to) = 0;

  // Feeds one phoneme to each of the first `columns` columns, of which the last `started` have taken no step yet and
  // get the start mark. Returns the logits [columns, Padded(phonemes)].
  virtual const float* Step(const int32_t* phonemes, int columns, int started) = 0;
};

// The most that a network has to hold at a time.
struct G2pCapacity {
  int words = 0;
  size_t graphemes = 0;  // of a pool
  int longest = 0;       // graphemes of one word
};

// The network of a config, with all the memory that it will ever use.
std::unique_ptr<G2pNetwork> MakeGruNetwork(const Kernels& kernels, const G2pConfig& config,
                                           const G2pWeights& weights, const G2pCapacity& capacity);
std::unique_ptr<G2pNetwork> MakeAttentionGruNetwork(const Kernels& kernels, const G2pConfig& config,
                                                    const G2pWeights& weights,
                                                    const G2pCapacity& capacity);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_G2P_NETWORK_H_

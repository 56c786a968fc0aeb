// Decodes any number of words with one network on one thread, in memory made beforehand.
#ifndef TFOPT_ENGINE_MODELS_G2P_DECODER_H_
#define TFOPT_ENGINE_MODELS_G2P_DECODER_H_

#include <memory>
#include <vector>

#include "engine/models/g2p_network.h"

namespace tfopt {

class G2pDecoder {
 public:
  // words: longest first; what it points to has to outlive the decoder
  G2pDecoder(const Kernels& kernels, const G2pConfig& config, const G2pWeights& weights,
             const G2pWords& words);

  // Writes the phonemes of each word into its row of [batch, max_phonemes], filled up with the end mark.
  // Allocates nothing.
  void Run(int32_t* phonemes);

 private:
  struct Column {
    int32_t* row = nullptr;  // of the word in this column
    int written = 0;
  };

  // How many words from `first` on are one pool.
  int PoolSize(int first) const;
  void RunPool(const G2pWords& pool, int32_t* phonemes);
  void Start(const G2pWords& pool, int column, int word, int32_t* phonemes);

  const Kernels& kernels_;
  const G2pConfig config_;
  const ptrdiff_t logits_stride_;
  const G2pWords words_;
  std::unique_ptr<G2pNetwork> network_;
  std::vector<Column> columns_;
  std::vector<int32_t> last_;  // the phoneme that each column wrote last
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_G2P_DECODER_H_

// From the outputs of the gates to the logits: a WaveNet's skip connections and its two last layers, which
// are most of its weights. Several threads can share them, each with some of the outputs of every layer.
//
// Member 0 of the team is the thread that runs the layers. It publishes each layer's z as soon as it has it;
// the others add what the skip connections make of it meanwhile. Then all do their part of the two last
// layers, waiting for one another before each. Waiting threads spin: a step takes some ten microseconds.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_HEAD_H_
#define TFOPT_ENGINE_MODELS_WAVENET_HEAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/models/wavenet.h"

namespace tfopt {

class WavenetHead {
 public:
  // Prepares `batch` streams, and a team of `members`, at least 1.
  WavenetHead(const Wavenet& model, const Kernels& kernels, int batch, int members);

  // --- For member 0 ---

  // Where the outputs of a layer's gates belong, [batch][gate, padded].
  float* z(size_t layer) { return z_.data() + static_cast<ptrdiff_t>(layer) * z_layer_; }
  // Says that the next layer's z is there. Call it once for each layer, in order.
  void Publish() { published_.store(++published_by_me_, std::memory_order_release); }
  // The rest of a step: its own part of the skip connections, then of the last layers.
  void AddSkips();
  void Finish() { LastLayers(&members_[0]); }
  // Lets the others return from Work.
  void Stop() { stop_.store(true, std::memory_order_release); }

  // Of the last step, [outputs, padded].
  const float* logits(int stream) const {
    return logits_.data() + stream * static_cast<ptrdiff_t>(Padded(model_.config.outputs));
  }

  // --- For the others ---

  // Takes part in every step, until Stop.
  void Work(int member);

  int members() const { return static_cast<int>(members_.size()); }

 private:
  // The outputs of a layer that are one member's: whole tiles, so that its matrix is one too.
  struct Share {
    int first = 0, count = 0;
    Matrix Of(const Matrix& w) const {
      return {w.weights + static_cast<ptrdiff_t>(first) * w.inputs, w.inputs, count};
    }
  };
  struct Member {
    Share skip, end0, end1;
    // Phases that it has finished, three a step. Alone in its cache line, as all others look at it.
    alignas(kAlignment) std::atomic<uint64_t> phases{0};
  };

  void DivideLayers();
  void AddSkip(size_t layer, const Share& share);
  bool LastLayers(Member* me);
  bool Meet(Member* me);
  bool WaitUntil(const std::atomic<uint64_t>& counter, uint64_t value) const;

  const Wavenet& model_;
  const Kernels& kernels_;
  const int batch_;
  const ptrdiff_t z_layer_;  // floats of a layer's z
  std::vector<Member> members_;
  alignas(kAlignment) std::atomic<uint64_t> published_{0};  // layers' z, over all steps
  std::atomic<bool> stop_{false};
  alignas(kAlignment) uint64_t published_by_me_ = 0;  // member 0's own count
  AlignedFloats z_;                                   // [layers][batch][gate, padded]
  AlignedFloats skip_;                                // [batch][skip, padded]
  AlignedFloats end_;                                 // [batch][end, padded]
  AlignedFloats logits_;                              // [batch][outputs, padded]
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVENET_HEAD_H_

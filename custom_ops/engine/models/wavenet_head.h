// From the outputs of the gates to the logits: a WaveNet's skip connections and its two last layers, which
// are most of its weights. Several threads can share them, each with some of the outputs of every layer.
//
// Member 0 of the team is the thread that runs the layers. It publishes each layer's z as soon as it has it;
// the others add what the skip connections make of it meanwhile. Then all do their part of the two last
// layers, waiting for one another before each.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_HEAD_H_
#define TFOPT_ENGINE_MODELS_WAVENET_HEAD_H_

#include <cstddef>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/models/wavenet.h"
#include "engine/share.h"
#include "engine/team.h"

namespace tfopt {

class WavenetHead {
 public:
  // Prepares `batch` streams, and a team of `members`, at least 1.
  WavenetHead(const Wavenet& model, const Kernels& kernels, int batch, int members);

  // --- For member 0 ---

  // Where the outputs of a layer's gates belong, [batch][gate, padded].
  float* z(size_t layer) { return z_.data() + static_cast<ptrdiff_t>(layer) * z_layer_; }
  // Says that a layer's z is there; returns it as the skip connection multiplies it. Call it once for each
  // layer, in order.
  Operand Publish(size_t layer);
  // The rest of a step: its own part of the skip connections, then of the last layers.
  void AddSkips();
  void Finish() { LastLayers(0); }
  // Lets the others return from Work.
  void Stop() { team_.Stop(); }

  // Of the last step, [outputs, padded].
  const float* logits(int stream) const {
    return logits_.data() + stream * static_cast<ptrdiff_t>(Padded(model_.config.outputs));
  }

  // --- For the others ---

  // Takes part in every step, until Stop.
  void Work(int member);

 private:
  // What a member computes of each layer, the parts of matrices that do, and what for that.
  struct Member {
    Share skip, end0, end1;
    std::vector<Matrix> skip_parts;  // [layers]
    Matrix end0_part, end1_part;
    Operands operands;
  };

  void DivideLayers();
  void AddSkip(size_t layer, const Member& member);
  bool LastLayers(int member);

  const Wavenet& model_;
  const Kernels& kernels_;
  const int batch_;
  const ptrdiff_t z_layer_;  // floats of a layer's z
  Team team_;
  std::vector<Member> members_;
  AlignedFloats z_;                    // [layers][batch][gate, padded]
  std::vector<Operands> z_operands_;   // [layers]
  std::vector<Operand> published_;     // [layers]
  AlignedFloats skip_;                 // [batch][skip, padded]
  AlignedFloats end_;                  // [batch][end, padded]
  AlignedFloats logits_;               // [batch][outputs, padded]
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVENET_HEAD_H_

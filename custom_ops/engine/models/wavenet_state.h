// The state of a WaveNet's streams as bytes: one record a stream, all of equal size.
//
//   offset  bytes
//        0      4  "WNST"
//        4      4  zero
//        8      8  bytes of the record
//       16      8  the position: steps that the stream has had, and those that others had before it joined
//       24     40  zero
//       64         past samples of the first convolution: [Padded(taps - 1)] floats, the oldest first; a
//                  class of -1 is one before the stream began
//                  queues of all layers: [(K-1) * dilation][residual, padded]
#ifndef TFOPT_ENGINE_MODELS_WAVENET_STATE_H_
#define TFOPT_ENGINE_MODELS_WAVENET_STATE_H_

#include <cstddef>
#include <cstdint>

#include "engine/models/wavenet.h"

namespace tfopt {

int64_t WavenetPosition(const uint8_t* record);
void SetWavenetPosition(int64_t position, uint8_t* record);

// Gives streams that have had no step the position of the others. The place in its queues where a stream begins
// is all the same to it: they are all zeros.
void JoinStreams(const Wavenet& model, int batch, uint8_t* state);

// The floats of a record: past samples, then queues.
inline float* WavenetStateFloats(uint8_t* record) {
  return reinterpret_cast<float*>(record + kAlignment);
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVENET_STATE_H_

// The state of a WaveRNN's streams as bytes: one record a stream, all of equal size.
//
//   offset  bytes
//        0      4  "WRST"
//        4      4  GRUs
//        8      4  units of each
//       12     52  zero
//       64         states of the GRUs: [rnn_layers][rnn, padded]
//
// What a stream was fed last, and where in its frame it is, are arguments.
#ifndef TFOPT_ENGINE_MODELS_WAVERNN_STATE_H_
#define TFOPT_ENGINE_MODELS_WAVERNN_STATE_H_

#include <cstddef>
#include <cstdint>

#include "engine/aligned.h"

namespace tfopt {

constexpr size_t kWavernnRecordBytes = kAlignment;  // before the floats

// The floats of a record.
inline float* WavernnStateFloats(uint8_t* record) {
  return reinterpret_cast<float*>(record + kWavernnRecordBytes);
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_WAVERNN_STATE_H_

// The state of a batch of streams, uint8 [batch, bytes]: an op's input 1, which it gives back as output 1,
// brought forward. A state of no bytes is the one before the first step.
#ifndef TFOPT_TENSORFLOW_STREAM_STATE_H_
#define TFOPT_TENSORFLOW_STREAM_STATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"

namespace tfopt {

// What a model says of its states.
struct StateOf {
  int64_t batch = 0;
  size_t bytes = 0;                             // of each stream
  std::function<Status(const uint8_t*)> check;  // whether it is one of this model's
  std::function<void(uint8_t*)> reset;          // writes the state before the first step
};

// Checks the state and makes the new one of it, in its own memory where nobody else reads that. From here on
// the old state may be gone.
Status AdvanceState(KernelContext& context, const StateOf& of, Output<uint8_t>* new_state);

// Expects the state's rank, and gives the shape of the new one.
Status InferState(ShapeContext& context, int64_t batch);

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_STREAM_STATE_H_

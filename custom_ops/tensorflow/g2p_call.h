// What the ops that decode words have in common.
#ifndef TFOPT_TENSORFLOW_G2P_CALL_H_
#define TFOPT_TENSORFLOW_G2P_CALL_H_

#include "engine/kernels/input_histogram.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"

namespace tfopt {

// Decodes inputs ids and lengths with the packed model, input 0, into output 0; `observed` as of DecodeG2p.
Status DecodeWords(KernelContext& context, int threads, InputHistograms* observed = nullptr);
Status InferDecodedWords(ShapeContext& context);

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_G2P_CALL_H_

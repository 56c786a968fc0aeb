#include "g2p_call.h"

#include <cstdint>

#include "engine/models/g2p.h"
#include "values.h"

namespace tfopt {

Status DecodeWords(KernelContext& context, int threads, InputHistograms* observed) {
  Input<uint8_t> packed;
  Input<int32_t> ids, lengths;
  G2pConfig config;
  TFOPT_RETURN_IF_ERROR(context.Read(0, "packed", {"bytes"}, &packed));
  TFOPT_RETURN_IF_ERROR(ReadG2pConfig(packed.data, packed.size(), &config));
  TFOPT_RETURN_IF_ERROR(context.Read(1, "ids", {"batch", "time"}, &ids));
  int batch = 0, time = 0;
  TFOPT_RETURN_IF_ERROR(ToInt("ids", "batch", ids.shape[0], &batch));
  TFOPT_RETURN_IF_ERROR(ToInt("ids", "time", ids.shape[1], &time));
  TFOPT_RETURN_IF_ERROR(context.Read(2, "lengths", {batch}, &lengths));
  const Kernels* kernels = nullptr;
  TFOPT_RETURN_IF_ERROR(ChooseKernels(&kernels));
  Output<int32_t> phonemes;
  TFOPT_RETURN_IF_ERROR(context.Allocate(0, "phonemes", {batch, config.max_phonemes}, &phonemes));
  return DecodeG2p(*kernels, packed.data, packed.size(), batch, time, ids.data, lengths.data,
                   threads, phonemes.data, observed);
}

Status InferDecodedWords(ShapeContext& context) {
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(1, "ids", 2));
  TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "lengths", 1));
  return context.SetOutput(0, {Known(context.Dim(1, 0), context.Dim(2, 0)), kUnknown});
}

}  // namespace tfopt

#include "wavenet_call.h"

#include <vector>

#include "values.h"

namespace tfopt {

Status WavenetCall::ReadConditioning(KernelContext& context, int conditioning, int speaker,
                                     std::vector<Dim> dims) {
  dims.emplace_back(model_.config.local_channels);
  TFOPT_RETURN_IF_ERROR(context.Read(conditioning, "conditioning", dims, &conditioning_));
  TFOPT_RETURN_IF_ERROR(context.Read(
      speaker, "speaker", {streams_.batch, model_.config.global_channels}, &speaker_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("conditioning", conditioning_));
  TFOPT_RETURN_IF_ERROR(CheckFinite("speaker", speaker_));
  streams_.conditioning = conditioning_.data;
  streams_.speaker = speaker_.data;
  return {};
}

}  // namespace tfopt

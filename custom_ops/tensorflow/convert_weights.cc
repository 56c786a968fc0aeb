// Tfopt>ConvertWeights: a packed model of float32 as one of another type of weights, or with its zeros left out.
#include <vector>

#include "engine/models/weight_conversion.h"
#include "register.h"
#include "values.h"

namespace tfopt {
namespace {

class ConvertWeightsKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(0, "packed", 1));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(1, "most_density", 0));
    TFOPT_RETURN_IF_ERROR(context.ExpectRank(2, "input_scales", 1));
    return context.SetOutput(0, {kUnknown});
  }

  Status Init(Attributes& attributes) {
    int type = 0;
    TFOPT_RETURN_IF_ERROR(attributes.Read("weight_type", 0, kWeightTypes - 1, &type));
    type_ = static_cast<WeightType>(type);
    return {};
  }

  Status Compute(KernelContext& context) const {
    Input<uint8_t> packed;
    Input<float> most_density, input_scales;
    TFOPT_RETURN_IF_ERROR(context.Read(0, "packed", {"bytes"}, &packed));
    TFOPT_RETURN_IF_ERROR(context.Read(1, "most_density", {}, &most_density));
    TFOPT_RETURN_IF_ERROR(context.Read(2, "input_scales", {"matrices"}, &input_scales));
    WeightChoice choice;
    choice.type = type_;
    choice.most_density = most_density.data[0];
    choice.input_scales.assign(input_scales.data, input_scales.data + input_scales.size());
    Output<uint8_t> converted;
    return ConvertWeights(packed.data, packed.size(), choice, [&](size_t bytes, uint8_t** buffer) {
      const Status status =
          context.Allocate(0, "converted", {static_cast<int64_t>(bytes)}, &converted);
      *buffer = converted.data;
      return status;
    });
  }

 private:
  WeightType type_ = WeightType::kFloat32;
};

__attribute__((constructor)) void Register() {
  RegisterOp<ConvertWeightsKernel>({"Tfopt>ConvertWeights",
                                    {"packed: uint8", "most_density: float", "input_scales: float"},
                                    {"converted: uint8"},
                                    {"weight_type: int"}});
}

}  // namespace
}  // namespace tfopt

#include "register.h"

#include <cstdio>

namespace tfopt {

void RegisterOp(const OpDefinition& definition,
                void (*infer_shapes)(TF_ShapeInferenceContext*, TF_Status*),
                TF_KernelBuilder* kernel) {
  const StatusOwner status(TF_NewStatus());
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(definition.name);
  for (const char* input : definition.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : definition.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  for (const char* attribute : definition.attributes) {
    TF_OpDefinitionBuilderAddAttr(builder, attribute);
  }
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, infer_shapes);
  TF_RegisterOpDefinition(builder, status.get());
  if (TF_GetCode(status.get()) == TF_OK) {
    TF_RegisterKernelBuilder(definition.name, kernel, status.get());
  } else {
    TF_DeleteKernelBuilder(kernel);
  }
  // While a library is loaded there is nobody to return an error to.
  if (TF_GetCode(status.get()) != TF_OK) {
    std::fprintf(stderr, "%s: %s\n", definition.name, TF_Message(status.get()));
  }
}

}  // namespace tfopt

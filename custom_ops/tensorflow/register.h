// Registers an op and its CPU kernel with TensorFlow.
//
// The kernel is a class with
//   static Status InferShapes(ShapeContext& context);     while tracing
//   Status Init(Attributes& attributes);                  once for each node
//   Status Compute(KernelContext& context) const;         each call, from any thread
#ifndef TFOPT_TENSORFLOW_REGISTER_H_
#define TFOPT_TENSORFLOW_REGISTER_H_

#include <exception>
#include <memory>
#include <new>
#include <vector>

#include "c_api.h"
#include "engine/status.h"
#include "kernel_context.h"
#include "shape_context.h"

namespace tfopt {

// An op's interface, in the words of TensorFlow's op definitions: "ids: int32", "threads: int = 1".
struct OpDefinition {
  const char* name;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  std::vector<const char*> attributes;
};

// Reports what `action` returns or throws to `context`; nothing gets out to TensorFlow, which would end
// the process.
template <typename Context, typename Action>
bool RunGuarded(Context& context, Action action) {
  try {
    const Status status = action();
    if (status.ok()) return true;
    context.Fail(status);
  } catch (const std::bad_alloc&) {
    context.Fail(TF_RESOURCE_EXHAUSTED, "out of memory");
  } catch (const std::exception& error) {
    context.Fail(TF_INTERNAL, error.what());
  }
  return false;
}

// The functions that TensorFlow calls.
template <typename Kernel>
struct Callbacks {
  static void InferShapes(TF_ShapeInferenceContext* tf_context, TF_Status* tf_status) {
    ShapeContext context(tf_context, tf_status);
    RunGuarded(context, [&] { return Kernel::InferShapes(context); });
  }

  static void* Create(TF_OpKernelConstruction* construction) {
    Attributes attributes(construction);
    std::unique_ptr<Kernel> kernel;
    const bool good = RunGuarded(attributes, [&] {
      kernel = std::make_unique<Kernel>();
      return kernel->Init(attributes);
    });
    return good ? kernel.release() : nullptr;
  }

  static void Compute(void* kernel, TF_OpKernelContext* tf_context) {
    KernelContext context(tf_context);
    RunGuarded(context, [&] { return static_cast<const Kernel*>(kernel)->Compute(context); });
  }

  static void Delete(void* kernel) { delete static_cast<Kernel*>(kernel); }
};

void RegisterOp(const OpDefinition& definition,
                void (*infer_shapes)(TF_ShapeInferenceContext*, TF_Status*),
                TF_KernelBuilder* kernel);

// To be called while the library is loaded, from a function with __attribute__((constructor)).
template <typename Kernel>
void RegisterOp(const OpDefinition& definition) {
  using Calls = Callbacks<Kernel>;
  RegisterOp(definition, Calls::InferShapes,
             TF_NewKernelBuilder(definition.name, "CPU", Calls::Create, Calls::Compute,
                                 Calls::Delete));
}

}  // namespace tfopt

#endif  // TFOPT_TENSORFLOW_REGISTER_H_

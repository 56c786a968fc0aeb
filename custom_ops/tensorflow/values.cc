#include "values.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "engine/isa.h"

namespace tfopt {
namespace {

// "nan at [0, 3]", for element `place` of a tensor.
std::string ValueAt(const Input<float>& input, size_t place) {
  Shape position(input.shape.size());
  size_t rest = place;
  for (size_t i = position.size(); i-- > 0;) {
    const size_t size = static_cast<size_t>(input.shape[i]);
    position[i] = static_cast<int64_t>(rest % size);
    rest /= size;
  }
  const std::string value = std::to_string(input.data[place]);
  return position.empty() ? value : value + " at " + ToString(position);
}

template <typename Good>
Status CheckAll(const char* name, const Input<float>& input, const char* expected, Good good) {
  const float* const end = input.data + input.size();
  const float* const bad = std::find_if_not(input.data, end, good);
  if (bad == end) return {};
  return Mismatch(name, expected, ValueAt(input, static_cast<size_t>(bad - input.data)));
}

}  // namespace

Status CheckFinite(const char* name, const Input<float>& input) {
  return CheckAll(name, input, "finite numbers", [](float x) { return std::isfinite(x); });
}

Status CheckUniform(const char* name, const Input<float>& input) {
  return CheckAll(name, input, "numbers in [0, 1)", [](float x) { return x >= 0.0f && x < 1.0f; });
}

Status ReadTemperature(KernelContext& context, int index, float* temperature) {
  Input<float> input;
  TFOPT_RETURN_IF_ERROR(context.Read(index, "temperature", {}, &input));
  *temperature = *input.data;
  return CheckAll("temperature", input, "a number of at least 0",
                  [](float x) { return std::isfinite(x) && x >= 0.0f; });
}

Status ChooseKernels(const Kernels** kernels) {
  const IsaChoice choice = ChooseIsa(std::getenv("TFOPT_ISA"));
  if (!choice.error.empty()) return Status::Invalid(choice.error);
  *kernels = &KernelsOf(choice.isa);
  return {};
}

}  // namespace tfopt

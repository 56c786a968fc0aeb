// oneDNN: matmul, whose weights are reordered beforehand to the format that it asks for.
#include <dnnl.hpp>
#include <unordered_map>

#include "problem.h"
#include "types.h"

namespace benchmarks {
namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

class MatMul : public Product {
 public:
  MatMul(const Problem& p, Type weights, Type inputs)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_), y_(static_cast<size_t>(p.outputs)) {
    const memory::dims x_dims = {1, p.inputs}, w_dims = {p.inputs, p.outputs},
                       y_dims = {1, p.outputs};
    const memory::desc y_of_floats(y_dims, Type::f32, Tag::ab);
    const bool integers = weights == Type::s8;
    dnnl::primitive_attr attributes;
    if (integers) attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << 1);  // one for each output
    const dnnl::matmul::primitive_desc description(
        engine_, memory::desc(x_dims, inputs, Tag::ab), memory::desc(w_dims, weights, Tag::any),
        integers ? y_of_floats : memory::desc(), y_of_floats, attributes);
    product_ = dnnl::matmul(description);

    const memory x({x_dims, inputs, Tag::ab}, engine_);
    Write(p.x, inputs, x.get_data_handle());
    std::unordered_map<int, memory> arguments = {
        {DNNL_ARG_SRC, x}, {DNNL_ARG_DST, memory(y_of_floats, engine_, y_.data())}};
    if (integers) {
      const std::vector<int32_t> corrections = p.Corrections();
      arguments[DNNL_ARG_BIAS] = Floats({corrections.begin(), corrections.end()}, y_of_floats);
      arguments[DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS] =
          Floats(std::vector<float>(y_.size(), 1.0f), {{p.outputs}, Type::f32, Tag::a});
    }
    memory floats = Floats(p.weights, {w_dims, Type::f32, Tag::ab});
    const memory::desc packed = description.weights_desc();
    weights_ = std::make_unique<Copies<uint8_t>>(p.copies, packed.get_size());
    for (size_t copy = 0; copy < p.copies; ++copy) {
      memory w(packed, engine_, (*weights_)[copy]);
      dnnl::reorder(floats, w).execute(stream_, floats, w);
      arguments[DNNL_ARG_WEIGHTS] = w;
      arguments_.push_back(arguments);
    }
    stream_.wait();
  }

  // On a CPU it is done when this returns.
  void Run(size_t copy) override { product_.execute(stream_, arguments_[copy]); }

  std::vector<float> Result() const override { return y_; }

 private:
  memory Floats(const std::vector<float>& numbers, const memory::desc& description) {
    const memory made(description, engine_);
    std::copy(numbers.begin(), numbers.end(), static_cast<float*>(made.get_data_handle()));
    return made;
  }

  static void Write(const std::vector<float>& x, Type type, void* to) {
    if (type == Type::u8) return Convert(x, Uint8, static_cast<uint8_t*>(to));
    if (type == Type::bf16) return Convert(x, Bfloat16, static_cast<uint16_t*>(to));
    std::copy(x.begin(), x.end(), static_cast<float*>(to));
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::matmul product_;
  std::unique_ptr<Copies<uint8_t>> weights_;
  std::vector<std::unordered_map<int, memory>> arguments_;  // of each copy
  std::vector<float> y_;
};

Way WayOf(const char* name, Type weights, Type inputs) {
  return {"oneDNN", "matmul", name, Sparsity::kDense,
          [=](const Problem& problem) -> std::unique_ptr<Product> {
            try {
              return std::make_unique<MatMul>(problem, weights, inputs);
            } catch (const dnnl::error& error) {
              if (error.status == dnnl_unimplemented) return nullptr;
              throw;
            }
          }};
}

}  // namespace

std::vector<Way> LibraryWays() {
  return {WayOf("float32", Type::f32, Type::f32),
          WayOf("bfloat16", Type::bf16, Type::bf16),
          WayOf("int8", Type::s8, Type::u8)};
}

std::string LibraryVersion() {
  const dnnl_version_t* version = dnnl::version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

}  // namespace benchmarks

// Tfopt>GruCell: one step of a gated recurrent unit (Cho et al. 2014), for a batch.
#include <algorithm>
#include <cstddef>

#include "engine/aligned.h"
#include "engine/checked.h"
#include "packed_matrix.h"
#include "register.h"
#include "values.h"

namespace tfopt {
namespace {

// Vectors of one row; each is a multiple of 16 floats long.
struct Widths {
  explicit Widths(int hidden)
      : state(Padded(hidden)),
        // The update gate starts behind `hidden` numbers and is read as a padded vector.
        gates(Padded(2 * hidden) + kPanel) {}
  int state;  // [hidden] padded
  int gates;  // [2 * hidden] padded

  size_t row() const { return static_cast<size_t>(gates) + 3 * static_cast<size_t>(state); }
};

// What is read and written, rows of a batch below one another.
struct Step {
  int batch = 0, hidden = 0;
  bool reset_after = false;
  Matrix gates_kernel, candidate_kernel;
  const float* inputs = nullptr;          // [batch, 3 * hidden]
  const float* state = nullptr;           // [batch, hidden]
  const float* candidate_bias = nullptr;  // [hidden]
  float* new_state = nullptr;             // [batch, hidden]
};

void Run(const Kernels& kernels, const Step& step, AlignedFloats& scratch) {
  const Widths widths(step.hidden);
  const int batch = step.batch, hidden = step.hidden;
  const ptrdiff_t rows = batch;
  float* const gates = scratch.data();                      // [batch, gates]: reset, update
  float* const candidate = gates + rows * widths.gates;     // [batch, state]
  float* const recurrent = candidate + rows * widths.state;  // [batch, state]
  float* const h = recurrent + rows * widths.state;         // [batch, state]
  for (int b = 0; b < batch; ++b) {
    const float* const inputs = step.inputs + static_cast<ptrdiff_t>(b) * 3 * hidden;
    std::copy_n(inputs, 2 * hidden, gates + b * static_cast<ptrdiff_t>(widths.gates));
    const ptrdiff_t row = b * static_cast<ptrdiff_t>(widths.state);
    std::copy_n(inputs + 2 * hidden, hidden, candidate + row);
    std::copy_n(step.state + static_cast<ptrdiff_t>(b) * hidden, hidden, h + row);
    std::copy_n(step.candidate_bias, hidden, recurrent + row);
  }
  const Columns gate_columns = {gates, widths.gates};
  const Columns recurrent_columns = {recurrent, widths.state};
  kernels.float_matmul(step.gates_kernel, {h, widths.state}, {gates, widths.gates}, gate_columns, batch);
  if (step.reset_after) {
    kernels.float_matmul(step.candidate_kernel, {h, widths.state}, {recurrent, widths.state},
                   recurrent_columns, batch);
    for (int b = 0; b < batch; ++b) {
      const float* const gate = gates + b * static_cast<ptrdiff_t>(widths.gates);
      const ptrdiff_t row = b * static_cast<ptrdiff_t>(widths.state);
      kernels.gru_reset_after(gate, gate + hidden, candidate + row, recurrent + row, widths.state,
                              h + row);
    }
  } else {
    // The candidate's sum starts from the input and the bias; the reset state takes the bias's place.
    for (int b = 0; b < batch; ++b) {
      const ptrdiff_t row = b * static_cast<ptrdiff_t>(widths.state);
      kernels.add(candidate + row, recurrent + row, widths.state, candidate + row);
      kernels.gru_reset(gates + b * static_cast<ptrdiff_t>(widths.gates), h + row, widths.state,
                        recurrent + row);
    }
    kernels.float_matmul(step.candidate_kernel, {recurrent, widths.state}, {candidate, widths.state},
                   {candidate, widths.state}, batch);
    for (int b = 0; b < batch; ++b) {
      const ptrdiff_t row = b * static_cast<ptrdiff_t>(widths.state);
      kernels.gru_update(gates + b * static_cast<ptrdiff_t>(widths.gates) + hidden, candidate + row,
                         widths.state, h + row);
    }
  }
  for (int b = 0; b < batch; ++b) {
    std::copy_n(h + b * static_cast<ptrdiff_t>(widths.state), hidden,
                step.new_state + static_cast<ptrdiff_t>(b) * hidden);
  }
}

class GruCellKernel {
 public:
  static Status InferShapes(ShapeContext& context) {
    const char* const names[] = {"gates_kernel", "candidate_kernel", "inputs", "state",
                                 "candidate_bias"};
    const int ranks[] = {1, 1, 2, 2, 1};
    for (int i = 0; i < 5; ++i) TFOPT_RETURN_IF_ERROR(context.ExpectRank(i, names[i], ranks[i]));
    const int64_t batch = Known(context.Dim(2, 0), context.Dim(3, 0));
    return context.SetOutput(0, {batch, Known(context.Dim(3, 1), context.Dim(4, 0))});
  }

  Status Init(Attributes& attributes) { return attributes.Read("reset_after", &reset_after_); }

  Status Compute(KernelContext& context) const {
    Input<uint8_t> gates_kernel, candidate_kernel;
    Input<float> inputs, state, bias;
    TFOPT_RETURN_IF_ERROR(context.Read(0, "gates_kernel", {"bytes"}, &gates_kernel));
    TFOPT_RETURN_IF_ERROR(context.Read(1, "candidate_kernel", {"bytes"}, &candidate_kernel));
    TFOPT_RETURN_IF_ERROR(context.Read(3, "state", {"batch", "hidden"}, &state));
    const int64_t rows = state.shape[0], width = state.shape[1];
    constexpr int kLargest = 1 << 28;  // so that three times as many, padded, are still an int
    if (width < 1 || width > kLargest) {
      return Mismatch("state", "1 to " + std::to_string(kLargest) + " hidden numbers a row",
                      ToString(state.shape));
    }
    Step step;
    step.reset_after = reset_after_;
    step.hidden = static_cast<int>(width);
    TFOPT_RETURN_IF_ERROR(ToInt("state", "batch", rows, &step.batch));
    TFOPT_RETURN_IF_ERROR(context.Read(2, "inputs", {rows, 3 * width}, &inputs));
    TFOPT_RETURN_IF_ERROR(context.Read(4, "candidate_bias", {width}, &bias));
    TFOPT_RETURN_IF_ERROR(ReadPackedMatrix("gates_kernel", gates_kernel.data, gates_kernel.size(),
                                           step.hidden, 2 * step.hidden, &step.gates_kernel));
    TFOPT_RETURN_IF_ERROR(ReadPackedMatrix("candidate_kernel", candidate_kernel.data,
                                           candidate_kernel.size(), step.hidden, step.hidden,
                                           &step.candidate_kernel));
    // The kernels take NaN for a number, and a state never gets rid of one.
    TFOPT_RETURN_IF_ERROR(CheckFinite("inputs", inputs));
    TFOPT_RETURN_IF_ERROR(CheckFinite("state", state));
    TFOPT_RETURN_IF_ERROR(CheckFinite("candidate_bias", bias));
    const Kernels* kernels = nullptr;
    TFOPT_RETURN_IF_ERROR(ChooseKernels(&kernels));
    Output<float> new_state;
    TFOPT_RETURN_IF_ERROR(context.Allocate(0, "new_state", state.shape, &new_state));
    if (step.batch == 0) return {};

    step.inputs = inputs.data;
    step.state = state.data;
    step.candidate_bias = bias.data;
    step.new_state = new_state.data;
    size_t floats = 0;
    if (!CheckedProduct({static_cast<size_t>(rows), Widths(step.hidden).row()}, &floats)) {
      return Mismatch("state", "a size that memory can hold", ToString(state.shape));
    }
    AlignedFloats scratch(floats);
    Run(*kernels, step, scratch);
    return {};
  }

 private:
  bool reset_after_ = false;
};

__attribute__((constructor)) void Register() {
  RegisterOp<GruCellKernel>({"Tfopt>GruCell",
                             {"gates_kernel: uint8", "candidate_kernel: uint8", "inputs: float",
                              "state: float", "candidate_bias: float"},
                             {"new_state: float"},
                             {"reset_after: bool"}});
}

}  // namespace
}  // namespace tfopt

// Where a WaveRNN's weights are in a packed model, and how they get there.

#include <algorithm>
#include <cmath>
#include <new>
#include <string>
#include <vector>

#include "engine/checked.h"
#include "engine/models/wavernn.h"
#include "engine/models/wavernn_state.h"
#include "engine/packing/matrix.h"
#include "engine/packing/packed_config.h"

namespace tfopt {
namespace {

// The first GRU's gates and before them the input layer, of which they are.
OutputGroups InputAndGates(const WavernnConfig& c) { return {4, c.rnn_channels}; }
OutputGroups Gates(const WavernnConfig& c) { return {3, c.rnn_channels}; }
OutputGroups Plain(int width) { return {1, width}; }

WavernnWeights::Dense NextDense(int inputs, OutputGroups outputs, Layout* layout) {
  const Matrix kernel = layout->NextMatrix(inputs, outputs.padded());
  return {kernel, layout->Floats(1, outputs.padded())};
}

// What aux adds, once a frame.
WavernnWeights::Dense NextAux(int inputs, OutputGroups outputs, Layout* layout) {
  const Matrix kernel = layout->NextFloatMatrix(inputs, outputs.padded());
  return {kernel, layout->Floats(1, outputs.padded())};
}

bool StateBytes(const WavernnConfig& c, size_t* bytes) {
  return CheckedProduct({static_cast<size_t>(c.rnn_layers),
                         static_cast<size_t>(Padded(c.rnn_channels)), sizeof(float)},
                        bytes) &&
         CheckedSum({*bytes, kWavernnRecordBytes}, bytes);
}

// Packs rows of a row-major kernel, from where `kernel` points on.
void Pack(const float* kernel, OutputGroups outputs, const Matrix& to) {
  PackMatrix(kernel, ptrdiff_t{outputs.groups} * outputs.width, to.inputs, outputs,
             WritableFloats(to));
}

// Packs checked tensors, which it takes in their order.
class Packer {
 public:
  Packer(const WavernnConfig& config, const std::vector<Tensor>& tensors,
         const WavernnWeights& weights)
      : c_(config), next_(tensors.data()), w_(weights) {}

  Status Run() {
    const OutputGroups width = Plain(c_.fc_channels);
    TFOPT_RETURN_IF_ERROR(PackInputAndFirstGru());
    if (c_.rnn_layers == 2) PackSecondGru();
    for (int i = 0; i < c_.fc_layers; ++i) {
      const float* kernel = Next();  // its rows: x, aux
      const size_t layer = static_cast<size_t>(i);
      const WavernnWeights::Dense& aux = w_.aux[static_cast<size_t>(c_.rnn_layers) + layer];
      Pack(kernel, width, w_.fc[layer]);
      Pack(Row(kernel, w_.fc[layer].inputs, width), width, aux.kernel);
      PackVector(Next(), width, Writable(aux.bias));
    }
    PackDense(Plain(c_.coarse_outputs()), w_.output);
    if (c_.split()) {
      // Its rows: what the last fc layer says, and the coarse class.
      Pack(Row(next_->data, c_.fc_channels, width), width, w_.fine_coarse);
      PackDense(width, w_.fine);
      PackDense(Plain(c_.fine_outputs()), w_.fine_output);
    }
    return {};
  }

 private:
  const float* Next() { return (next_++)->data; }

  static const float* Row(const float* kernel, int row, OutputGroups outputs) {
    return kernel + ptrdiff_t{row} * outputs.groups * outputs.width;
  }

  void PackDense(OutputGroups outputs, const WavernnWeights::Dense& to) {
    Pack(Next(), outputs, to.kernel);
    PackVector(Next(), outputs, Writable(to.bias));
  }

  // The recurrent kernel and bias of a GRU. Returns the bias of its input product: the reset gate multiplies
  // the candidate's recurrent bias, the others add to those of the input.
  std::vector<float> PackRecurrent(const float* bias, const Gru& gru) {
    const float *recurrent = Next(), *recurrent_bias = Next();
    const ptrdiff_t hidden = c_.rnn_channels;
    std::vector<float> folded(bias, bias + 3 * hidden);
    for (ptrdiff_t i = 0; i < 2 * hidden; ++i) folded[static_cast<size_t>(i)] += recurrent_bias[i];
    PackGru(recurrent, recurrent_bias + 2 * hidden, c_.rnn_channels, gru);
    return folded;
  }

  Status PackInputAndFirstGru() {
    const float *input = Next(), *input_bias = Next(), *kernel = Next(), *bias = Next();
    const std::vector<float> gates_bias = PackRecurrent(bias, w_.grus[0]);
    const OutputGroups outputs = InputAndGates(c_);
    const int rows = c_.fed() + c_.mel_channels + c_.aux_channels;
    std::vector<double> sums(3 * static_cast<size_t>(c_.rnn_channels));
    std::vector<float> joint, joint_bias;
    for (int i = 0; i < rows; ++i) {
      std::fill(sums.begin(), sums.end(), 0.0);
      const float* row = Row(input, i, Plain(c_.rnn_channels));
      TFOPT_RETURN_IF_ERROR(AppendWithGates(row, kernel, &sums, &joint));
    }
    sums.assign(gates_bias.begin(), gates_bias.end());
    TFOPT_RETURN_IF_ERROR(AppendWithGates(input_bias, kernel, &sums, &joint_bias));
    const float* row = joint.data();  // in this order: samples, mel, aux
    for (const Matrix& part : {w_.sample, w_.mel, w_.aux[0].kernel}) {
      Pack(row, outputs, part);
      row = Row(row, part.inputs, outputs);
    }
    PackVector(joint_bias.data(), outputs, Writable(w_.aux[0].bias));
    return {};
  }

  // Appends a row v of the input layer, and sums + W v, rounded once. `kernel` is W.
  Status AppendWithGates(const float* v, const float* kernel, std::vector<double>* sums,
                         std::vector<float>* to) {
    const size_t hidden = static_cast<size_t>(c_.rnn_channels), gates = 3 * hidden;
    to->insert(to->end(), v, v + hidden);
    for (size_t i = 0; i < hidden; ++i) {
      for (size_t o = 0; o < gates; ++o) {
        (*sums)[o] += static_cast<double>(v[i]) * static_cast<double>(kernel[i * gates + o]);
      }
    }
    for (double sum : *sums) {
      to->push_back(static_cast<float>(sum));
      if (!std::isfinite(to->back())) {
        return Status::Invalid(
            "weights[2] (rnn.0.kernel): expected a product with the input layer that float32 can "
            "hold, got " + std::to_string(sum));
      }
    }
    return {};
  }

  void PackSecondGru() {
    const float *kernel = Next(), *bias = Next();  // the kernel's rows: x, aux
    const std::vector<float> gates_bias = PackRecurrent(bias, w_.grus[1]);
    Pack(kernel, Gates(c_), w_.second_input);
    Pack(Row(kernel, c_.rnn_channels, Gates(c_)), Gates(c_), w_.aux[1].kernel);
    PackVector(gates_bias.data(), Gates(c_), Writable(w_.aux[1].bias));
  }

  const WavernnConfig& c_;
  const Tensor* next_;
  const WavernnWeights& w_;
};

}  // namespace

// What a step reads one after the other lies so.
WavernnWeights WavernnWeights::Next(const WavernnConfig& c, Layout* layout) {
  const int fc = Padded(c.fc_channels);
  WavernnWeights w;
  w.sample = layout->NextFloatMatrix(c.fed(), InputAndGates(c).padded());
  w.grus.push_back(Gru::Next(c.rnn_channels, true, layout));
  if (c.rnn_layers == 2) {
    w.second_input = layout->NextMatrix(c.rnn_channels, Gates(c).padded());
    w.grus.push_back(Gru::Next(c.rnn_channels, true, layout));
  }
  for (int i = 0; i < c.fc_layers; ++i) {
    w.fc.push_back(layout->NextMatrix(i == 0 ? c.rnn_channels : c.fc_channels, fc));
  }
  w.output = NextDense(c.fc_channels, Plain(c.coarse_outputs()), layout);
  if (c.split()) {
    w.fine = NextDense(c.fc_channels, Plain(c.fc_channels), layout);
    w.fine_coarse = layout->NextFloatMatrix(1, fc);
    w.fine_output = NextDense(c.fc_channels, Plain(c.fine_outputs()), layout);
  }
  // What is read for many steps at a time comes last.
  w.mel = layout->NextMatrix(c.mel_channels, InputAndGates(c).padded());
  w.aux.push_back(NextAux(c.aux_channels, InputAndGates(c), layout));
  if (c.rnn_layers == 2) w.aux.push_back(NextAux(c.aux_channels, Gates(c), layout));
  for (int i = 0; i < c.fc_layers; ++i) {
    w.aux.push_back(NextAux(c.aux_channels, Plain(c.fc_channels), layout));
  }
  return w;
}

Status PackedBytes(const WavernnConfig& config, size_t* bytes, const WeightFormat& format) {
  TFOPT_RETURN_IF_ERROR(config.Check());
  Layout layout = LayoutOf(config, nullptr, format);
  WavernnWeights::Next(config, &layout);
  TFOPT_RETURN_IF_ERROR(layout.status());
  size_t state_bytes = 0;
  if (!StateBytes(config, &state_bytes)) {
    return Status::Invalid("config: expected a model that fits into memory");
  }
  *bytes = layout.bytes();
  return {};
}

Status PackModel(const WavernnConfig& config, const std::vector<Tensor>& tensors, uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(config, &bytes));
  TFOPT_RETURN_IF_ERROR(CheckTensors(TensorsOf(config), tensors));
  WritePackedConfig(PackedKind::kWavernn, config, bytes, buffer);
  const WeightFormat format;
  Layout layout = LayoutOf(config, buffer, format);
  try {
    return Packer(config, tensors, WavernnWeights::Next(config, &layout)).Run();
  } catch (const std::bad_alloc&) {
    return Status::Invalid("not enough memory to pack the weights");
  }
}

Status Wavernn::Read(const uint8_t* buffer, size_t size, Wavernn* model, InputHistograms* observed) {
  WavernnConfig config;
  WeightFormat format;
  TFOPT_RETURN_IF_ERROR(ReadPackedConfig(PackedKind::kWavernn, buffer, size, &config, &format));
  Layout layout = LayoutOf(config, buffer, format);
  layout.ObserveIn(observed);
  model->weights = WavernnWeights::Next(config, &layout);
  TFOPT_RETURN_IF_ERROR(layout.status());
  StateBytes(config, &model->state_bytes);
  model->config = config;
  return {};
}

}  // namespace tfopt

// Where a WaveRNN's weights are in a packed model, and how they get there.

#include <cmath>
#include <string>

#include "engine/models/wavernn.h"
#include "engine/models/wavernn_state.h"
#include "engine/packing/matrix.h"
#include "engine/packing/packed_model.h"

namespace tfopt {
namespace {

OutputGroups Gates(const WavernnConfig& c) { return {3, c.rnn_channels}; }
OutputGroups Plain(int width) { return {1, width}; }

WavernnWeights::Dense NextDense(int inputs, OutputGroups outputs, Layout* layout) {
  const Matrix kernel = layout->NextMatrix(inputs, outputs.padded());
  return {kernel, layout->Floats(1, outputs.padded())};
}

// The one walk over all blocks (see layout.h). What a step reads one after the other lies so.
WavernnWeights Bind(const WavernnConfig& c, Layout* layout) {
  const int gates = Gates(c).padded(), fc = Padded(c.fc_channels);
  WavernnWeights w;
  w.sample = layout->NextMatrix(c.fed(), Padded(c.rnn_channels));
  w.sample_gates = layout->NextMatrix(c.fed(), gates);
  w.grus.resize(static_cast<size_t>(c.rnn_layers));
  for (WavernnWeights::GruLayer& gru : w.grus) {
    if (&gru != &w.grus.front()) gru.input = layout->NextMatrix(c.rnn_channels, gates);
    gru.recurrent = Gru::Next(c.rnn_channels, true, layout);
  }
  for (int i = 0; i < c.fc_layers; ++i) {
    w.fc.push_back(layout->NextMatrix(i == 0 ? c.rnn_channels : c.fc_channels, fc));
  }
  w.output = NextDense(c.fc_channels, Plain(c.coarse_outputs()), layout);
  if (c.split()) {
    w.fine = NextDense(c.fc_channels, Plain(c.fc_channels), layout);
    w.fine_coarse = layout->NextMatrix(1, fc);
    w.fine_output = NextDense(c.fc_channels, Plain(c.fine_outputs()), layout);
  }
  // What is read for many steps at a time comes last.
  w.grus.front().input = layout->NextMatrix(c.rnn_channels, gates);
  w.gates_bias = layout->Floats(1, gates);
  w.mel = layout->NextMatrix(c.mel_channels, Padded(c.rnn_channels));
  w.aux.push_back(NextDense(c.aux_channels, Plain(c.rnn_channels), layout));
  if (c.rnn_layers == 2) w.aux.push_back(NextDense(c.aux_channels, Gates(c), layout));
  for (int i = 0; i < c.fc_layers; ++i) {
    w.aux.push_back(NextDense(c.aux_channels, Plain(c.fc_channels), layout));
  }
  return w;
}

bool StateBytes(const WavernnConfig& c, size_t* bytes) {
  return CheckedProduct({static_cast<size_t>(c.rnn_layers),
                         static_cast<size_t>(Padded(c.rnn_channels)), sizeof(float)},
                        bytes) &&
         CheckedSum({*bytes, kWavernnRecordBytes}, bytes);
}

// Floats of a tensor; config.Check() keeps this small.
size_t Size(const WavernnTensor& tensor) {
  size_t size = 1;
  for (int dimension : tensor.shape) size *= static_cast<size_t>(dimension);
  return size;
}

std::string Name(const std::vector<WavernnTensor>& expected, size_t index) {
  return "weights[" + std::to_string(index) + "] (" + expected[index].name + ")";
}

// Whether there are as many tensors as expected, each of its size and finite.
Status CheckTensors(const std::vector<WavernnTensor>& expected, const std::vector<Tensor>& given) {
  if (given.size() != expected.size()) {
    return Status::Invalid("weights: expected " + std::to_string(expected.size()) +
                           " tensors, got " + std::to_string(given.size()));
  }
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i].size != Size(expected[i])) {
      return Status::Invalid(Name(expected, i) + ": expected " + std::to_string(Size(expected[i])) +
                             " values, got " + std::to_string(given[i].size));
    }
    for (size_t k = 0; k < given[i].size; ++k) {
      if (!std::isfinite(given[i].data[k])) {
        return Status::Invalid(Name(expected, i) + ": expected finite values, got " +
                               std::to_string(given[i].data[k]) + " at " + std::to_string(k));
      }
    }
  }
  return {};
}

// The caller's buffer, of which Bind hands out views that cannot be written.
float* Place(const float* view) { return const_cast<float*>(view); }

// Packs rows of a row-major kernel, from where `kernel` points on.
void Pack(const float* kernel, OutputGroups outputs, const Matrix& to) {
  PackMatrix(kernel, ptrdiff_t{outputs.groups} * outputs.width, to.inputs, outputs,
             Place(to.weights));
}

// Packs checked tensors, which it takes in their order.
class Packer {
 public:
  Packer(const WavernnConfig& config, const std::vector<Tensor>& tensors,
         const WavernnWeights& weights)
      : c_(config), next_(tensors.data()), w_(weights) {}

  Status Run() {
    const float* input = Next();  // its rows: samples, mel, aux
    const OutputGroups hidden = Plain(c_.rnn_channels), width = Plain(c_.fc_channels);
    Pack(input, hidden, w_.sample);
    Pack(Row(input, c_.fed(), hidden), hidden, w_.mel);
    Pack(Row(input, c_.fed() + c_.mel_channels, hidden), hidden, w_.aux[0].kernel);
    PackVector(Next(), hidden, Place(w_.aux[0].bias));
    for (int i = 0; i < c_.rnn_layers; ++i) {
      const float* kernel = Next();
      if (i == 0) TFOPT_RETURN_IF_ERROR(FoldSampleColumns(input, kernel));
      PackGruLayer(kernel, i);
    }
    for (int i = 0; i < c_.fc_layers; ++i) {
      const float* kernel = Next();  // its rows: x, aux
      const size_t layer = static_cast<size_t>(i);
      const WavernnWeights::Dense& aux = w_.aux[static_cast<size_t>(c_.rnn_layers) + layer];
      Pack(kernel, width, w_.fc[layer]);
      Pack(Row(kernel, w_.fc[layer].inputs, width), width, aux.kernel);
      PackVector(Next(), width, Place(aux.bias));
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
    PackVector(Next(), outputs, Place(to.bias));
  }

  // Kernel, bias, recurrent kernel and recurrent bias of a GRU. The reset gate multiplies the candidate's
  // recurrent bias; the others add to the biases of the input.
  void PackGruLayer(const float* kernel, int layer) {
    const WavernnWeights::GruLayer& gru = w_.grus[static_cast<size_t>(layer)];
    const float *bias = Next(), *recurrent = Next(), *recurrent_bias = Next();
    const ptrdiff_t hidden = c_.rnn_channels;
    std::vector<float> folded(bias, bias + 3 * hidden);
    for (ptrdiff_t i = 0; i < 2 * hidden; ++i) folded[static_cast<size_t>(i)] += recurrent_bias[i];
    Pack(kernel, Gates(c_), gru.input);
    PackGru(recurrent, recurrent_bias + 2 * hidden, c_.rnn_channels, gru.recurrent);
    if (layer == 0) return PackVector(folded.data(), Gates(c_), Place(w_.gates_bias));
    Pack(Row(kernel, c_.rnn_channels, Gates(c_)), Gates(c_), w_.aux[1].kernel);
    PackVector(folded.data(), Gates(c_), Place(w_.aux[1].bias));
  }

  // w = W v, rounded once. `input` begins with the rows v, `kernel` is W.
  Status FoldSampleColumns(const float* input, const float* kernel) {
    const size_t hidden = static_cast<size_t>(c_.rnn_channels), gates = 3 * hidden;
    std::vector<float> columns;
    for (int k = 0; k < c_.fed(); ++k) {
      const float* v = Row(input, k, Plain(c_.rnn_channels));
      std::vector<double> sums(gates);
      for (size_t i = 0; i < hidden; ++i) {
        for (size_t o = 0; o < gates; ++o) {
          sums[o] += static_cast<double>(v[i]) * static_cast<double>(kernel[i * gates + o]);
        }
      }
      for (double sum : sums) {
        columns.push_back(static_cast<float>(sum));
        if (!std::isfinite(columns.back())) {
          return Status::Invalid(
              "weights[2] (rnn.0.kernel): expected a product with the input layer's rows of the "
              "sample that float32 can hold, got " + std::to_string(sum));
        }
      }
    }
    Pack(columns.data(), Gates(c_), w_.sample_gates);
    return {};
  }

  const WavernnConfig& c_;
  const Tensor* next_;
  const WavernnWeights& w_;
};

}  // namespace

Status WavernnPackedBytes(const WavernnConfig& config, size_t* bytes) {
  TFOPT_RETURN_IF_ERROR(config.Check());
  Layout layout(nullptr, HeaderBytes(WavernnConfig::kIntegers));
  Bind(config, &layout);
  size_t state_bytes = 0;
  if (layout.overflowed() || !StateBytes(config, &state_bytes)) {
    return Status::Invalid("config: expected a model that fits into memory");
  }
  *bytes = layout.bytes();
  return {};
}

Status PackWavernn(const WavernnConfig& config, const std::vector<Tensor>& tensors,
                   uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(WavernnPackedBytes(config, &bytes));
  TFOPT_RETURN_IF_ERROR(CheckTensors(WavernnTensors(config), tensors));
  const std::vector<int32_t> integers = config.ToIntegers();
  const size_t header = HeaderBytes(integers.size());
  for (size_t i = header; i < bytes; ++i) buffer[i] = 0;
  WriteHeader(PackedKind::kWavernn, integers, bytes, buffer);
  Layout layout(buffer, header);
  return Packer(config, tensors, Bind(config, &layout)).Run();
}

Status Wavernn::Read(const uint8_t* buffer, size_t size, Wavernn* model) {
  std::vector<int32_t> integers;
  TFOPT_RETURN_IF_ERROR(ReadHeader(PackedKind::kWavernn, buffer, size, &integers));
  WavernnConfig config;
  size_t bytes = 0;
  Status status = WavernnConfig::FromIntegers(integers, &config);
  if (status.ok()) status = WavernnPackedBytes(config, &bytes);
  if (!status.ok()) return Status::Invalid("packed: " + status.message());
  if (bytes != size) {
    return Status::Invalid("packed: expected " + std::to_string(bytes) +
                           " bytes as its config calls for, got " + std::to_string(size));
  }
  Layout layout(buffer, HeaderBytes(integers.size()));
  model->weights = Bind(config, &layout);
  StateBytes(config, &model->state_bytes);
  model->config = config;
  return {};
}

}  // namespace tfopt

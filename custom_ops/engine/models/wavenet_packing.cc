// Where a WaveNet's weights are in a packed model, and how they get there.

#include <string>

#include "engine/models/wavenet.h"
#include "engine/packing/matrix.h"
#include "engine/packing/packed_model.h"
#include "engine/packing/tensors.h"

namespace tfopt {
namespace {

constexpr size_t kTensorsPerLayer = 8;

OutputGroups Gates(const WavenetConfig& c) { return {2, c.gate}; }
OutputGroups Plain(int width) { return {1, width}; }
int InputRows(const WavenetConfig& c) { return c.input_classes == 0 ? 1 : c.input_classes; }

// The one walk over all blocks (see layout.h). What a step reads one after the other lies so.
WavenetWeights Bind(const WavenetConfig& c, Layout* layout) {
  WavenetWeights w;
  w.input = layout->Floats(c.input_kernel_size * InputRows(c), Padded(c.residual));
  w.input_bias = layout->Floats(1, Padded(c.residual));
  w.layers.resize(c.dilations.size());
  for (WavenetWeights::Layer& layer : w.layers) {
    const bool last = &layer == &w.layers.back();
    layer.convolution.current = layout->NextMatrix(c.residual, Gates(c).padded());
    if (!last) layer.residual = layout->NextMatrix(c.gate, Padded(c.residual));
  }
  for (WavenetWeights::Layer& layer : w.layers) {
    layer.skip = layout->NextMatrix(c.gate, Padded(c.skip));
  }
  w.end0 = layout->NextMatrix(c.skip, Padded(c.end));
  w.end1 = layout->NextMatrix(c.end, Padded(c.outputs));
  for (WavenetWeights::Layer& layer : w.layers) {
    layer.convolution.bias = layout->Floats(1, Gates(c).padded());
    layer.residual_bias = layout->Floats(1, Padded(c.residual));
  }
  w.skip_bias = layout->Floats(1, Padded(c.skip));
  w.end0_bias = layout->Floats(1, Padded(c.end));
  w.end1_bias = layout->Floats(1, Padded(c.outputs));
  // What is read for many steps at a time comes last.
  for (WavenetWeights::Layer& layer : w.layers) {
    for (int k = 0; k + 1 < c.kernel_size; ++k) {
      layer.convolution.past.push_back(layout->NextMatrix(c.residual, Gates(c).padded()));
    }
    layer.convolution.local = layout->NextMatrix(c.local_channels, Gates(c).padded());
    layer.convolution.global = layout->NextMatrix(c.global_channels, Gates(c).padded());
  }
  return w;
}

// Bytes of one stream's state: a header, past inputs of the first convolution, and all queues.
bool StateBytes(const WavenetConfig& c, size_t* bytes) {
  size_t rows = 0, floats = 0;
  for (int dilation : c.dilations) {
    size_t slots = 0;
    if (!CheckedProduct({static_cast<size_t>(dilation), static_cast<size_t>(c.kernel_size - 1)},
                        &slots) ||
        !CheckedSum({rows, slots}, &rows)) {
      return false;
    }
  }
  const size_t history = static_cast<size_t>(Padded(c.input_kernel_size - 1));
  return CheckedProduct({rows, static_cast<size_t>(Padded(c.residual))}, &floats) &&
         CheckedSum({floats, history}, &floats) && CheckedProduct({floats, sizeof(float)}, bytes) &&
         CheckedSum({*bytes, kAlignment}, bytes);
}

// Hands out the tensors in their order, each checked.
class TensorReader {
 public:
  TensorReader(const WavenetConfig& config, const std::vector<Tensor>& tensors)
      : config_(config), tensors_(tensors) {}

  // The next tensor, of `expected` values; none where the model lacks it and `optional` allows that.
  const float* Next(size_t expected, bool optional) {
    const Tensor& tensor = tensors_[next_++];
    if (!status_.ok() || (optional && tensor.size == 0)) return nullptr;
    status_ = CheckTensor(next_ - 1, {Name(), expected}, tensor);
    return status_.ok() ? tensor.data : nullptr;
  }

  const Status& status() const { return status_; }

 private:
  // Of the tensor just handed out, as "layers.0.conv.bias".
  std::string Name() const {
    static const char* const kLayer[kTensorsPerLayer] = {
        "conv.kernel",     "conv.bias",     "local.kernel", "global.kernel",
        "residual.kernel", "residual.bias", "skip.kernel",  "skip.bias"};
    static const char* const kEnd[] = {"end.0.kernel", "end.0.bias", "end.1.kernel", "end.1.bias"};
    const size_t index = next_ - 1, layers = config_.dilations.size();
    if (index < 2) return index == 0 ? "input.kernel" : "input.bias";
    const size_t place = index - 2;
    if (place >= kTensorsPerLayer * layers) return kEnd[place - kTensorsPerLayer * layers];
    return "layers." + std::to_string(place / kTensorsPerLayer) + "." +
           kLayer[place % kTensorsPerLayer];
  }

  const WavenetConfig& config_;
  const std::vector<Tensor>& tensors_;
  size_t next_ = 0;
  Status status_;
};

size_t Product(int a, int b, int c = 1) {
  return static_cast<size_t>(a) * static_cast<size_t>(b) * static_cast<size_t>(c);
}

// Reads tensors and writes them to where Bind says; tensors that the model lacks become zeros.
class Packer {
 public:
  explicit Packer(TensorReader* reader) : reader_(reader) {}

  void Kernel(const Matrix& to, OutputGroups outputs) {
    const int columns = outputs.groups * outputs.width;
    if (const float* kernel = reader_->Next(Product(to.inputs, columns), to.inputs == 0)) {
      PackMatrix(kernel, columns, to.inputs, outputs, Writable(to.weights));
    }
  }

  void Bias(const float* to, OutputGroups outputs) {
    if (const float* bias = reader_->Next(Product(outputs.groups, outputs.width), true)) {
      PackVector(bias, outputs, Writable(to));
    }
  }

 private:
  TensorReader* reader_;
};

void Pack(const WavenetConfig& c, const WavenetWeights& w, TensorReader* reader) {
  Packer packer(reader);
  const int rows = c.input_kernel_size * InputRows(c);
  if (const float* kernel = reader->Next(Product(rows, c.residual), false)) {
    for (int row = 0; row < rows; ++row) {
      PackVector(kernel + Product(row, c.residual), Plain(c.residual),
                 Writable(w.input) + Product(row, Padded(c.residual)));
    }
  }
  packer.Bias(w.input_bias, Plain(c.residual));
  for (const WavenetWeights::Layer& layer : w.layers) {
    const size_t tap = Product(c.residual, 2 * c.gate);
    const float* taps = reader->Next(tap * static_cast<size_t>(c.kernel_size), false);
    if (taps != nullptr) {
      for (const Matrix& past : layer.convolution.past) {
        PackMatrix(taps, 2 * c.gate, c.residual, Gates(c), Writable(past.weights));
        taps += tap;
      }
      PackMatrix(taps, 2 * c.gate, c.residual, Gates(c), Writable(layer.convolution.current.weights));
    }
    packer.Bias(layer.convolution.bias, Gates(c));
    packer.Kernel(layer.convolution.local, Gates(c));
    packer.Kernel(layer.convolution.global, Gates(c));
    if (layer.residual.weights != nullptr) {
      packer.Kernel(layer.residual, Plain(c.residual));
      packer.Bias(layer.residual_bias, Plain(c.residual));
    } else {
      reader->Next(Product(c.gate, c.residual), true);
      reader->Next(static_cast<size_t>(c.residual), true);
    }
    packer.Kernel(layer.skip, Plain(c.skip));
    if (const float* bias = reader->Next(static_cast<size_t>(c.skip), true)) {
      for (int i = 0; i < c.skip; ++i) Writable(w.skip_bias)[i] += bias[i];
    }
  }
  packer.Kernel(w.end0, Plain(c.end));
  packer.Bias(w.end0_bias, Plain(c.end));
  packer.Kernel(w.end1, Plain(c.outputs));
  packer.Bias(w.end1_bias, Plain(c.outputs));
}

}  // namespace

Status PackedBytes(const WavenetConfig& config, size_t* bytes) {
  TFOPT_RETURN_IF_ERROR(config.Check());
  Layout layout(nullptr, HeaderBytes(config.ToIntegers().size()));
  Bind(config, &layout);
  size_t state_bytes = 0;
  if (layout.overflowed() || !StateBytes(config, &state_bytes)) {
    return Status::Invalid("config: expected a model that fits into memory");
  }
  *bytes = layout.bytes();
  return {};
}

Status PackModel(const WavenetConfig& config, const std::vector<Tensor>& tensors,
                   uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(config, &bytes));
  TFOPT_RETURN_IF_ERROR(
      CheckTensorCount(2 + kTensorsPerLayer * config.dilations.size() + 4, tensors.size()));
  const std::vector<int32_t> integers = config.ToIntegers();
  const size_t header = HeaderBytes(integers.size());
  for (size_t i = header; i < bytes; ++i) buffer[i] = 0;
  WriteHeader(PackedKind::kWavenet, integers, bytes, buffer);
  Layout layout(buffer, header);
  TensorReader reader(config, tensors);
  Pack(config, Bind(config, &layout), &reader);
  return reader.status();
}

Status Wavenet::Read(const uint8_t* buffer, size_t size, Wavenet* model) {
  std::vector<int32_t> integers;
  TFOPT_RETURN_IF_ERROR(ReadHeader(PackedKind::kWavenet, buffer, size, &integers));
  WavenetConfig config;
  size_t bytes = 0;
  Status status = WavenetConfig::FromIntegers(integers, &config);
  if (status.ok()) status = PackedBytes(config, &bytes);
  if (!status.ok()) return Status::Invalid("packed: " + status.message());
  if (bytes != size) {
    return Status::Invalid("packed: expected " + std::to_string(bytes) +
                           " bytes as its config calls for, got " + std::to_string(size));
  }
  Layout layout(buffer, HeaderBytes(integers.size()));
  model->weights = Bind(config, &layout);
  StateBytes(config, &model->state_bytes);
  model->config = std::move(config);
  return {};
}

}  // namespace tfopt

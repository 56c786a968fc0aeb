#include "engine/models/wavernn_run.h"

#include <algorithm>
#include <cmath>

#include "engine/models/wavernn_state.h"
#include "engine/no_timer.h"
#include "engine/sampling/sampler.h"

namespace tfopt {
namespace {

// Rows of a block over all streams: enough to read the weights rarely, few enough to stay in L2.
constexpr int kMostRows = 64;

size_t Size(int rows, ptrdiff_t width) {
  return static_cast<size_t>(rows) * static_cast<size_t>(width);
}

// The streams without those before `first`.
WavernnStreams From(int first, const Wavernn& model, WavernnStreams streams) {
  const WavernnConfig& c = model.config;
  streams.mels += ptrdiff_t{first} * streams.time * c.mel_channels;
  streams.aux += ptrdiff_t{first} * streams.frames * c.aux_parts() * c.aux_channels;
  streams.state += static_cast<size_t>(first) * model.state_bytes;
  return streams;
}

}  // namespace

WavernnRun::WavernnRun(const Wavernn& model, const Kernels& kernels, const WavernnStreams& streams,
                       int first, int batch, int members)
    : model_(model),
      config_(model.config),
      kernels_(kernels),
      streams_(From(first, model, streams)),
      batch_(batch),
      // No longer than the call, so that a call of one step has next to nothing to prepare.
      block_(std::max(1, std::min({kBlock, kMostRows / batch, streams.time}))),
      units_(Padded(config_.rnn_channels)),
      gates_(3 * units_),
      input_width_(4 * units_),
      fc_(Padded(config_.fc_channels)),
      team_(members),
      members_(static_cast<size_t>(members)),
      fed_(Size(batch, config_.fed())),
      base_(Size(block_ * batch, input_width_)),
      input_(Size(batch, input_width_)),
      sums_(config_.rnn_layers == 2 ? Size(batch, gates_) : 0),
      product_(Size(batch, units_)),
      fine_(config_.split() ? Size(batch, fc_) : 0),
      logits_(Size(batch, Padded(config_.coarse_outputs()))),
      fine_logits_(Size(batch, Padded(config_.fine_outputs()))),
      scratch_(static_cast<size_t>(
          ScratchFloats(std::max(config_.coarse_outputs(), config_.fine_outputs())))) {
  for (int m = 0; m < members; ++m) {
    Member& member = members_[static_cast<size_t>(m)];
    member.index = m;
    member.units = EvenShare(config_.rnn_channels, m, members);
    member.fc = EvenShare(config_.fc_channels, m, members);
    member.output = EvenShare(config_.coarse_outputs(), m, members);
    member.fine_output = EvenShare(config_.fine_outputs(), m, members);
    member.operands = Operands(
        model.weights.mel.type, std::max(batch, block_),
        std::max({config_.mel_channels, config_.rnn_channels, config_.fc_channels}));
  }
  for (const WavernnWeights::Dense& aux : model.weights.aux) {
    frame_.emplace_back(Size(batch, aux.kernel.outputs));
  }
  const float* state = WavernnStateFloats(streams_.state);
  for (int layer = 0; layer < config_.rnn_layers; ++layer, state += units_) {
    states_.emplace_back(Size(batch, units_));
    for (int b = 0; b < batch; ++b) {
      const size_t record = static_cast<size_t>(b) * (model.state_bytes / sizeof(float));
      std::copy_n(state + record, units_, states_.back().data() + b * units_);
    }
    states_.emplace_back(Size(batch, units_));
    x_.emplace_back(Size(batch, units_));
  }
  for (int layer = 0; layer < config_.fc_layers; ++layer) y_.emplace_back(Size(batch, fc_));
}

void WavernnRun::ReadAux(int part, int64_t frame, const Share& share, ptrdiff_t width) {
  const WavernnWeights::Dense& w = model_.weights.aux[static_cast<size_t>(part)];
  const ptrdiff_t row = ptrdiff_t{config_.aux_parts()} * config_.aux_channels;
  const float* aux = streams_.aux + frame * row + ptrdiff_t{part} * config_.aux_channels;
  MultiplyGates(kernels_, w.kernel, static_cast<int>(width), share,
                FloatOperand({aux, streams_.frames * row}), {w.bias, 0},
                {frame_[static_cast<size_t>(part)].data(), w.kernel.outputs}, batch_);
}

void WavernnRun::ComputeAhead(Member* me, int step) {
  const int steps = std::min(block_, streams_.time - step), width = static_cast<int>(units_);
  for (int k = 0; k < steps; ++k) {
    if (me->ahead_frame != FrameOf(step + k)) {
      me->ahead_frame = FrameOf(step + k);
      ReadAux(0, me->ahead_frame, me->units, units_);
    }
    for (int b = 0; b < batch_; ++b) {
      for (ptrdiff_t i = me->units.first; i < input_width_; i += units_) {
        std::copy_n(frame_[0].data() + b * input_width_ + i, me->units.count,
                    base_.data() + (RowOf(k) + b) * input_width_ + i);
      }
    }
  }
  const Matrix& w = model_.weights.mel;
  const ptrdiff_t channels = config_.mel_channels;
  const float* mels = streams_.mels + step * channels;
  const auto multiply = [&](ConstColumns rows, float* base, int columns) {
    MultiplyGates(kernels_, w, width, me->units, me->operands.Prepare(kernels_, w, rows, columns),
                  {base, input_width_}, {base, input_width_}, columns);
  };
  if (batch_ == 1) return multiply({mels, channels}, base_.data(), steps);
  for (int k = 0; k < steps; ++k) {
    multiply({mels + k * channels, streams_.time * channels},
             base_.data() + RowOf(k) * input_width_, batch_);
  }
}

void WavernnRun::ReadFrame(const Member& me) {
  int part = 1;
  if (config_.rnn_layers == 2) ReadAux(part++, me.frame, me.units, units_);
  for (; part < config_.aux_parts(); ++part) ReadAux(part, me.frame, me.fc, fc_);
}

// Completes the input layer, and the first GRU's input product.
void WavernnRun::AddSample(const Member& me, int step) {
  MultiplyGates(kernels_, model_.weights.sample, static_cast<int>(units_), me.units,
                FloatOperand({fed_.data(), config_.fed()}),
                {base_.data() + RowOf(step) * input_width_, input_width_},
                {input_.data(), input_width_}, batch_);
}

bool WavernnRun::RunGru(Member* me, size_t layer, int step) {
  const WavernnWeights& w = model_.weights;
  const Share& units = me->units;
  // The first GRU's input product is behind what it reads.
  const ConstColumns x = layer == 0 ? ConstColumns{input_.data(), input_width_}
                                    : ConstColumns{x_[0].data(), units_};
  const Columns sums = layer == 0 ? Columns{input_.data() + units_, input_width_}
                                  : Columns{sums_.data(), gates_};
  if (layer > 0) {
    MultiplyGates(kernels_, w.second_input, static_cast<int>(units_), units,
                  me->operands.Prepare(kernels_, w.second_input, x, batch_),
                  {frame_[layer].data(), gates_}, sums, batch_);
  }
  const float* next = States(layer, step + 1).data();
  GruStepOfUnits(kernels_, w.grus[layer], units, sums, {States(layer, step).data(), units_},
                 {States(layer, step + 1).data(), units_}, batch_, &me->operands,
                 product_.data());
  // The residual. Others still read the x before the second GRU, so each GRU has its own.
  for (int b = 0; b < batch_; ++b) {
    kernels_.add(x.data + b * x.stride + units.first, next + b * units_ + units.first, units.count,
                 x_[layer].data() + b * units_ + units.first);
  }
  return Meet(*me);
}

bool WavernnRun::RunFc(Member* me, size_t layer) {
  const Share& share = me->fc;
  const Matrix& w = model_.weights.fc[layer];
  const AlignedFloats& aux = frame_[static_cast<size_t>(config_.rnn_layers) + layer];
  const Operand x = layer == 0 ? Prepare(me, w, x_.back(), units_)
                               : Prepare(me, w, y_[layer - 1], fc_);
  float* const y = y_[layer].data() + share.first;
  kernels_.matmul(share.Of(w), x, {aux.data() + share.first, fc_}, {y, fc_}, batch_);
  for (int b = 0; b < batch_; ++b) kernels_.relu(y + b * fc_, share.count, y + b * fc_);
  return Meet(*me);
}

// Makes the logits and, if the output is split, what the fine layer adds up before the coarse class.
bool WavernnRun::RunOutput(Member* me) {
  const WavernnWeights& w = model_.weights;
  const Operand y = Prepare(me, w.output.kernel, y_.back(), fc_);
  const auto dense = [&](const WavernnWeights::Dense& layer, Operand x, const Share& share,
                         AlignedFloats* to) {
    kernels_.matmul(share.Of(layer.kernel), x, {layer.bias + share.first, 0},
                    {to->data() + share.first, layer.kernel.outputs}, batch_);
  };
  dense(w.output, y, me->output, &logits_);
  if (config_.split()) {
    const Operand again = me->operands.PrepareAgain(
        kernels_, w.fine.kernel, {y_.back().data(), fc_}, batch_, w.output.kernel, y);
    dense(w.fine, again, me->fc, &fine_);
  }
  return Meet(*me);
}

bool WavernnRun::RunFine(Member* me) {
  const WavernnWeights& w = model_.weights;
  float* const fine = fine_.data() + me->fc.first;
  kernels_.float_matmul(me->fc.Of(w.fine_coarse), {fed_.data(), config_.fed()}, {fine, fc_},
                        {fine, fc_}, batch_);
  for (int b = 0; b < batch_; ++b) kernels_.relu(fine + b * fc_, me->fc.count, fine + b * fc_);
  if (!Meet(*me)) return false;
  const Share& share = me->fine_output;
  kernels_.matmul(share.Of(w.fine_output.kernel), Prepare(me, w.fine_output.kernel, fine_, fc_),
                  {w.fine_output.bias + share.first, 0},
                  {fine_logits_.data() + share.first, w.fine_output.kernel.outputs}, batch_);
  return Meet(*me);
}

bool WavernnRun::DrawFirst(float temperature, const float* uniforms, ptrdiff_t stride,
                           float* samples, ptrdiff_t samples_stride) {
  const bool mixture = config_.output == WavernnOutput::kLogisticMixture;
  const OutputDistribution output = {
      mixture ? OutputKind::kLogisticMixture : OutputKind::kCategorical, config_.coarse_outputs(),
      config_.mixtures, WavernnConfig::kLeastLogScale};
  for (int b = 0; b < batch_; ++b) {
    float* sample = samples + b * samples_stride;
    *sample = DrawSample(kernels_, output, logits(b), temperature, uniforms + b * stride,
                         scratch_.data());
    if (std::isnan(*sample)) return false;
    if (config_.split()) *sample *= static_cast<float>(config_.fine_outputs());
    WavernnFeedback(config_, *sample, fed(b));
  }
  return true;
}

bool WavernnRun::DrawFine(float temperature, const float* uniforms, ptrdiff_t stride,
                          float* samples, ptrdiff_t samples_stride) {
  const OutputDistribution output = {OutputKind::kCategorical, config_.fine_outputs()};
  for (int b = 0; b < batch_; ++b) {
    float* sample = samples + b * samples_stride;
    *sample += DrawSample(kernels_, output, fine_logits(b), temperature, uniforms + b * stride,
                          scratch_.data());
    if (std::isnan(*sample)) return false;
    WavernnFeedback(config_, *sample, fed(b));
  }
  return true;
}

void WavernnRun::Finish() {
  float* state = WavernnStateFloats(streams_.state);
  for (size_t layer = 0; layer < x_.size(); ++layer, state += units_) {
    const float* last = States(layer, members_[0].step).data();
    for (int b = 0; b < batch_; ++b) {
      const size_t record = static_cast<size_t>(b) * (model_.state_bytes / sizeof(float));
      std::copy_n(last + b * units_, units_, state + record);
    }
  }
}

void WavernnRun::Work(int member) {
  Member* me = &members_[static_cast<size_t>(member)];
  NoTimer timer;
  for (uint64_t published = 0;;) {
    if (!team_.WaitForPublished(++published) || !StepOf(me, &timer)) return;
    if (config_.split() && (!team_.WaitForPublished(++published) || !RunFine(me))) return;
  }
}

}  // namespace tfopt

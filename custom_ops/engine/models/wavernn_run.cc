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
      fc_(Padded(config_.fc_channels)),
      team_(members),
      members_(static_cast<size_t>(members)),
      fed_(Size(batch, config_.fed())),
      base_(Size(block_ * batch, units_)),
      base_gates_(Size(block_ * batch, gates_)),
      sums_(Size(batch, gates_)),
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
  MultiplyGates(kernels_, w.kernel, static_cast<int>(width), share, {aux, streams_.frames * row},
                {w.bias, 0}, {frame_[static_cast<size_t>(part)].data(), w.kernel.outputs}, batch_);
}

bool WavernnRun::ComputeAhead(Member* me, int step) {
  const WavernnWeights& w = model_.weights;
  const Share& units = me->units;
  const int steps = std::min(block_, streams_.time - step);
  float* const base = base_.data() + units.first;
  for (int k = 0; k < steps; ++k) {
    if (me->ahead_frame != FrameOf(step + k)) {
      me->ahead_frame = FrameOf(step + k);
      ReadAux(0, me->ahead_frame, units, units_);
    }
    for (int b = 0; b < batch_; ++b) {
      std::copy_n(frame_[0].data() + b * units_ + units.first, units.count,
                  base + (RowOf(k) + b) * units_);
    }
  }
  const ptrdiff_t channels = config_.mel_channels;
  const float* mels = streams_.mels + step * channels;
  if (batch_ == 1) {
    kernels_.matmul(units.Of(w.mel), {mels, channels}, {base, units_}, {base, units_}, steps);
  } else {
    for (int k = 0; k < steps; ++k) {
      float* rows = base + RowOf(k) * units_;
      kernels_.matmul(units.Of(w.mel), {mels + k * channels, streams_.time * channels},
                      {rows, units_}, {rows, units_}, batch_);
    }
  }
  if (!Meet(*me)) return false;
  MultiplyGates(kernels_, w.grus[0].input, static_cast<int>(units_), units, {base_.data(), units_},
                {w.gates_bias, 0}, {base_gates_.data(), gates_}, steps * batch_);
  return true;
}

void WavernnRun::ReadFrame(const Member& me) {
  int part = 1;
  if (config_.rnn_layers == 2) ReadAux(part++, me.frame, me.units, units_);
  for (; part < config_.aux_parts(); ++part) ReadAux(part, me.frame, me.fc, fc_);
}

// Completes the input layer, and the first GRU's input product.
void WavernnRun::AddSample(const Member& me, int step) {
  const WavernnWeights& w = model_.weights;
  const ConstColumns fed = {fed_.data(), config_.fed()};
  const float* base = base_.data() + RowOf(step) * units_ + me.units.first;
  kernels_.matmul(me.units.Of(w.sample), fed, {base, units_},
                  {x_[0].data() + me.units.first, units_}, batch_);
  MultiplyGates(kernels_, w.sample_gates, static_cast<int>(units_), me.units, fed,
                {base_gates_.data() + RowOf(step) * gates_, gates_}, {sums_.data(), gates_},
                batch_);
}

bool WavernnRun::RunGru(const Member& me, size_t layer, int step) {
  const WavernnWeights::GruLayer& gru = model_.weights.grus[layer];
  const Share& units = me.units;
  if (layer > 0) {
    MultiplyGates(kernels_, gru.input, static_cast<int>(units_), units,
                  {x_[layer - 1].data(), units_}, {frame_[layer].data(), gates_},
                  {sums_.data(), gates_}, batch_);
  }
  const float* next = States(layer, step + 1).data();
  GruStepOfUnits(kernels_, gru.recurrent, units, {sums_.data(), gates_},
                 {States(layer, step).data(), units_}, {States(layer, step + 1).data(), units_},
                 batch_, product_.data());
  // The residual. Others still read the x before the second GRU, so each GRU has its own.
  const float* x = x_[layer > 0 ? layer - 1 : 0].data();
  for (int b = 0; b < batch_; ++b) {
    const ptrdiff_t place = b * units_ + units.first;
    kernels_.add(x + place, next + place, units.count, x_[layer].data() + place);
  }
  return Meet(me);
}

bool WavernnRun::RunFc(const Member& me, size_t layer) {
  const Share& share = me.fc;
  const AlignedFloats& aux = frame_[static_cast<size_t>(config_.rnn_layers) + layer];
  const ConstColumns x = layer == 0 ? ConstColumns{x_.back().data(), units_}
                                    : ConstColumns{y_[layer - 1].data(), fc_};
  float* const y = y_[layer].data() + share.first;
  kernels_.matmul(share.Of(model_.weights.fc[layer]), x, {aux.data() + share.first, fc_}, {y, fc_},
                  batch_);
  for (int b = 0; b < batch_; ++b) kernels_.relu(y + b * fc_, share.count, y + b * fc_);
  return Meet(me);
}

// Makes the logits and, if the output is split, what the fine layer adds up before the coarse class.
bool WavernnRun::RunOutput(const Member& me) {
  const ConstColumns y = {y_.back().data(), fc_};
  const auto dense = [&](const WavernnWeights::Dense& w, const Share& share, AlignedFloats* to) {
    kernels_.matmul(share.Of(w.kernel), y, {w.bias + share.first, 0},
                    {to->data() + share.first, w.kernel.outputs}, batch_);
  };
  dense(model_.weights.output, me.output, &logits_);
  if (config_.split()) dense(model_.weights.fine, me.fc, &fine_);
  return Meet(me);
}

bool WavernnRun::RunFine(const Member& me) {
  const WavernnWeights& w = model_.weights;
  float* const fine = fine_.data() + me.fc.first;
  kernels_.matmul(me.fc.Of(w.fine_coarse), {fed_.data(), config_.fed()}, {fine, fc_}, {fine, fc_},
                  batch_);
  for (int b = 0; b < batch_; ++b) kernels_.relu(fine + b * fc_, me.fc.count, fine + b * fc_);
  if (!Meet(me)) return false;
  const Share& share = me.fine_output;
  kernels_.matmul(share.Of(w.fine_output.kernel), {fine_.data(), fc_},
                  {w.fine_output.bias + share.first, 0},
                  {fine_logits_.data() + share.first, w.fine_output.kernel.outputs}, batch_);
  return Meet(me);
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
    if (config_.split() && (!team_.WaitForPublished(++published) || !RunFine(*me))) return;
  }
}

}  // namespace tfopt

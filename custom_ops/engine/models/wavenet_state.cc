#include "engine/models/wavenet_state.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace tfopt {
namespace {

struct Record {
  char magic[4];
  uint32_t zero;
  uint64_t bytes;
  int64_t position;
};
static_assert(sizeof(Record) == 24 && sizeof(Record) <= kAlignment, "the layout of the record");
constexpr char kMagic[4] = {'W', 'N', 'S', 'T'};

Record ReadRecord(const uint8_t* bytes) {
  Record record;
  std::memcpy(&record, bytes, sizeof(record));
  return record;
}

// That of the streams that have had a step; where they differ, some that is not below 0.
int64_t CommonPosition(const Wavenet& model, int batch, const uint8_t* state) {
  int64_t position = 0;
  for (int b = 0; b < batch; ++b, state += model.state_bytes) {
    position = std::max(position, ReadRecord(state).position);
  }
  return position;
}

}  // namespace

int64_t WavenetPosition(const uint8_t* record) { return ReadRecord(record).position; }

void SetWavenetPosition(int64_t position, uint8_t* record) {
  Record changed = ReadRecord(record);
  changed.position = position;
  std::memcpy(record, &changed, sizeof(changed));
}

void JoinStreams(const Wavenet& model, int batch, uint8_t* state) {
  const int64_t position = CommonPosition(model, batch, state);
  for (int b = 0; b < batch; ++b, state += model.state_bytes) SetWavenetPosition(position, state);
}

void ResetState(const Wavenet& model, int batch, uint8_t* state) {
  const size_t bytes = model.state_bytes;
  std::memset(state, 0, bytes * static_cast<size_t>(batch));
  for (int b = 0; b < batch; ++b, state += bytes) {
    Record record = {};
    std::memcpy(record.magic, kMagic, sizeof(kMagic));
    record.bytes = bytes;
    std::memcpy(state, &record, sizeof(record));
    if (model.config.input_classes == 0) continue;
    float* history = WavenetStateFloats(state);
    for (int k = 0; k + 1 < model.config.input_kernel_size; ++k) history[k] = -1.0f;
  }
}

Status CheckState(const Wavenet& model, int batch, const uint8_t* state) {
  if (reinterpret_cast<uintptr_t>(state) % alignof(float) != 0) {
    return Status::Invalid("state: expected memory aligned to floats");
  }
  const int64_t position = CommonPosition(model, batch, state);
  for (int b = 0; b < batch; ++b, state += model.state_bytes) {
    const std::string row = "state[" + std::to_string(b) + "]: expected ";
    const Record record = ReadRecord(state);
    if (std::memcmp(record.magic, kMagic, sizeof(kMagic)) != 0 ||
        record.bytes != model.state_bytes) {
      return Status::Invalid(row + "a state of this model");
    }
    const bool at_begin = record.position == 0;
    // Half of what would overflow, so that counting on does not.
    if (!at_begin && (record.position != position || position > INT64_MAX / 2)) {
      return Status::Invalid(row + "position 0 or that of the other streams, " +
                             std::to_string(position) + ", got " + std::to_string(record.position));
    }
    if (model.config.input_classes == 0) continue;
    const float* history = reinterpret_cast<const float*>(state + kAlignment);
    for (int k = 0; k + 1 < model.config.input_kernel_size; ++k) {
      const float sample = history[k];
      const bool good = sample >= -1.0f && sample < static_cast<float>(model.config.input_classes) &&
                        sample == std::floor(sample);
      if (!good) return Status::Invalid(row + "past classes, got " + std::to_string(sample));
    }
  }
  return {};
}

}  // namespace tfopt

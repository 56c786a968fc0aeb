#include "engine/models/wavenet_state.h"

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

}  // namespace

int64_t WavenetPosition(const uint8_t* record) { return ReadRecord(record).position; }

void SetWavenetPosition(int64_t position, uint8_t* record) {
  Record changed = ReadRecord(record);
  changed.position = position;
  std::memcpy(record, &changed, sizeof(changed));
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
  int64_t position = 0;
  for (int b = 0; b < batch; ++b, state += model.state_bytes) {
    const std::string row = "state[" + std::to_string(b) + "]: expected ";
    const Record record = ReadRecord(state);
    if (std::memcmp(record.magic, kMagic, sizeof(kMagic)) != 0 ||
        record.bytes != model.state_bytes) {
      return Status::Invalid(row + "a state of this model");
    }
    if (b == 0) position = record.position;
    // Half of what would overflow, so that counting on does not.
    if (record.position != position || position < 0 || position > INT64_MAX / 2) {
      return Status::Invalid(row + "the position of the other streams, " +
                             std::to_string(position) + ", at least 0, got " +
                             std::to_string(record.position));
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

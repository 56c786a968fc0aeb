#include "engine/models/wavernn_state.h"

#include <cmath>
#include <cstring>
#include <string>

#include "engine/models/wavernn.h"

namespace tfopt {
namespace {

struct Record {
  char magic[4];
  int32_t layers;
  int32_t channels;
};
static_assert(sizeof(Record) == 12 && sizeof(Record) <= kWavernnRecordBytes,
              "the layout of the record");

Record RecordOf(const WavernnConfig& config) {
  return {{'W', 'R', 'S', 'T'}, config.rnn_layers, config.rnn_channels};
}

}  // namespace

void ResetState(const Wavernn& model, int batch, uint8_t* state) {
  const Record record = RecordOf(model.config);
  for (int b = 0; b < batch; ++b, state += model.state_bytes) {
    std::memset(state, 0, model.state_bytes);
    std::memcpy(state, &record, sizeof(record));
  }
}

Status CheckState(const Wavernn& model, int batch, const uint8_t* state) {
  if (reinterpret_cast<uintptr_t>(state) % alignof(float) != 0) {
    return Status::Invalid("state: expected memory aligned to floats");
  }
  const Record expected = RecordOf(model.config);
  const size_t floats = (model.state_bytes - kWavernnRecordBytes) / sizeof(float);
  for (int b = 0; b < batch; ++b, state += model.state_bytes) {
    const std::string row = "state[" + std::to_string(b) + "]: expected ";
    if (std::memcmp(state, &expected, sizeof(expected)) != 0) {
      return Status::Invalid(row + "a state of this model");
    }
    const float* values = reinterpret_cast<const float*>(state + kWavernnRecordBytes);
    for (size_t i = 0; i < floats; ++i) {
      if (std::isfinite(values[i])) continue;
      return Status::Invalid(row + "finite values, got " + std::to_string(values[i]));
    }
  }
  return {};
}

}  // namespace tfopt

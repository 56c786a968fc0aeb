#include "program/npy_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "program/npy_header.h"

namespace tfopt {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6, kMostHeaderBytes = 65536;
// Bytes read at a time: a pipe holds no more.
constexpr size_t kBufferBytes = 65536;

std::string ToString(const std::vector<int64_t>& shape) {
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

Status Invalid(const std::string& expected, const std::string& given) {
  return Status::Invalid("expected " + expected + ", got " + given);
}

}  // namespace

NpyReader::NpyReader(Input* input, int channels)
    : input_(input), channels_(static_cast<size_t>(channels)) {}

Status NpyReader::ReadHeader() {
  uint8_t start[12] = {};
  size_t count = 0;
  TFOPT_RETURN_IF_ERROR(input_->ReadAll(start, 8, &count));
  if (count < 8 || std::memcmp(start, kMagic, kMagicBytes) != 0) {
    return Invalid("an .npy file", count == 0 ? "nothing" : "bytes that do not begin as one");
  }
  const int version = start[6];
  if (version < 1 || version > 3) {
    return Invalid("version 1, 2 or 3 of the .npy format", std::to_string(version));
  }
  const size_t length_bytes = version == 1 ? 2 : 4;
  TFOPT_RETURN_IF_ERROR(input_->ReadAll(start + 8, length_bytes, &count));
  size_t length = 0;
  for (size_t i = 0; i < count; ++i) length |= static_cast<size_t>(start[8 + i]) << 8 * i;
  if (length > kMostHeaderBytes) {
    return Invalid("a header of at most " + std::to_string(kMostHeaderBytes) + " bytes",
                   std::to_string(length));
  }
  std::string text(length, '\0');
  TFOPT_RETURN_IF_ERROR(input_->ReadAll(text.data(), length, &count));
  if (count < length) return Invalid("a whole .npy header", "one that is cut off");
  NpyHeader header;
  TFOPT_RETURN_IF_ERROR(ParseNpyHeader(text, &header));
  if (header.type != "<f4") {
    return Invalid("float32 ('<f4'), as frames.astype('<f4') makes it", "'" + header.type + "'");
  }
  const std::vector<int64_t>& shape = header.shape;
  if (shape.size() != 2 || shape[0] < -1 || shape[1] != static_cast<int64_t>(channels_)) {
    return Invalid("[frames, " + std::to_string(channels_) + "]", ToString(shape));
  }
  if (header.fortran_order && shape[0] > 1 && channels_ > 1) {
    return Invalid("rows one after the other (C order), as numpy.ascontiguousarray makes them",
                   "columns (Fortran order)");
  }
  frames_ = shape[0];
  const size_t row = channels_ * sizeof(float);
  buffer_.resize(std::max(row, kBufferBytes / row * row));
  return {};
}

Status NpyReader::Read(std::vector<float>* rows, int* count) {
  const size_t row = channels_ * sizeof(float);
  *count = 0;
  while (held_ < row) {
    size_t most = buffer_.size() - held_;
    if (frames_ >= 0) {  // nothing behind the array
      const auto left = static_cast<uint64_t>(frames_ - read_);
      if (left == 0) return {};
      if (left <= buffer_.size() / row) most = std::min(most, left * row - held_);
    }
    size_t got = 0;
    TFOPT_RETURN_IF_ERROR(input_->Read(buffer_.data() + held_, most, &got));
    if (got == 0) {
      if (held_ > 0) return Invalid("whole frames", "one that is cut off");
      if (frames_ < 0) return {};
      return Invalid(std::to_string(frames_) + " frames as its header says", std::to_string(read_));
    }
    held_ += got;
  }
  const size_t whole = held_ / row;
  rows->resize(whole * channels_);
  std::memcpy(rows->data(), buffer_.data(), whole * row);
  std::memmove(buffer_.data(), buffer_.data() + whole * row, held_ - whole * row);
  held_ -= whole * row;
  const auto bad = std::find_if_not(rows->begin(), rows->end(), [](float x) { return std::isfinite(x); });
  if (bad != rows->end()) {
    const int64_t place = bad - rows->begin(), width = static_cast<int64_t>(channels_);
    return Invalid("finite numbers", std::to_string(*bad) + " in frame " +
                                         std::to_string(read_ + place / width) + ", channel " +
                                         std::to_string(place % width));
  }
  read_ += static_cast<int64_t>(whole);
  *count = static_cast<int>(whole);
  return {};
}

}  // namespace tfopt

#include "program/npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tfopt {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6, kMostHeaderBytes = 65536;
// Bytes read at a time: a pipe holds no more.
constexpr size_t kBufferBytes = 65536;

// The few expressions of Python that a header is made of.
class Parser {
 public:
  explicit Parser(const std::string& text) : next_(text.data()), end_(next_ + text.size()) {}

  bool Skip(char c) {
    SkipSpace();
    if (next_ == end_ || *next_ != c) return false;
    ++next_;
    return true;
  }

  bool String(std::string* value) {
    SkipSpace();
    if (next_ == end_ || (*next_ != '\'' && *next_ != '"')) return false;
    const char* const close = std::find(next_ + 1, end_, *next_);
    if (close == end_) return false;
    value->assign(next_ + 1, close);
    next_ = close + 1;
    return true;
  }

  bool Bool(bool* value) {
    SkipSpace();
    for (const char* word : {"True", "False"}) {
      const size_t length = std::strlen(word);
      if (static_cast<size_t>(end_ - next_) < length || std::memcmp(next_, word, length) != 0) {
        continue;
      }
      next_ += length;
      *value = *word == 'T';
      return true;
    }
    return false;
  }

  bool Integers(std::vector<int64_t>* values) {
    values->clear();
    if (!Skip('(')) return false;
    while (!Skip(')')) {
      if (!values->empty() && !Skip(',')) return false;
      if (Skip(')')) return true;  // (3,)
      int64_t value = 0;
      if (!Integer(&value)) return false;
      values->push_back(value);
    }
    return true;
  }

  bool AtEnd() {
    SkipSpace();
    return next_ == end_;
  }

 private:
  void SkipSpace() {
    while (next_ != end_ && std::strchr(" \t\r\n", *next_) != nullptr && *next_ != '\0') ++next_;
  }

  bool Integer(int64_t* value) {
    const bool negative = Skip('-');
    SkipSpace();
    const char* const first = next_;
    uint64_t digits = 0;
    for (; next_ != end_ && *next_ >= '0' && *next_ <= '9'; ++next_) {
      if (digits > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) / 10 - 1) return false;
      digits = digits * 10 + static_cast<uint64_t>(*next_ - '0');
    }
    *value = negative ? -static_cast<int64_t>(digits) : static_cast<int64_t>(digits);
    return next_ != first;
  }

  const char* next_;
  const char* const end_;
};

std::string ToString(const std::vector<int64_t>& shape) {
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

}  // namespace

Status ParseNpyHeader(const std::string& text, NpyHeader* header) {
  Parser parser(text);
  bool good = parser.Skip('{');
  bool type = false, order = false, shape = false;
  while (good && !parser.Skip('}')) {
    std::string key;
    good = parser.String(&key) && parser.Skip(':');
    if (!good) break;
    if (key == "descr") {
      good = type = parser.String(&header->type);
    } else if (key == "fortran_order") {
      good = order = parser.Bool(&header->fortran_order);
    } else if (key == "shape") {
      good = shape = parser.Integers(&header->shape);
    } else {
      good = false;
    }
    if (good && !parser.Skip(',')) {
      good = parser.Skip('}');
      break;
    }
  }
  if (good && type && order && shape && parser.AtEnd()) return {};
  return Status::Invalid("expected the header of one array of numbers, got " +
                         text.substr(0, 120));
}

NpyReader::NpyReader(Input* input, int channels)
    : input_(input), channels_(static_cast<size_t>(channels)) {}

Status NpyReader::Invalid(const std::string& expected, const std::string& given) const {
  return Status::Invalid("conditioning: " + input_->name() + ": expected " + expected + ", got " +
                         given);
}

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
  const Status parsed = ParseNpyHeader(text, &header);
  if (!parsed.ok()) {
    return Status::Invalid("conditioning: " + input_->name() + ": " + parsed.message());
  }
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

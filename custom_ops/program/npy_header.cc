#include "program/npy_header.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace tfopt {
namespace {

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

}  // namespace tfopt

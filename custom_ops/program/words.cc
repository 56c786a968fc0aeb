#include "program/words.h"

#include <utf8proc.h>

namespace tfopt {
namespace {

constexpr auto kComposed = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);

// A letter or digit, or a combining accent that has no composed form with its letter.
bool IsCharacter(char32_t c) {
  if (c >= 0x300 && c <= 0x36f) return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

bool IsApostrophe(char32_t c) { return c == U'\'' || c == U'\u2019'; }

Status NotUtf8(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  utf8proc_ssize_t place = 0, length = 0;
  utf8proc_int32_t code = 0;
  while (left > 0 && (length = utf8proc_iterate(bytes + place, left, &code)) > 0) {
    place += length;
    left -= length;
  }
  return Status::Invalid("expected UTF-8, got byte " + std::to_string(bytes[place]) +
                         " behind byte " + std::to_string(place) + " of the text");
}

// The text's code points, composed.
Status Compose(std::string_view text, std::vector<utf8proc_int32_t>* codes) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  codes->resize(text.size() + 1);
  utf8proc_ssize_t count = -1;
  while (true) {
    const auto room = static_cast<utf8proc_ssize_t>(codes->size());
    count = utf8proc_decompose(bytes, size, codes->data(), room, kComposed);
    if (count < 0) return NotUtf8(text);
    if (count <= room) break;
    codes->resize(static_cast<size_t>(count));  // some characters have long decompositions
  }
  count = utf8proc_normalize_utf32(codes->data(), count, kComposed);
  codes->resize(static_cast<size_t>(count));
  return {};
}

}  // namespace

Status AppendWords(std::string_view text, std::vector<std::u32string>* words) {
  std::vector<utf8proc_int32_t> codes;
  TFOPT_RETURN_IF_ERROR(Compose(text, &codes));
  std::u32string word;
  for (size_t i = 0; i <= codes.size(); ++i) {
    const char32_t c = i < codes.size() ? static_cast<char32_t>(codes[i]) : U' ';
    const bool inside = !word.empty() && i + 1 < codes.size() && IsApostrophe(c) &&
                        IsCharacter(static_cast<char32_t>(codes[i + 1]));
    if (inside || IsCharacter(c)) {
      word += c;
    } else if (!word.empty()) {
      words->push_back(std::move(word));
      word.clear();
    }
  }
  return {};
}

std::string ToUtf8(std::u32string_view text) {
  std::string result;
  for (char32_t c : text) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
    result.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(count));
  }
  return result;
}

}  // namespace tfopt

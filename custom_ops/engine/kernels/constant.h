// Numbers that loops are unrolled by.
//
// No include guard: each level includes this in a namespace of its own.

template <int kNumber>
struct Constant {
  static constexpr int value = kNumber;
};

// Calls f(Constant<number>()), for a number from 1 to kMost.
template <int kMost, class Function>
inline void WithConstant(int number, const Function& f) {
  if (number == kMost) return f(Constant<kMost>());
  if constexpr (kMost > 1) WithConstant<kMost - 1>(number, f);
}

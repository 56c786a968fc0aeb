// What the steps of a model take when nobody asks how long their parts take.
#ifndef TFOPT_ENGINE_NO_TIMER_H_
#define TFOPT_ENGINE_NO_TIMER_H_

namespace tfopt {

struct NoTimer {
  template <class Module>
  void Done(Module) {}
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_NO_TIMER_H_

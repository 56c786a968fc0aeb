// How the streams of a batch come to be on threads: in groups that go in step, each in a thread; or a single
// stream whose steps several threads share.
#ifndef TFOPT_ENGINE_MODELS_STREAM_GROUPS_H_
#define TFOPT_ENGINE_MODELS_STREAM_GROUPS_H_

#include <algorithm>
#include <atomic>
#include <new>
#include <string>

#include "engine/kernels/kernels.h"
#include "engine/status.h"
#include "engine/threads.h"

namespace tfopt {

// Streams that go in step: enough to read the weights rarely, few enough for their vectors to stay in L2.
constexpr int kStreamsInStep = 24;

// One stream, whose steps `members` threads share. False if the system does not give them.
template <class Run, class Model, class Streams, class Steps>
bool RunShared(const Model& model, const Kernels& kernels, const Streams& streams, int members,
               Steps steps) {
  Run run(model, kernels, streams, 0, 1, members);
  const Threads others(members - 1, [&run](int member) { run.Work(member); });
  const bool complete = others.size() == members - 1;
  if (complete) steps(&run, 0, 1);
  run.Stop();
  return complete;
}

// Calls steps(run, first, batch) for groups of streams that cover the batch, on up to streams.threads
// threads. `run` is a Run(model, kernels, streams, first, batch); where SharingThreads says that several
// threads share a step, the others are in run.Work until run.Stop.
template <class Run, class Model, class Streams, class Steps>
Status RunInGroups(const Model& model, const Kernels& kernels, const Streams& streams,
                   Steps steps) {
  const auto out_of_memory = [&] {
    return Status::Invalid("not enough memory for a batch of " + std::to_string(streams.batch) +
                           " streams");
  };
  const int members = SharingThreads(model, streams);
  if (members > 1) {
    try {
      if (RunShared<Run>(model, kernels, streams, members, steps)) return {};
    } catch (const std::bad_alloc&) {
      return out_of_memory();
    }
  }
  const int workers = std::min(streams.threads, streams.batch);
  if (workers < 1) return {};
  // As many groups as are needed for all workers to go through the same number of them.
  const int at_once = workers * kStreamsInStep;
  const int groups = (streams.batch + at_once - 1) / at_once * workers;
  const int group = (streams.batch + groups - 1) / groups;
  std::atomic<int> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&](int) {
    try {  // an exception that left a thread would end the process
      for (int first = next.fetch_add(group); first < streams.batch;
           first = next.fetch_add(group)) {
        const int batch = std::min(group, streams.batch - first);
        Run run(model, kernels, streams, first, batch);
        steps(&run, first, batch);
      }
    } catch (const std::bad_alloc&) {
      failed = true;
    }
  };
  {
    const Threads others(workers - 1, work);
    work(0);
  }
  return failed ? out_of_memory() : Status();
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_STREAM_GROUPS_H_

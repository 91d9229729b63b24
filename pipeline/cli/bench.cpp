#include "pipeline/bench/bench.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_bench(CommandLine& line) {
  CLI::App* command = add_command(line, "bench", "Says how fast a network runs on this machine",
                                  bench_fields().write({}), bench_fields().keys(),
                                  [&line](const Json& json, Console& console) {
                                    const BenchConfig config = bench_fields().read(json, "/bench");
                                    if (config.output.empty()) console.must_arrive();
                                    Backend backend = make_backend(line, Kernels::timed);
                                    bench(backend, config, console);
                                    return kDone;
                                  });
  add_examples(command, {"bench", "bench --arch vgg16 --batch-size 8 --threads 2 -o bench.json"});
}

}  // namespace steelsight

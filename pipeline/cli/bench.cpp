#include "pipeline/bench/bench.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_bench(CommandLine& line) {
  CLI::App* command =
      add_command(line, "bench", "Says how fast a network runs on this machine",
                  to_json(BenchConfig{}), [&line](const Json& json, Console& console) {
                    const BenchConfig config = bench_config_from_json(json);
                    if (config.output.empty()) console.must_arrive();
                    Backend backend = make_backend(line, Kernels::timed);
                    bench(backend, config, console);
                    return kDone;
                  });
  add_text(line, command, "--model", "/model",
           "What `train` or `quantize` wrote (default: the network that comes along)")
      ->type_name("MODEL");
  add_text(line, command, "--arch", "/arch", "Instead of a model, with random weights: vgg16, ...")
      ->type_name("NAME");
  add_number(line, command, "--input-size", "/input_size", "Side of the input of --arch in pixels");
  add_text(line, command, "--layer", "/layer", "The last layer to run: block5_pool")
      ->type_name("NAME");
  add_numbers(line, command, "--batch-size", "/batch_sizes", "Images computed at once");
  add_switch(line, command, "--training", "/training", "Time a step of training, too");
  add_switch(line, command, "--int8", "/int8", "All convolutions of --arch in 8-bit integers");
  add_number(line, command, "--seconds", "/seconds", "Least time of each measurement");
  add_text(line, command, "-o,--output", "/output", "The figures as JSON")->type_name("FILE");
  add_examples(command, {"bench", "bench --arch vgg16 --batch-size 8 --threads 2 -o bench.json"});
}

}  // namespace steelsight

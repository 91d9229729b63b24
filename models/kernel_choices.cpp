#include "models/kernel_choices.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "core/descriptor.hpp"
#include "core/folders.hpp"

namespace steelsight {
namespace {

constexpr const char* kFormat = "steelsight kernels 1";
constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

KernelTiming timing_from_json(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  const KernelTiming timing{.direct_ms = object.require<double>("direct_ms"),
                            .winograd_ms = object.require<double>("winograd_ms")};
  object.finish();
  if (!(timing.direct_ms > 0 && timing.winograd_ms > 0))
    throw ConfigError(path + ": times are milliseconds above 0");
  return timing;
}

void write_kernel_file(const fs::path& file, const MachineKernels& kernels) {
  Json machines = Json::object();
  for (const auto& [machine, timings] : kernels) machines[machine] = to_json(timings);
  write_file(file, Json{{"format", kFormat}, {"machines", machines}}.dump(1) + "\n");
}

// A cache may be lost at any time: what can't be read is as good as nothing.
MachineKernels read_if_whole(const fs::path& file) {
  try {
    return read_kernel_file(file);
  } catch (const FileError&) {
    return {};
  } catch (const ConfigError&) {
    return {};
  }
}

// Held while the file is read, changed and replaced. The lock is a file of its own, because the
// other one is replaced.
Descriptor lock_beside(const fs::path& file) {
  make_folders(folder_of(file), file);
  const std::string name = file.string() + ".lock";
  Descriptor descriptor(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!descriptor.is_open()) throw_system_error(errno, file.string() + ": can't be locked");
  lock(descriptor, file);
  return descriptor;
}

}  // namespace

Json to_json(const KernelTimings& timings) {
  Json json = Json::object();
  for (const auto& [convolution, timing] : timings)
    json[convolution] = {{"direct_ms", timing.direct_ms}, {"winograd_ms", timing.winograd_ms}};
  return json;
}

KernelTimings kernel_timings_from_json(const Json& json, const std::string& path) {
  if (!json.is_object()) throw ConfigError(path + ": expected an object");
  KernelTimings timings;
  for (const auto& [convolution, timing] : json.items())
    timings.emplace(convolution, timing_from_json(timing, path + "/" + convolution));
  return timings;
}

MachineKernels read_kernel_file(const fs::path& file) {
  const Json json = parse_json(read_file(file, kMaxFileBytes), file.string());
  try {
    JsonObject object(json, "");
    if (object.require<std::string>("format") != kFormat)
      throw ConfigError(std::string("/format: expected '") + kFormat + "'");
    const Json machines = object.require<Json>("machines");
    object.finish();
    MachineKernels kernels;
    for (const auto& [machine, timings] : machines.items())
      kernels.emplace(machine, kernel_timings_from_json(timings, "/machines/" + machine));
    return kernels;
  } catch (const ConfigError& error) {
    throw ConfigError(file.string() + ": is no file of kernels: " + error.what());
  }
}

KernelChoices::KernelChoices(KernelConfig config, std::string machine)
    : config_(std::move(config)), machine_(std::move(machine)) {
  if (config_.policy == KernelConfig::Policy::timed && !config_.file.empty())
    timings_ = read_if_whole(config_.file)[machine_];
  if (config_.policy != KernelConfig::Policy::pinned) return;
  MachineKernels kernels = read_kernel_file(config_.file);
  if (!kernels.contains(machine_)) {
    std::string known;
    for (const auto& [other, timings] : kernels)
      known += (known.empty() ? ", only on '" : "', '") + other;
    throw ConfigError(config_.file.string() + ": has no kernels timed on '" + machine_ + "'" +
                      (known.empty() ? "" : known + "'") +
                      "; CPU, oneDNN and --threads must be the same");
  }
  timings_ = std::move(kernels[machine_]);
}

KernelConfig::Policy KernelChoices::policy() const {
  using Policy = KernelConfig::Policy;
  return config_.policy == Policy::timed && !timed_ ? Policy::direct : config_.policy;
}

std::string KernelChoices::description() const {
  if (policy() == KernelConfig::Policy::direct) return "";
  if (policy() == KernelConfig::Policy::timed) return "timed kernels";
  std::string choices;
  for (const auto& [convolution, timing] : timings_)
    choices += convolution + (timing.chosen() == ConvAlgorithm::winograd ? " winograd;" : ";");
  return "kernels " + to_hex(content_hash(choices.data(), choices.size()));
}

void KernelChoices::use(const KernelTimings& timings) {
  if (config_.policy != KernelConfig::Policy::timed) return;
  for (const auto& [convolution, timing] : timings) timings_[convolution] = timing;
}

ConvAlgorithm KernelChoices::note_use(const std::string& convolution, const KernelTiming& timing) {
  if (config_.policy == KernelConfig::Policy::timed) used_[convolution] = timing;
  return timing.chosen();
}

std::optional<ConvAlgorithm> KernelChoices::find(const std::string& convolution) {
  if (policy() == KernelConfig::Policy::direct) return ConvAlgorithm::direct;
  auto found = timings_.find(convolution);
  if (found == timings_.end() && policy() == KernelConfig::Policy::timed && !config_.file.empty()) {
    timings_.merge(read_if_whole(config_.file)[machine_]);  // other processes may have added some
    found = timings_.find(convolution);
  }
  if (found != timings_.end()) return note_use(convolution, found->second);
  if (policy() == KernelConfig::Policy::pinned) return ConvAlgorithm::direct;
  return std::nullopt;
}

ConvAlgorithm KernelChoices::keep(const std::string& convolution, const KernelTiming& timing) {
  if (!config_.file.empty()) {
    try {
      share(convolution, timing);
    } catch (const FileError& error) {
      if (config_.warn && !std::exchange(warned_, true)) config_.warn(error.what());
    }
  }
  return note_use(convolution, timings_.emplace(convolution, timing).first->second);
}

void KernelChoices::share(const std::string& convolution, const KernelTiming& timing) {
  const Descriptor locked = lock_beside(config_.file);
  MachineKernels kernels = read_if_whole(config_.file);
  KernelTimings& shared = kernels[machine_];
  const bool first = shared.emplace(convolution, timing).second;
  timings_.insert(shared.begin(), shared.end());
  if (first) write_kernel_file(config_.file, kernels);
}

}  // namespace steelsight

#include "models/network.hpp"

#include "models/error.hpp"

namespace steelsight {

void check_parameters(const NetworkSpec& spec, const TensorMap& parameters) {
  const std::vector<ParameterSpec> expected = parameter_specs(spec);
  for (const ParameterSpec& parameter : expected) {
    const auto found = parameters.find(parameter.name);
    if (found == parameters.end())
      throw ModelError("parameter '" + parameter.name + "' (" + to_string(parameter.shape) +
                       ") is missing");
    if (found->second.shape != parameter.shape)
      throw ModelError("parameter '" + parameter.name + "' is " + to_string(found->second.shape) +
                       ", the network needs " + to_string(parameter.shape));
  }
  if (parameters.size() == expected.size()) return;
  std::set<std::string> names;
  for (const ParameterSpec& parameter : expected) names.insert(parameter.name);
  for (const auto& [name, tensor] : parameters)
    if (!names.contains(name))
      throw ModelError("parameter '" + name + "' (" + to_string(tensor.shape) +
                       ") belongs to no layer of the network");
}

}  // namespace steelsight

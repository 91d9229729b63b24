#pragma once
// What `check` found, for programs and for people.
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "pipeline/check/check_result.hpp"

namespace steelsight {

// All of it: the content of check.json.
Json to_json(const CheckResult& result);

// What must be mended before training, or that nothing must.
std::string verdict(const CheckResult& result);

// Lines for the console. Of a long list the first ten are named; `more` ends the line that counts
// the others ("see check.json").
std::vector<std::string> summary(const CheckResult& result, const std::string& more);

}  // namespace steelsight

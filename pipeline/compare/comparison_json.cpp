#include "pipeline/compare/comparison_json.hpp"

#include "datasets/utf8.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

// As predictions.csv has it: 0.8, not the float's 0.800000011920929.
Json number_json(float value) {
  return *parse_number<double>(number_text(value));
}

Json to_json(const Interval& interval) {
  return {interval.low, interval.high};
}

Json to_json(const ComparedFile& file) {
  const Accuracy& accuracy = file.metrics.accuracy;
  return {{"file", to_utf8(file.name)},
          {"n_images", file.n_images},
          {"n_own", file.own.n},
          {"accuracy_own", file.own.value()},
          {"n_correct", accuracy.correct},
          {"accuracy", accuracy.value()},
          {"accuracy_ci95", to_json(accuracy.interval())},
          {"macro_f1", file.metrics.macro.f1}};
}

Json to_json(const PrecisionRecall& value) {
  return {{"precision", value.precision}, {"recall", value.recall}, {"f1", value.f1}};
}

Json to_json(const ComparedClass& item) {
  return {{"class", to_utf8(item.name)}, {"support", item.support}, {"a", to_json(item.a)},
          {"b", to_json(item.b)},        {"fixed", item.fixed},     {"broken", item.broken}};
}

Json to_json(const ChangedImage& image) {
  return {{"path", to_utf8(image.path)},
          {"true", to_utf8(image.truth)},
          {"predicted_a", to_utf8(image.predicted_a)},
          {"confidence_a", number_json(image.confidence_a)},
          {"predicted_b", to_utf8(image.predicted_b)},
          {"confidence_b", number_json(image.confidence_b)}};
}

Json to_json(const NotCompared& image) {
  return {{"path", to_utf8(image.path)}, {"reason", to_utf8(image.reason)}};
}

Json to_json(const McNemarTest& test) {
  return {{"test", test.is_exact ? "exact binomial" : "chi-squared, continuity corrected"},
          {"statistic", test.statistic ? Json(*test.statistic) : Json()},
          {"p_value", test.p_value}};
}

Json to_json(const std::string& path) {
  return to_utf8(path);
}

template <class T>
Json to_json(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

Json comparison_json(const Comparison& c) {
  return {{"a", to_json(c.a)},
          {"b", to_json(c.b)},
          {"n", c.n},
          {"difference", c.b.metrics.accuracy.value() - c.a.metrics.accuracy.value()},
          {"both_right", c.both_right},
          {"only_a_right", c.test.only_a},
          {"only_b_right", c.test.only_b},
          {"both_wrong", c.both_wrong()},
          {"mcnemar", to_json(c.test)},
          {"per_class", to_json(c.classes)},
          {"fixed", to_json(c.fixed)},
          {"broken", to_json(c.broken)},
          {"changed", to_json(c.changed)},
          {"only_in_a", to_json(c.only_in_a)},
          {"only_in_b", to_json(c.only_in_b)},
          {"not_compared", to_json(c.not_compared)}};
}

}  // namespace steelsight

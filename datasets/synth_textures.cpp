#include "datasets/synth_textures.hpp"

#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace steelsight {
namespace {

constexpr float kDegree = std::numbers::pi_v<float> / 180;
constexpr float kSide = kSynthSide;

int whole(Random& random, int low, int high) {  // both included
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low) + 1));
}

cv::Point2f anywhere(Random& random) {
  const float x = random.uniform(0, kSide);
  return {x, random.uniform(0, kSide)};
}

// cv::line and cv::ellipse with 1/16 pixel.
constexpr int kShift = 4;
cv::Point fixed(cv::Point2f p) {
  return {cvRound(p.x * 16), cvRound(p.y * 16)};
}
cv::Size fixed(cv::Size2f s) {
  return {cvRound(s.width * 16), cvRound(s.height * 16)};
}

struct Stroke {
  float thickness = 1;  // pixels
  float gray = 1;       // 0 to 1
};

void paint_line(cv::Mat1b& canvas, cv::Point2f from, cv::Point2f to, const Stroke& stroke) {
  cv::line(canvas, fixed(from), fixed(to), cv::Scalar(stroke.gray * 255),
           std::max(1, cvRound(stroke.thickness)), cv::LINE_AA, kShift);
}

struct Crack {
  cv::Point2f at;
  float degrees = 0;
  int steps = 0;
};

// A hairline that wanders and now and then branches.
void paint_crack(cv::Mat1b& canvas, Random& random, Crack crack) {
  const float gray = random.uniform(0.45f, 1);
  const float thickness = random.chance(0.15f) ? 2.0f : 1.0f;
  float heading = crack.degrees;
  for (int i = 0; i < crack.steps; ++i) {
    heading += 0.3f * (crack.degrees - heading) + 28 * random.normal();
    const float length = random.uniform(2, 5);
    const cv::Point2f next =
        crack.at + length * cv::Point2f(std::cos(heading * kDegree), std::sin(heading * kDegree));
    paint_line(canvas, crack.at, next, {thickness, gray * random.uniform(0.6f, 1)});
    crack.at = next;
    if (crack.steps < 7 || !random.chance(0.06f)) continue;
    const float turn = random.chance(0.5f) ? 50.0f : -50.0f;
    paint_crack(canvas, random,
                {.at = next, .degrees = crack.degrees + turn, .steps = crack.steps / 3});
  }
}

// A fine network of dark hairline cracks, mostly across the rolling direction, on rough grain.
Field crazing(Random& random) {
  const float coarseness = random.uniform(0.6f, 1.1f);
  const Field grain =
      noise(random, {.along_x = coarseness, .along_y = 0.6f, .degrees = random.uniform(-25, 25)});
  const Field bands = vertical_bands(random, random.uniform(8, 30));
  const float lean = random.uniform(-20, 20);
  const int cracks = whole(random, 14, 48);
  const Field network = painted([&](cv::Mat1b& canvas) {
    for (int i = 0; i < cracks; ++i) {
      const cv::Point2f start = anywhere(random);
      const float degrees = lean + 20 * random.normal();
      paint_crack(canvas, random, {.at = start, .degrees = degrees, .steps = whole(random, 4, 22)});
    }
  });
  const Field mottle = noise(random, {.along_x = 2, .along_y = 2});
  return 0.8f * grain + 0.3f * mottle + 0.5f * bands - random.uniform(1.5f, 5) * network;
}

// High in one to three columns of the image, which hold all the inclusions.
Field few_columns(Random& random) {
  Field field(kSynthSide, kSynthSide, 0.0f);
  for (int i = whole(random, 1, 3); i > 0; --i) {
    const float centre = random.uniform(15, kSide - 15);
    const float width = random.uniform(5, 16);
    for (int x = 0; x < kSynthSide; ++x) {
      const float distance = (static_cast<float>(x) - centre) / width;
      field.col(x) += std::exp(-distance * distance);
    }
  }
  return cv::min(field, 1.0);
}

// Dark streaks and specks drawn out in the rolling direction, on a smooth surface.
Field inclusion(Random& random) {
  const float width = random.uniform(1.5f, 3.5f);
  const Field streaks = noise(random, {.along_x = width, .along_y = random.uniform(7, 22)});
  const Field specks =
      highest(streaks + 2.5f * few_columns(random), random.uniform(0.02f, 0.09f), 0.5f);
  const Field grain = noise(random, {.along_x = 0.7f, .along_y = 1.2f});
  const Field fine_bands = vertical_bands(random, random.uniform(1, 3));
  const Field broad_bands = vertical_bands(random, random.uniform(20, 45));
  const float roughness = random.uniform(0.15f, 0.35f);
  const float depth = random.uniform(1, 4);
  return roughness * grain + 0.3f * fine_bands + 0.5f * broad_bands - depth * specks;
}

// Large blotches with ragged edges and less grain inside.
Field patches(Random& random) {
  const float size = random.uniform(11, 30);
  const Field outline = noise(random, {.along_x = size, .along_y = size * random.uniform(1, 2)});
  const Field rag = noise(random, {.along_x = 3, .along_y = 4});
  const Field shape = outline + random.uniform(0.08f, 0.3f) * rag;
  const float area = random.uniform(0.1f, 0.45f);
  const Field blotch = highest(shape, area, random.uniform(0.15f, 0.7f));
  const Field core = highest(shape, random.uniform(0.02f, 0.1f), 0.5f);
  const float coarseness = random.uniform(0.5f, 1);
  const Field grain =
      noise(random, {.along_x = coarseness, .along_y = 0.6f, .degrees = random.uniform(-30, 30)});
  const Field shading = noise(random, {.along_x = 40, .along_y = 40});
  const float roughness = random.uniform(0.5f, 0.9f);
  const float depth = random.uniform(2, 4);
  const float core_height = random.uniform(-1.5f, 1.5f);
  return roughness * grain.mul(1 - 0.6f * blotch) + 0.4f * shading - depth * blotch +
         core_height * core;
}

struct Pits {
  cv::Mat1b floors = cv::Mat1b::zeros(kSynthSide, kSynthSide);
  cv::Mat1b rims =
      cv::Mat1b::zeros(kSynthSide, kSynthSide);  // wider than the floors, and under them
};

// Denser in some places than in others.
Pits paint_pits(Random& random) {
  const Field density = noise(random, {.along_x = 30, .along_y = 40});
  const float least_density = random.uniform(-1.5f, 0.3f);
  const float largest = random.uniform(1.4f, 3.2f);
  const float stretch = random.uniform(1, 1.8f);
  Pits pits;
  for (int i = whole(random, 120, 900); i > 0; --i) {
    const cv::Point2f at = anywhere(random);
    const float radius = random.uniform(0.8f, largest);
    const cv::Scalar gray(random.uniform(0.5f, 1) * 255);
    if (density(static_cast<int>(at.y), static_cast<int>(at.x)) < least_density) continue;
    const auto paint = [&](cv::Mat1b& canvas, float grow) {
      cv::ellipse(canvas, fixed(at), fixed(cv::Size2f(radius + grow, radius * stretch + grow)), 0,
                  0, 360, gray, cv::FILLED, cv::LINE_AA, kShift);
    };
    paint(pits.rims, 1.3f);
    paint(pits.floors, 0);
  }
  return pits;
}

// Many small dark pits with a bright rim; at times a darker stain with a sharp border.
Field pitted_surface(Random& random) {
  const Pits pits = paint_pits(random);
  const Field floors = painted([&](cv::Mat1b& canvas) { pits.floors.copyTo(canvas); });
  const Field rims =
      painted([&](cv::Mat1b& canvas) { cv::subtract(pits.rims, pits.floors, canvas); });
  const Field grain = noise(random, {.along_x = 0.8f, .along_y = 1});
  const Field bands = vertical_bands(random, random.uniform(15, 40));
  const float roughness = random.uniform(0.3f, 0.8f);
  const float depth = random.uniform(1, 3.5f);
  const float rim_height = random.uniform(0.2f, 1);
  Field field = roughness * grain + 0.5f * bands - depth * floors + rim_height * rims;
  if (random.chance(0.3f)) {
    const Field outline = noise(random, {.along_x = 45, .along_y = 60});
    const Field rag = noise(random, {.along_x = 2, .along_y = 3});
    const Field stain = highest(outline + 0.12f * rag, random.uniform(0.05f, 0.3f), 0.15f);
    field -= random.uniform(0.8f, 2) * stain;
  }
  return field;
}

// Clusters of small dark flakes, drawn out along `degrees`: 1 on a flake, 0 beside.
Field paint_flakes(Random& random, float degrees) {
  const float length = random.uniform(2.2f, 3.6f);
  const Field fine =
      noise(random, {.along_x = length, .along_y = random.uniform(1.1f, 1.8f), .degrees = degrees});
  const Field clusters = noise(random, {.along_x = 22, .along_y = 18});
  const Field relief = fine + random.uniform(0.5f, 1.1f) * clusters;
  return highest(relief, random.uniform(0.02f, 0.08f), 0.6f);
}

// Rough mottled surface, drawn out askew, with dark flakes that have a bright edge on one side.
Field rolled_in_scale(Random& random) {
  const float lean = random.uniform(-28, 28);
  const Field rough =
      noise(random, {.along_x = random.uniform(3, 6), .along_y = 0.8f, .degrees = lean});
  const Field flakes = paint_flakes(random, lean);
  const float right = random.uniform(1, 2);
  const float down = random.uniform(1, 2);
  Field edges;
  cv::warpAffine(flakes, edges, cv::Matx23f(1, 0, right, 0, 1, down), flakes.size());
  const Field grain = noise(random, {.along_x = 0.7f, .along_y = 0.7f});
  const Field bands = vertical_bands(random, random.uniform(10, 35));
  const Field mottle = noise(random, {.along_x = 25, .along_y = 25});
  const float roughness = random.uniform(0.5f, 0.9f);
  const float graininess = random.uniform(0.4f, 0.8f);
  const float edge_height = random.uniform(0.5f, 1.2f);
  const float depth = random.uniform(2, 4);
  return roughness * rough + graininess * grain + 0.7f * bands + 0.5f * mottle +
         edge_height * edges - depth * flakes;
}

// Parallel lines close to each other; some cross the image, others begin or end in it.
void paint_scratches(cv::Mat1b& canvas, Random& random, float degrees) {
  const cv::Point2f at = anywhere(random);
  const cv::Point2f along(std::cos(degrees * kDegree), std::sin(degrees * kDegree));
  const cv::Point2f across(-along.y, along.x);
  const int most = random.chance(0.3f) ? 6 : 2;
  for (int i = whole(random, 1, most); i > 0; --i) {
    const float back = random.chance(0.5f) ? 2 * kSide : random.uniform(10, 110);
    const float ahead = random.chance(0.5f) ? 2 * kSide : random.uniform(10, 110);
    const cv::Point2f middle = at + random.uniform(-10, 10) * across;
    const float thickness = random.chance(0.15f) ? random.uniform(3, 7) : random.uniform(1, 2.4f);
    paint_line(canvas, middle - back * along, middle + ahead * along,
               {thickness, random.uniform(0.4f, 1)});
  }
}

// Mostly along the rolling direction, less often across it, seldom askew.
float scratch_direction(Random& random) {
  if (random.chance(0.6f)) return 90;
  return random.chance(0.7f) ? 0 : random.uniform(0, 180);
}

// Bright thin lines of uneven strength on a smooth surface.
Field scratches(Random& random) {
  const float degrees = scratch_direction(random);
  const Field lines = painted([&](cv::Mat1b& canvas) {
    for (int i = whole(random, 1, 4); i > 0; --i)
      paint_scratches(canvas, random, degrees + 2 * random.normal());
  });
  const Field unevenness = noise(random, {.along_x = 3, .along_y = 3});
  const Field strength = cv::max(0.75f + 0.4f * unevenness, 0.1);
  const Field grain = noise(random, {.along_x = 0.8f, .along_y = 1});
  const Field bands = vertical_bands(random, random.uniform(1, 4));
  const Field shading = noise(random, {.along_x = 35, .along_y = 35});
  const float roughness = random.uniform(0.15f, 0.45f);
  const float height = random.uniform(1.5f, 7);
  return roughness * grain + 0.3f * bands + 0.5f * shading + height * lines.mul(strength);
}

}  // namespace

const std::array<Texture, 6>& textures() {
  static const std::array<Texture, 6> drawn = {{
      {"Cr", crazing, {85, 180}, {17, 36}},
      {"In", inclusion, {70, 190}, {9, 26}},
      {"Pa", patches, {60, 190}, {24, 58}},
      {"PS", pitted_surface, {80, 215}, {14, 38}},
      {"RS", rolled_in_scale, {75, 165}, {11, 27}},
      {"Sc", scratches, {55, 150}, {11, 36}},
  }};
  return drawn;
}

}  // namespace steelsight

// fontconfig keeps fonts until the program ends, behind offsets that LeakSanitizer takes for leaks.
// cairo 1.16 loses an array for each font with CFF outlines (as Noto Sans CJK) that it embeds in a
// PDF; without such a font installed there is no leak. What is ours of cairo is held by unique_ptr.
// The sanitizer calls this function by its name.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\nleak:libcairo";
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

// fontconfig keeps fonts until the program ends, behind offsets that LeakSanitizer takes for leaks.
// The sanitizer calls this function by its name.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig";
}

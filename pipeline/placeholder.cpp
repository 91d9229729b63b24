namespace { [[maybe_unused]] constexpr int kPlaceholder = 0; }

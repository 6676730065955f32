// The command line of the micro-benchmarks, and what they measure: CPU and wall time and mallocs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <string_view>
#include <vector>

/// A case runs its operation n times.
struct Case {
  const char* name;
  std::size_t n;
  void (*run)(std::size_t n);
};

extern const char* const library;
extern const std::vector<Case> cases;

/// Calls that fib(25) makes.
inline constexpr std::size_t fib25_calls = 242785;

/// The compiler must believe that `value` is used.
template <class T>
void keep(T&& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

inline std::size_t allocations = 0;

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

inline double nanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

inline void measure(const Case& c, int repetitions) {
  std::vector<double> cpu, wall;
  std::size_t allocated = 0;
  const auto n = static_cast<double>(c.n);
  c.run(c.n / 10 + 1);
  for (int i = 0; i < repetitions; ++i) {
    const std::size_t allocations_before = allocations;
    const double wall_start = nanoseconds(CLOCK_MONOTONIC);
    const double cpu_start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    c.run(c.n);
    cpu.push_back((nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start) / n);
    wall.push_back((nanoseconds(CLOCK_MONOTONIC) - wall_start) / n);
    allocated = allocations - allocations_before;
  }
  std::sort(cpu.begin(), cpu.end());
  std::sort(wall.begin(), wall.end());
  std::printf("%s %s n=%zu cpu_med=%.2f cpu_min=%.2f wall_med=%.2f allocs=%.3f bytes=0\n", library,
              c.name, c.n, cpu[cpu.size() / 2], cpu[0], wall[wall.size() / 2],
              static_cast<double>(allocated) / n);
  std::fflush(stdout);
}

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "bench";
  if (mode == "list") {
    for (const Case& c : cases) std::printf("%s %zu\n", c.name, c.n);
    return 0;
  }
  if (mode == "run" && argc == 4) {
    for (const Case& c : cases)
      if (std::string_view(c.name) == argv[2]) return c.run(std::strtoull(argv[3], nullptr, 10)), 0;
    return 3;
  }
  const int repetitions = argc > 2 ? std::atoi(argv[2]) : 5;
  for (const Case& c : cases) {
    const bool wanted = argc <= 3 || std::any_of(argv + 3, argv + argc, [&](const char* name) {
                          return std::string_view(c.name) == name;
                        });
    if (wanted) measure(c, repetitions);
  }
}

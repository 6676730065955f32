// The version of the running kernel.
// Reference: uname(2).
#pragma once

#include <compare>
#include <cstdio>

#include <sys/utsname.h>

namespace asyncio::os {

struct KernelVersion {
  int major_number = 0;  // not `major`: a macro of <sys/sysmacros.h>
  int minor_number = 0;

  friend auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

/// The version that uname(2) reports; 0.0 when it cannot be read.
[[nodiscard]] inline KernelVersion kernel_version() noexcept {
  struct utsname names{};
  KernelVersion version;
  if (::uname(&names) != 0) return version;
  if (std::sscanf(names.release, "%d.%d", &version.major_number, &version.minor_number) != 2) {
    return {};
  }
  return version;
}

}  // namespace asyncio::os

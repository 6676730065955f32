# Finds liburing 2.3 or newer and defines LibUring::LibUring.
# A target that a package manager already made (liburing::liburing) is used as it is.
#
# LibUring_FOUND, LibUring_INCLUDE_DIR, LibUring_LIBRARY

include(FindPackageHandleStandardArgs)

if(TARGET LibUring::LibUring)
  set(LibUring_FOUND TRUE)
  return()
endif()

if(TARGET liburing::liburing)
  add_library(LibUring::LibUring INTERFACE IMPORTED)
  target_link_libraries(LibUring::LibUring INTERFACE liburing::liburing)
  set(LibUring_FOUND TRUE)
  return()
endif()

find_path(LibUring_INCLUDE_DIR liburing.h)
find_library(LibUring_LIBRARY uring)
mark_as_advanced(LibUring_INCLUDE_DIR LibUring_LIBRARY)

# The header of 2.3 carries no version number; io_uring_register_sync_cancel() came with 2.3.
set(LibUring_RECENT FALSE)
if(LibUring_INCLUDE_DIR)
  file(STRINGS "${LibUring_INCLUDE_DIR}/liburing.h" LibUring_line LIMIT_COUNT 1
       REGEX "io_uring_register_sync_cancel")
  if(LibUring_line)
    set(LibUring_RECENT TRUE)
  endif()
  unset(LibUring_line)
endif()

find_package_handle_standard_args(LibUring
  REQUIRED_VARS LibUring_LIBRARY LibUring_INCLUDE_DIR LibUring_RECENT
  REASON_FAILURE_MESSAGE "liburing 2.3 or newer is needed")

if(LibUring_FOUND)
  add_library(LibUring::LibUring UNKNOWN IMPORTED)
  set_target_properties(LibUring::LibUring PROPERTIES
    IMPORTED_LOCATION "${LibUring_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibUring_INCLUDE_DIR}")
endif()

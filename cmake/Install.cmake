# Installs the headers and the CMake package. The library has no object code, so the package lives in share/.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/asyncio")

install(TARGETS asyncio EXPORT asyncioTargets FILE_SET HEADERS)
install(EXPORT asyncioTargets NAMESPACE asyncio:: DESTINATION "${package_dir}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/asyncioConfig.cmake.in" "${PROJECT_BINARY_DIR}/asyncioConfig.cmake"
  INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/asyncioConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion  # while the version is 0.y, a new y may break
  ARCH_INDEPENDENT)
install(FILES
  "${PROJECT_BINARY_DIR}/asyncioConfig.cmake"
  "${PROJECT_BINARY_DIR}/asyncioConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindLibUring.cmake"
  DESTINATION "${package_dir}")

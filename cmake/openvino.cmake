# freshet_openvino: OpenVINO's C++ runtime, out of build/deps (tools/setup.sh brings it) or where OpenVINO_DIR says.
include_guard(GLOBAL)
set(FRESHET_OPENVINO_VERSION 2026.4.1)
find_package(OpenVINO ${FRESHET_OPENVINO_VERSION} QUIET COMPONENTS Runtime
  HINTS ${PROJECT_SOURCE_DIR}/build/deps/openvino/cmake)
if(NOT OpenVINO_FOUND)
  message(FATAL_ERROR "No OpenVINO ${FRESHET_OPENVINO_VERSION} or newer of that year: run tools/setup.sh, which brings it "
    "to build/deps, or give -DOpenVINO_DIR=<folder with OpenVINOConfig.cmake>.")
endif()
# Its package sets a definition for the whole folder that our precompiled header was not made with.
remove_definitions(-D_GLIBCXX_USE_CXX11_ABI=1)

# Of openvino::runtime only the headers and the library, for the same reason.
get_target_property(includes openvino::runtime INTERFACE_INCLUDE_DIRECTORIES)
get_target_property(library openvino::runtime IMPORTED_LOCATION_RELEASE)
add_library(freshet_openvino SHARED IMPORTED GLOBAL)
set_target_properties(freshet_openvino PROPERTIES IMPORTED_LOCATION ${library} IMPORTED_NO_SONAME FALSE)
target_include_directories(freshet_openvino SYSTEM INTERFACE ${includes})

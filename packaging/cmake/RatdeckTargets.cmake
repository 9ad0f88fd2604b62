# What every target of the project shares: language level, warnings, include root, sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(RATDECK_SANITIZE "" CACHE STRING "Sanitizers to build with: 'address,undefined', 'thread' or empty")
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Without these words ccache keeps nothing that was compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    "${CCACHE_PROGRAM}")
endif()

add_library(ratdeck_options INTERFACE)
target_include_directories(ratdeck_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(ratdeck_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror=switch -Werror=unused-result -Werror=return-type)
target_compile_definitions(ratdeck_options INTERFACE
  QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII RATDECK_VERSION="${PROJECT_VERSION}")
if(RATDECK_SANITIZE)
  target_compile_options(ratdeck_options INTERFACE
    -fsanitize=${RATDECK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ratdeck_options INTERFACE -fsanitize=${RATDECK_SANITIZE})
endif()

# `programs` builds what users run and no test; `sanitized` builds the tests that carry the label of that name.
add_custom_target(programs)
add_custom_target(sanitized)
# Which folders of tests/unit run under the sanitizers (packaging/test.sh).
if(RATDECK_SANITIZE)
  set(RATDECK_SANITIZED_TESTS base rollout journal engine)
endif()

# ratdeck_library(NAME SOURCES a.cpp… [DEPS target…]): the one static library of a folder of core/.
function(ratdeck_library name)
  cmake_parse_arguments(ARG "QT" "" "SOURCES;DEPS" ${ARGN})
  add_library(ratdeck_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(ratdeck_${name} PUBLIC ratdeck_options ${ARG_DEPS})
  if(ARG_QT)
    set_target_properties(ratdeck_${name} PROPERTIES AUTOMOC ON)
  endif()
endfunction()

# ratdeck_executable(NAME SOURCES a.cpp… [DEPS target…]): a program in bin/.
function(ratdeck_executable name)
  cmake_parse_arguments(ARG "QT" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ratdeck_options ${ARG_DEPS})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE folder)
  if(folder MATCHES "^app/")
    add_dependencies(programs ${name})
  endif()
  if(ARG_QT)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
  endif()
endfunction()

# ratdeck_mocs(NAME SOURCES…): what moc makes of each source with a Q_OBJECT, which includes it as its last line. One
# step a source, where AUTOMOC takes five a target.
function(ratdeck_mocs name)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" objects REGEX "Q_OBJECT" LIMIT_COUNT 1)
    cmake_path(GET source STEM stem)
    if(objects AND source MATCHES "\\.cpp$")
      qt_generate_moc("${source}" "${CMAKE_CURRENT_BINARY_DIR}/${stem}.moc")
      target_sources(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/${stem}.moc")
    endif()
  endforeach()
  target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
endfunction()

# ratdeck_test(NAME LABEL unit SOURCES tst_x.cpp… [DEPS target…] [TIMEOUT s] [RESOURCE_LOCK name] [ARGS …]):
# a Qt Test program run by CTest under one label. Under `ctest -j`, `unit` and `lint` run side by side; of those that
# own a runtime's addresses and processes one of each runtime (RESOURCE_LOCK; of `sandbox` and `docker` their label),
# and those first, since they wait more than they compute; everything else runs alone, since it measures.
function(ratdeck_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT;RESOURCE_LOCK" "SOURCES;DEPS;ARGS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_link_libraries(${name} PRIVATE ratdeck_options Qt6::Test ${ARG_DEPS})
  ratdeck_mocs(${name} ${ARG_SOURCES})
  # The libraries that it drives are built as users get them; the test itself takes half the time to compile so.
  target_compile_options(${name} PRIVATE -O0)
  target_precompile_headers(${name} REUSE_FROM ratdeck_test_prelude)
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(RATDECK_SANITIZE)
    math(EXPR ARG_TIMEOUT "3 * ${ARG_TIMEOUT}")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABEL MATCHES "^(sandbox|docker)" AND NOT ARG_RESOURCE_LOCK)
    set(ARG_RESOURCE_LOCK "${CMAKE_MATCH_1}")
  endif()
  if(NOT ARG_RESOURCE_LOCK AND NOT ARG_LABEL MATCHES "^(unit|lint)$")
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  if(ARG_LABEL STREQUAL "unit" AND folder IN_LIST RATDECK_SANITIZED_TESTS)
    set_tests_properties(${name} PROPERTIES LABELS "unit;sanitized")
    add_dependencies(sanitized ${name})
  endif()
  if(ARG_RESOURCE_LOCK)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK ${ARG_RESOURCE_LOCK} COST 1000)
  endif()
endfunction()

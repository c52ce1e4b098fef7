# millrace_shapes(SERVICE TABLE FOLDER OUT): generates FOLDER/shapes.{h,cc} under build/generated from botocore's model
# of SERVICE, for the MILLRACE_OPERATION rows in TABLE; sets OUT to the two files, which go into a target's sources.
set(MILLRACE_PYTHON "${MILLRACE_DEPS}/venv/bin/python" CACHE FILEPATH "A Python that has botocore")
function(millrace_shapes SERVICE TABLE FOLDER OUT)
  set(DIRECTORY "${CMAKE_BINARY_DIR}/generated/${FOLDER}")
  file(GLOB CODEGEN CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tools/codegen/*.py")
  add_custom_command(
    OUTPUT "${DIRECTORY}/shapes.stamp"
    BYPRODUCTS "${DIRECTORY}/shapes.h" "${DIRECTORY}/shapes.cc"
    COMMAND "${MILLRACE_PYTHON}" -B "${CMAKE_SOURCE_DIR}/tools/codegen/generate.py" --service ${SERVICE}
      --table "${TABLE}" --out "${DIRECTORY}" --include ${FOLDER}
    COMMAND "${CMAKE_COMMAND}" -E touch "${DIRECTORY}/shapes.stamp"
    DEPENDS ${CODEGEN} "${TABLE}"
    COMMENT "Generating ${FOLDER}/shapes"
    VERBATIM)
  set_source_files_properties("${DIRECTORY}/shapes.cc" PROPERTIES OBJECT_DEPENDS "${DIRECTORY}/shapes.stamp")
  set(${OUT} "${DIRECTORY}/shapes.stamp" "${DIRECTORY}/shapes.h" "${DIRECTORY}/shapes.cc" PARENT_SCOPE)
endfunction()

"""Compiles a CUDA source to PTX with the NVRTC library of the wheel beside this Python."""

import ctypes
import pathlib
import sys

import nvidia.cuda_nvrtc

OPTIONS = [
    # The oldest architecture whose threads go on independently, as the kernels need.
    "--gpu-architecture=compute_70",
    "--std=c++17",
    # Products and sums are rounded one by one, as on the CPU, so that floats are the same.
    "--fmad=false",
]


def main(source: pathlib.Path, out: pathlib.Path) -> None:
    lib = next(iter(nvidia.cuda_nvrtc.__path__)) + "/lib/libnvrtc.so.12"
    nvrtc = ctypes.CDLL(lib)
    program = ctypes.c_void_p()
    text = source.read_bytes()
    options = [o.encode() for o in [*OPTIONS, f"--include-path={source.parent}"]]

    def check(code: int) -> None:
        if code == 0:
            return
        size = ctypes.c_size_t()
        nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        nvrtc.nvrtcGetProgramLog(program, log)
        sys.exit(f"nvrtc: error {code}\n{log.value.decode()}")

    check(nvrtc.nvrtcCreateProgram(ctypes.byref(program), text, b"kernels.cu", 0, None, None))
    array = (ctypes.c_char_p * len(options))(*options)
    check(nvrtc.nvrtcCompileProgram(program, len(options), array))
    size = ctypes.c_size_t()
    check(nvrtc.nvrtcGetPTXSize(program, ctypes.byref(size)))
    ptx = ctypes.create_string_buffer(size.value)
    check(nvrtc.nvrtcGetPTX(program, ptx))
    out.write_bytes(ptx.value)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))

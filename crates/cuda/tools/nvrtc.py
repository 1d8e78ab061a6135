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
    found = {compiled(nvrtc, source) for _ in range(4)}
    if len(found) > 1:
        kernels = {k for ptx in found for k in set(ptx.split(b".entry ")) if not all(k in p for p in found)}
        names = sorted({k.split(b"(")[0].decode() for k in kernels})
        sys.exit(f"nvrtc: compiles {', '.join(names)} in one way or another; write them more plainly")
    out.write_bytes(found.pop())


def compiled(nvrtc: ctypes.CDLL, source: pathlib.Path) -> bytes:
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
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return ptx.value


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))

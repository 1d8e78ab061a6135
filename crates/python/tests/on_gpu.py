"""Frames of a GPU beside those of the CPU, in a process that has a driver. Memory of the device is read
as memory of this process, which it is with the driver that tests have: prints what does not agree."""

import ctypes
import gc
import multiprocessing
import pickle
import sys
import threading

import numpy as np

import evz

WANTED = [
    {"us": 10_000},
    {"us": 9_000.5, "stride": 6_000},
    {"count": 7_000},
    {"count": 9_000, "stride": 6_000},
    {"count": 5_000, "roi": (20, 30, 100, 90)},
    {"us": 10_000, "polarity": "on"},
    {"times": [[100_000, 110_000], [0, 5], [0, 40_000], [50, 50], [7_000_000, 7_000_001]]},
]


def host(array):
    """What `__cuda_array_interface__` says is there."""
    about = array.__cuda_array_interface__
    address, _ = about["data"]
    reach = sum((n - 1) * s for n, s in zip(about["shape"], about["strides"], strict=True))
    size = reach + np.dtype(about["typestr"]).itemsize
    held = (ctypes.c_uint8 * size).from_address(address)
    view = np.ndarray(about["shape"], about["typestr"], held, 0, about["strides"])
    return view.copy()


class Tensor(ctypes.Structure):
    """DLTensor."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device", ctypes.c_int32 * 2),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("offset", ctypes.c_uint64),
    ]


class Managed(ctypes.Structure):
    """DLManagedTensor."""

    _fields_ = [("tensor", Tensor), ("context", ctypes.c_void_p), ("delete", ctypes.c_void_p)]


class Versioned(ctypes.Structure):
    """DLManagedTensorVersioned."""

    _fields_ = [
        ("version", ctypes.c_uint32 * 2),
        ("context", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    ]


def taken(array, versioned):
    """What a consumer of DLPack has of an array: takes the tensor out of the capsule, and deletes it."""
    api = ctypes.pythonapi
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    api.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
    name, used, kind = (
        (b"dltensor_versioned", b"used_dltensor_versioned", Versioned)
        if versioned
        else (b"dltensor", b"used_dltensor", Managed)
    )
    capsule = array.__dlpack__(stream=1, max_version=(1, 1) if versioned else None)
    at = api.PyCapsule_GetPointer(capsule, name)
    api.PyCapsule_SetName(capsule, used)
    managed = kind.from_address(at)
    if versioned:
        assert managed.version[0] == 1
    tensor = managed.tensor
    assert tuple(tensor.device) == array.__dlpack_device__() == (2, 0) and tensor.lanes == 1
    dtype = np.dtype(f"{'iuf'[tensor.code]}{tensor.bits // 8}")
    shape, strides = tensor.shape[: tensor.ndim], tensor.strides[: tensor.ndim]
    reach = sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) + 1
    held = (ctypes.c_uint8 * (reach * dtype.itemsize)).from_address(tensor.data + tensor.offset)
    by_bytes = [s * dtype.itemsize for s in strides]
    # The array may go: the tensor keeps the memory.
    del array, capsule
    gc.collect()
    values = np.ndarray(shape, dtype, held, 0, by_bytes).copy()
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(managed.delete)(at)
    return values


PAINTED = ("signed", "counts", "total", "binary", "exp-decay", "linear-decay", "time-surface", "merged-time-surface",
           "voxel", "histogram")


def compare(rec, mode, wanted):
    cpu, gpu = rec.frames(mode=mode, **wanted), rec.frames(mode=mode, device="cuda", **wanted)
    what = f"{mode}, {wanted}"
    assert isinstance(gpu, evz.DeviceFrames) and gpu.device == "cuda:0", what
    assert gpu.shape == cpu.shape and gpu.dtype == cpu.dtype and len(gpu) == len(cpu), what
    expected = cpu[:]
    bound = 1e-4 if mode == "voxel" else 0
    for found in (host(gpu[:]), np.stack([host(frame) for frame in gpu]), np.asarray(gpu[:])):
        assert found.dtype == expected.dtype and found.shape == expected.shape, what
        assert np.abs(found.astype("f8") - expected).max() <= bound, what
    for i in (0, len(cpu) // 2, -1):
        one = gpu[i]
        assert one.shape == expected[i].shape == host(one).shape, what
        assert np.abs(host(one).astype("f8") - expected[i]).max() <= bound, what
    for versioned in (False, True):
        assert np.abs(taken(gpu[1:3], versioned).astype("f8") - expected[1:3]).max() <= bound, what
        assert np.abs(taken(gpu[1], versioned).astype("f8") - expected[1]).max() <= bound, what


def refused(rec, how, error, says):
    try:
        rec.frames(us=10_000, device="cuda", **how)
    except error as refusal:
        assert says in str(refusal) and "--" not in str(refusal), refusal
    else:
        raise AssertionError(how)


def in_child(frames):
    try:
        return np.asarray(frames[0])
    except evz.UnsupportedError as error:
        return str(error)


def main(path, unsorted):
    with evz.open(path) as rec:
        for mode in PAINTED:
            compare(rec, mode, WANTED[0])
        for mode in set(evz.MODES) - set(PAINTED):
            refused(rec, {"mode": mode}, evz.UnsupportedError, f"{mode} is painted by the CPU alone")
        split = {"split_polarity": True, "span": "window"}
        compare(rec, "voxel", {"us": 10_000, "bins": 4, "bin_places": "centers", **split})
        compare(rec, "exp-decay", {"us": 10_000, **split, "reverse_time": True})
        compare(rec, "exp-decay", {"us": 10_000, "memory": True})
        compare(rec, "time-surface", {"us": 10_000, "memory": True})
        refused(rec, {"like": "e2vid"}, evz.InvalidArgumentError, "those of e2vid are prepared here")
        for wanted in WANTED[1:]:
            compare(rec, "signed", wanted)
        frames = rec.frames(us=10_000, mode="counts", device="cuda")
        expected = rec.frames(us=10_000, mode="counts")[:]

        # Nobody takes the capsule; or whoever takes it asks for what cannot be.
        frames[0].__dlpack__()
        for wrong in ({"dl_device": (1, 0)}, {"copy": True}):
            try:
                frames[0].__dlpack__(**wrong)
            except BufferError:
                continue
            raise AssertionError(wrong)

        errors = []

        def work(k):
            try:
                for i in range(k, k + 3):
                    assert np.array_equal(np.asarray(frames[i % len(frames)]), expected[i % len(frames)])
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors, errors[:1]

        again = pickle.loads(pickle.dumps(frames))
        assert np.array_equal(np.asarray(again[2]), expected[2])
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert np.array_equal(pool.apply(in_child, (frames,)), expected[0])
        with multiprocessing.get_context("fork").Pool(1) as pool:
            assert "spawn or forkserver" in pool.apply(in_child, (frames,))
    with evz.open(unsorted) as rec:
        times = {"times": [[0, 1_000_000], [10, 20]]}
        cpu, gpu = rec.frames(mode="signed", **times), rec.frames(mode="signed", device="cuda", **times)
        assert np.array_equal(host(gpu[:]), cpu[:])


if __name__ == "__main__":
    main(*sys.argv[1:])

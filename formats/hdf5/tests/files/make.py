"""Writes the files that the tests read, each in gzip, with h5py and hdf5plugin, and truth.json: of each event stream the
number of events and the SHA-256 of its columns t (int64), x, y (uint16) and p (uint8), by numpy.

    pip install h5py hdf5plugin numpy && python make.py
"""

import gzip
import hashlib
import json
import pathlib

import h5py
import hdf5plugin
import numpy as np

HERE = pathlib.Path(__file__).parent
TRUTH = {}


def events(n, seed, t0=0):
    random = np.random.default_rng(seed)
    t = t0 + np.cumsum(random.integers(0, 40, n)).astype("i8")
    x = (random.integers(0, 346, n) // 3 * 3).astype("u2")
    return t, x, random.integers(0, 260, n).astype("u2"), random.integers(0, 2, n).astype("u1")


def truth(file, stream, columns):
    t, x, y, p = columns
    digest = hashlib.sha256()
    for values, kind in ((t, "<i8"), (x, "<u2"), (y, "<u2"), (p, "u1")):
        digest.update(np.ascontiguousarray(values.astype(kind)).tobytes())
    TRUTH.setdefault(file, {})[stream] = {"events": len(t), "sha256": digest.hexdigest()}


def columns_in(group, columns, names="txyp", dtypes=("i8", "u2", "u2", "u1"), **how):
    for name, values, dtype in zip(names, columns, dtypes):
        group.create_dataset(name, data=values.astype(dtype), **how)


def filters(name, libver):
    blosc = {
        f"blosc_{codec}_{shuffle}": hdf5plugin.Blosc(cname=codec, clevel=5, shuffle=shuffle)
        for codec in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")
        for shuffle in (0, 1, 2)
    }
    bits = {
        "bitshuffle_none": hdf5plugin.Bitshuffle(cname="none"),
        "bitshuffle_lz4": hdf5plugin.Bitshuffle(cname="lz4"),
        "bitshuffle_zstd": hdf5plugin.Bitshuffle(cname="zstd"),
        "bitshuffle_64": hdf5plugin.Bitshuffle(cname="lz4", nelems=64),
        "lz4": hdf5plugin.LZ4(),
        "lz4_300": hdf5plugin.LZ4(nbytes=304),
        "zstd": hdf5plugin.Zstd(),
    }
    plain = {
        "plain": {},
        "chunked": {"chunks": (500,)},
        "gzip": {"compression": "gzip", "chunks": (501,)},
        "gzip_shuffle": {"compression": "gzip", "shuffle": True, "chunks": (777,)},
        "fletcher": {"fletcher32": True, "chunks": (333,)},
        "gzip_fletcher": {"compression": "gzip", "fletcher32": True, "chunks": (400,)},
        "lzf_shuffle": {"compression": "lzf", "shuffle": True, "chunks": (400,)},
        "lzf": {"compression": "lzf", "chunks": (999,)},
        "grows": {"maxshape": (None,), "compression": "gzip", "chunks": (60,)},
        "one_chunk": {"compression": "gzip", "chunks": (1100,)},
    }
    with h5py.File(HERE / name, "w", libver=libver) as file:
        for seed, (group, how) in enumerate({**blosc, **bits, **plain}.items()):
            # Chunks of 500 values in blocks of whole rows of 4, and of 501 in blocks that are none.
            chunks = {} if group in plain else {"chunks": (501 if group.endswith("2") else 500,)}
            columns = events(1100, seed)
            columns_in(file.create_group(group), columns, **how, **chunks)
            truth(name, group, columns)


def indexes(name, libver):
    """Chunks so small that their indexes have several levels, or pages."""
    with h5py.File(HERE / name, "w", libver=libver) as file:
        columns = events(2600, 50)
        for group, how in {
            "fixed": {},
            "grows": {"maxshape": (None,)},
            "to_a_point": {"maxshape": (9000,)},
        }.items():
            of_group = file.create_group(group)
            columns_in(of_group, columns[:1], dtypes=("u4",), chunks=(2,), **how)
            columns_in(of_group, columns[1:], "xyp", ("u2", "u2", "u1"), chunks=(1300,), **how)
            truth(name, group, columns)
        table = np.stack([values.astype("u4") for values in columns], 1)
        for group, how in {
            "table_grows": {"maxshape": (None, 4), "chunks": (100, 4)},
            "table_by_column": {"chunks": (64, 1), "compression": "gzip"},
            "table_by_two": {"maxshape": (None, 4), "chunks": (50, 2)},
            "table_both": {"maxshape": (None, None), "chunks": (3, 2), "compression": "gzip"},
            "table_both_plain": {"maxshape": (None, None), "chunks": (7, 4)},
            "table_plain": {},
        }.items():
            file.create_group(group).create_dataset("events", data=table, **how)
            truth(name, group, columns)


def layouts():
    """A file for each layout that is known."""
    with h5py.File(HERE / "tumvie.h5", "w") as file:
        columns = events(500, 1)
        columns_in(file.create_group("events"), columns, dtypes=("i8", "u2", "u2", "?"), chunks=(100,))
        truth("tumvie.h5", "events", columns)
    with h5py.File(HERE / "m3ed.h5", "w") as file:
        for seed, side in enumerate(("left", "right")):
            columns = events(400, seed + 2)
            group = file.create_group(f"prophesee/{side}")
            columns_in(group, columns, dtypes=("i8", "u2", "u2", "i1"), maxshape=(None,), chunks=(128,), compression="lzf")
            group["ms_map_idx"] = np.arange(9, dtype="u8")
            group["calib/resolution"] = np.array([1280, 720])
            truth("m3ed.h5", side, columns)
        file["ovc/ts"] = np.arange(5)
    with h5py.File(HERE / "mvsec.h5", "w") as file:
        for seed, side in enumerate(("left", "right")):
            t, x, y, p = columns = events(300, seed + 4, 1_504_645_177_425_312)
            table = np.stack([x, y, t / 1e6, p * 2.0 - 1], 1)
            group = file.create_group(f"davis/{side}")
            group.create_dataset("events", data=table, chunks=(64, 1), compression="gzip")
            truth("mvsec.h5", side, columns)
            random = np.random.default_rng(seed)
            images = random.integers(0, 256, (5, 6, 8), "u1")
            group.create_dataset("image_raw", data=images, chunks=(2, 3, 5), compression="gzip")
            group["image_raw_ts"] = t[::60] / 1e6
            group["image_raw_event_inds"] = np.arange(0, 300, 60)
            imu = random.normal(size=(7, 6))
            group["imu"] = imu
            TRUTH["mvsec.h5"][side]["frames"] = hashlib.sha256(images.tobytes()).hexdigest()
            TRUTH["mvsec.h5"][side]["imu_last"] = float(np.float32(imu[6, 5]))
            group["imu_ts"] = t[:7] / 1e6
    with h5py.File(HERE / "v2e.h5", "w") as file:
        t, x, y, p = columns = events(700, 6)
        table = np.stack([t, x, y, p], 1).astype("u4")
        file.create_dataset("events", data=table, maxshape=(None, 4), chunks=(512, 4))
        truth("v2e.h5", "events", columns)
    with h5py.File(HERE / "v2e_seconds.h5", "w") as file:
        table = np.stack([t / 1e6, x, y, p], 1).astype("f8")
        file.create_dataset("events", data=table)
        truth("v2e_seconds.h5", "events", columns)
    for libver in ("earliest", "latest"):
        name = f"monash_{libver}.h5"
        with h5py.File(HERE / name, "w", libver=libver) as file:
            t, x, y, p = columns = events(600, 7)
            kinds = ("f8", "i2", "i2", "?")
            columns_in(file.create_group("events"), (t / 1e6, x, y, p), ("ts", "xs", "ys", "ps"), kinds, chunks=(256,))
            truth(name, "events", columns)
            group = file.create_group("images")
            for i in range(40):
                image = group.create_dataset(f"image{i:09}", data=np.full((4, 5), i, "u1"))
                image.attrs["timestamp"] = t[i * 15] / 1e6
                image.attrs["size"] = (4, 5)
                image.attrs["event_idx"] = i * 15
            for key in ("num_events", "num_pos", "num_neg", "duration", "t0", "tk", "num_imgs", "num_flow", "a", "b"):
                file.attrs[key] = 1
            file.attrs["sensor_resolution"] = (260, 346)
    with h5py.File(HERE / "prophesee.h5", "w") as file:
        t, x, y, p = columns = events(900, 8)
        kind = np.dtype([("x", "<u2"), ("y", "<u2"), ("p", "<i2"), ("t", "<i8")])
        record = np.empty(900, kind)
        record["x"], record["y"], record["p"], record["t"] = x, y, p, t
        file.create_dataset("CD/events", data=record, maxshape=(None,), chunks=(256,))
        index = np.zeros(4, [("id", "<u8"), ("ts", "<i8")])
        file.create_dataset("CD/indexes", data=index).attrs["offset"] = "0"
        triggers = np.zeros(3, [("p", "<i2"), ("t", "<i8"), ("id", "<i2")])
        triggers["p"], triggers["t"], triggers["id"] = (1, 0, 1), (10, 2000, 9000), (0, 0, 6)
        file.create_dataset("EXT_TRIGGER/events", data=triggers)
        file.attrs["geometry"] = "1280x720"
        file.attrs["serial_number"] = "00001621"
        truth("prophesee.h5", "CD", columns)
    with h5py.File(HERE / "dsec.h5", "w") as file:
        t, x, y, p = columns = events(3000, 9, 41_000_000_123)
        offset = int(t[0])
        kinds = ("u4", "u2", "u2", "u1")
        blosc = hdf5plugin.Blosc(cname="zstd", clevel=1, shuffle=1)
        columns_in(file.create_group("events"), (t - offset, x, y, p), dtypes=kinds, chunks=(1024,), **blosc)
        ms = np.arange((int(t[-1]) - offset) // 1000 + 2)
        file["ms_to_idx"] = np.searchsorted(t - offset, ms * 1000).astype("u8")
        file["t_offset"] = np.int64(offset)
        truth("dsec.h5", "events", columns)


def ecf(t, x, y, p):
    """A chunk as Prophesee's ECF has it: times in runs of one event, y, x and p packed together."""
    chunk = bytearray((len(t) << 2 | 2).to_bytes(4, "little") + int(t[0]).to_bytes(8, "little"))
    now = t[0]
    for time in t:
        step, now = int(time - now), time
        if step >= 15:
            while step:
                chunk.append(0xF0 | step & 15)
                step >>= 4
        chunk.append(step << 4 | 1)
    packed = [int(c) << 12 | int(b) << 1 | int(d) for b, c, d in zip(x, y, p)]
    packed += [0] * (-len(packed) % 4)
    for a, b, c, d in zip(*[iter(packed)] * 4):
        for word in (a << 8 | b & 0xFF, b >> 8 << 16 | c & 0xFFFF, c >> 16 << 24 | d):
            chunk += word.to_bytes(4, "little")
    return bytes(chunk)


def prophesee_ecf():
    """Chunks with the filter, one that did not go through it, and one that is missing."""
    with h5py.File(HERE / "ecf.h5", "w") as file:
        columns = events(350, 15)
        kind = np.dtype([("x", "<u2"), ("y", "<u2"), ("p", "<i2"), ("t", "<i8")], align=True)
        record = np.zeros(400, kind)
        for name, values in zip("txyp", columns):
            record[name][:350] = values
        how = {"compression": 36559, "allow_unknown_filter": True}
        dataset = file.create_dataset("CD/events", (350,), record.dtype, chunks=(100,), **how)
        for start in (0, 300):
            part = [values[start : start + 100] for values in columns]
            dataset.id.write_direct_chunk((start,), ecf(*part))
        dataset.id.write_direct_chunk((100,), record[100:200].tobytes(), 1)
        kept = np.r_[0:200, 300:350]
        truth("ecf.h5", "CD", tuple(values[kept] for values in columns))


def prophesee_indexed():
    """With the index as Metavision writes it: every 2 ms, times that count from the first event."""
    with h5py.File(HERE / "prophesee_indexed.h5", "w") as file:
        n = 12_000
        t, x, y, p = columns = events(n, 17, 5_000_000)
        record = np.empty(n, [("x", "<u2"), ("y", "<u2"), ("p", "<i2"), ("t", "<i8")])
        record["x"], record["y"], record["p"], record["t"] = x, y, p, t
        file.create_dataset("CD/events", data=record, chunks=(256,), compression="gzip")
        since = t - t[0]
        entries = [(0, -1)]
        for start in range(0, int(since[-1]) - 2000, 2000):
            first = int(np.searchsorted(since, start))
            entries.append((first, int(since[first])))
        index = np.array(entries, [("id", "<u8"), ("ts", "<i8")])
        file.create_dataset("CD/indexes", data=index, chunks=(64,)).attrs["offset"] = str(-t[0])
        truth("prophesee_indexed.h5", "CD", columns)


def out_of_order():
    """A clock that starts again in the middle, and times that go back and forth, with indexes."""
    with h5py.File(HERE / "out_of_order.h5", "w") as file:
        for stream, seed in (("left", 18), ("right", 19)):
            t, x, y, p = events(6_000, seed)
            if stream == "left":
                t = np.concatenate([t[:3_000], t[:3_000] + 7])
                of_index = t[:3_000]
            else:
                t[10::50] = np.maximum(t[10::50] - 300, 0)
                of_index = np.sort(t)
            ms = np.arange(int(of_index[-1]) // 1000 + 2)
            group = file.create_group(f"prophesee/{stream}")
            columns_in(group, (t, x, y, p), chunks=(256,), compression="gzip")
            group["ms_map_idx"] = np.searchsorted(of_index, ms * 1000).astype("u8")
            truth("out_of_order.h5", stream, (t, x, y, p))


def odd():
    """What is unusual, and can be read."""
    with h5py.File(HERE / "odd.h5", "w", userblock_size=1024) as file:
        columns = events(200, 10)
        columns_in(file.create_group("big_endian"), columns, dtypes=(">i8", ">u2", ">i4", ">f4"))
        columns_in(file.create_group("signs"), (*columns[:3], columns[3] * 2.0 - 1), dtypes=("i8", "f4", "f8", "i2"))
        for stream in ("big_endian", "signs"):
            truth("odd.h5", stream, columns)
            file[f"{stream}/t"].attrs["unit"] = "us"
        # Compact, with a type of its own name.
        file["kind"] = np.dtype("<u2")
        group = file.create_group("compact")
        for name, values in zip("txyp", columns):
            create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            create.set_layout(h5py.h5d.COMPACT)
            create.set_obj_track_times(False)
            kind = file["kind"].id if name in "xy" else h5py.h5t.py_create(values.dtype)
            dataset = h5py.h5d.create(group.id, name.encode(), kind, h5py.h5s.create_simple((200,)), create)
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(values))
        file["compact/t"].attrs["units"] = np.bytes_("microseconds")
        truth("odd.h5", "compact", columns)
        # Other names, and one behind the other: only paths can tell.
        file["raw/when"] = columns[0]
        file["raw/where"] = np.stack(columns[1:3], 1).astype("i4")
        file["raw/sign"] = np.array([(0, bit) for bit in columns[3]], [("label", "i4"), ("on", "?")])
        file["link"] = h5py.SoftLink("/raw")
        truth("odd.h5", "paths", columns)


def left_out():
    """Files that are refused, or of which a part is."""
    with h5py.File(HERE / "holes.h5", "w") as file:
        columns = events(1000, 11)
        group = file.create_group("events")
        for name, values, dtype in zip("txyp", columns, ("i8", "u2", "u2", "u1")):
            dataset = group.create_dataset(name, (1000,), dtype, chunks=(100,))
            dataset[:300] = values[:300]
            # Of y a chunk is missing.
            start = 500 if name == "y" else 400
            dataset[start:900] = values[start:900]
        kept = np.r_[0:300, 500:900]
        truth("holes.h5", "events", tuple(values[kept] for values in columns))
    with h5py.File(HERE / "filters_not_read.h5", "w") as file:
        columns = events(100, 12)
        columns_in(file.create_group("events"), columns, chunks=(50,), **hdf5plugin.Blosc2())
    with h5py.File(HERE / "virtual.h5", "w") as file:
        file.create_virtual_dataset("t", h5py.VirtualLayout((10,), "i8"))
        columns_in(file, events(10, 13)[1:], "xyp", ("u2", "u2", "u1"))
    with h5py.File(HERE / "elsewhere.h5", "w") as file:
        file["events"] = h5py.ExternalLink("other.h5", "events")
        file["numbers"] = np.arange(10)
        file["table"] = np.zeros((3, 4), "f4")
    with h5py.File(HERE / "whole_no_unit.h5", "w") as file:
        columns_in(file, events(10, 14))
        truth("whole_no_unit.h5", "us", events(10, 14))
    with h5py.File(HERE / "nanoseconds.h5", "w") as file:
        columns = events(10, 16, 1_700_000_000_000_000_000)
        columns_in(file.create_group("events"), columns)
        truth("nanoseconds.h5", "events", columns)



def units():
    """Layouts whose names or attributes say another unit than they have as a rule."""
    with h5py.File(HERE / "units.h5", "w", libver="latest") as file:
        t, x, y, p = columns = events(200, 20)
        for stream, name in (("by_ns", "t_ns"), ("by_ms", "t_ms")):
            columns_in(file.create_group(f"{stream}/events"), columns, (name, "x", "y", "p"))
            truth("units.h5", stream, columns)
        for stream, name in (("record_ns", "t_ns"), ("record_ms", "timestamp_ms")):
            record = np.empty(200, [(name, "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])
            record[name], record["x"], record["y"], record["p"] = columns
            file.create_dataset(f"{stream}/events", data=record)
            truth("units.h5", stream, columns)
        columns_in(file.create_group("prophesee/left"), columns, ("t_ns", "x", "y", "p"))
        truth("units.h5", "left", columns)
        columns_in(file.create_group("attribute/events"), columns, ("t_ns", "x", "y", "p"))
        file["attribute/events/t_ns"].attrs["units"] = "ms"
        truth("units.h5", "attribute", columns)
        # Floats of milliseconds, of which the layout is that of no document.
        table = np.stack([t / 1e3, x, y, p], 1)
        file.create_dataset("table/events", data=table).attrs["unit"] = "ms"
        truth("units.h5", "table", columns)
        record = np.empty(200, [("x", "<u2"), ("y", "<u2"), ("p", "<i2"), ("t", "<f8")])
        record["t"], record["x"], record["y"], record["p"] = t / 1e6, x, y, p
        file.create_dataset("CD/events", data=record)
        truth("units.h5", "CD", columns)
    with h5py.File(HERE / "units_unknown.h5", "w", libver="latest") as file:
        for stream, unit in (("ticks", "100ns"), ("epoch", "microseconds since epoch"), ("number", 1000)):
            columns_in(file.create_group(f"{stream}/events"), columns)
            file[f"{stream}/events/t"].attrs["unit"] = unit
        # Microseconds that are kept as floats.
        kinds = ("f8", "i2", "i2", "?")
        columns_in(file.create_group("monash/events"), columns, ("ts", "xs", "ys", "ps"), kinds)
        table = np.stack([x, y, t, p * 2.0 - 1], 1)
        file.create_dataset("davis/right/events", data=table)
        for stream in ("ticks", "epoch", "number", "monash", "right"):
            truth("units_unknown.h5", stream, columns)


def many():
    """More groups, and names in a group, than most files have; a group far down; links into another file."""
    with h5py.File(HERE / "many.h5", "w", libver="latest") as file:
        names = ("t_us", "x", "y", "p")
        for i in range(100):
            columns = events(1 + i % 3, 100 + i, i)
            columns_in(file.create_group(f"s{i:03}"), columns, names)
            truth("many.h5", f"s{i:03}", columns)
        columns = events(5, 21)
        for path, stream in (("wide/events", "wide"), ("a/b/c/d/e/f/g/h/i/deep", "deep")):
            columns_in(file.create_group(path), columns, names)
            truth("many.h5", stream, columns)
        for i in range(64):
            file.create_dataset(f"wide/events/a{i:02}", data=i)
        file["wide/events/far"] = h5py.ExternalLink("other.h5", "events")
        file["elsewhere"] = h5py.ExternalLink("other.h5", "events")


filters("filters_earliest.h5", "earliest")
filters("filters_latest.h5", "latest")
indexes("indexes_earliest.h5", "earliest")
indexes("indexes_latest.h5", "latest")
layouts()
prophesee_ecf()
prophesee_indexed()
out_of_order()
odd()
left_out()
units()
many()
for path in HERE.glob("*.h5"):
    # The time of the file is left out, so that the same bytes come again.
    (HERE / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()
(HERE / "truth.json").write_text(json.dumps(TRUTH, indent=1) + "\n")

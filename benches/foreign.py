"""Recordings in HDF5 and of robots, read by evz and by what Python has.

    python benches/foreign.py --evz BIN --recordings DIR --work DIR     # with h5py, hdf5plugin, rosbags, faery

Files of real events: evt2_dsec.h5 one behind the other up to 10 M events, as DSEC packs them (Blosc with Zstandard);
its events as `dvs_msgs/EventArray` in a ROS 1 bag, plain and LZ4, and in an MCAP of ROS 2, 1 M of them, for to make each
an object is what takes rosbags its time. evz is timed by `evz bench parse`, to columns that are thrown away; Python in a
warm process, to columns of NumPy, of HDF5 into memory that was used before; both from the page cache, the best of --runs.
"""

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np


def events_of(recordings, n):
    """The events of a real recording, one behind the other."""
    import h5py
    import hdf5plugin  # noqa: F401

    with h5py.File(recordings / "evt2_dsec.h5") as file:
        columns = {name: file[f"events/{name}"][:] for name in "txyp"}
    t = columns["t"].astype("i8")
    t -= t[0]
    k = -(-n // len(t))
    times = np.concatenate([t + i * (int(t[-1]) + 1) for i in range(k)])[:n]
    return {"t": times} | {name: np.tile(columns[name], k)[:n] for name in "xyp"}


def make_hdf5(path, events):
    import h5py
    import hdf5plugin

    packing = dict(chunks=(100_000,), **hdf5plugin.Blosc(cname="zstd", clevel=1, shuffle=hdf5plugin.Blosc.SHUFFLE))
    types = {"t": "u4", "x": "u2", "y": "u2", "p": "u1"}
    with h5py.File(path, "w") as file:
        for name, values in events.items():
            file.create_dataset(f"events/{name}", data=values.astype(types[name]), **packing)
        file["t_offset"] = np.int64(0)


def stores():
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore

    made = {}
    for version, which in ((1, Stores.ROS1_NOETIC), (2, Stores.ROS2_HUMBLE)):
        made[version] = store = get_typestore(which)
        event = "uint16 x\nuint16 y\nbuiltin_interfaces/Time ts\nbool polarity\n"
        array = "std_msgs/Header header\nuint32 height\nuint32 width\ndvs_msgs/Event[] events\n"
        store.register(get_types_from_msg(event, "dvs_msgs/msg/Event"))
        store.register(get_types_from_msg(array, "dvs_msgs/msg/EventArray"))
    return made


def make_bags(work, events):
    from rosbags.rosbag1 import Writer as Writer1
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer as Writer2

    kind = "dvs_msgs/msg/EventArray"

    def messages(store):
        types = store.types
        time_of, event = types["builtin_interfaces/msg/Time"], types["dvs_msgs/msg/Event"]
        header = types["std_msgs/msg/Header"]
        step = 10_000
        for a in range(0, len(events["t"]), step):
            part = [events[name][a : a + step].tolist() for name in "txyp"]
            rows = [event(x, y, time_of(t // 10**6, t % 10**6 * 1000), bool(p)) for t, x, y, p in zip(*part)]
            stamp = time_of(1, 0)
            head = header(seq=0, stamp=stamp, frame_id="") if "seq" in header.__annotations__ else header(stamp, "")
            yield types[kind](head, 720, 1280, rows)

    for name, compression in (("plain.bag", None), ("lz4.bag", Writer1.CompressionFormat.LZ4)):
        bag = Writer1(work / name)
        if compression:
            bag.set_compression(compression)
        with bag as writer:
            store = stores()[1]
            connection = writer.add_connection("/events", kind, typestore=store)
            for i, message in enumerate(messages(store)):
                writer.write(connection, i, store.serialize_ros1(message, kind))
    with Writer2(work / "mcap", version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        store = stores()[2]
        connection = writer.add_connection("/events", kind, typestore=store)
        for i, message in enumerate(messages(store)):
            writer.write(connection, i, store.serialize_cdr(message, kind))


def into(held, key, dataset):
    """All of a dataset in memory that was used before, as the columns of evz are."""
    if key not in held:
        held[key] = np.empty(dataset.shape, dataset.dtype)
    dataset.read_direct(held[key])
    return held[key]


def read_hdf5(path, held):
    import h5py
    import hdf5plugin  # noqa: F401

    with h5py.File(path) as file:
        return [into(held, name, file[f"events/{name}"]) for name in "txyp"]


def read_bag(path):
    from rosbags.highlevel import AnyReader

    columns = [[], [], [], []]
    with AnyReader([path]) as reader:
        for connection, _, raw in reader.messages():
            events = reader.deserialize(raw, connection.msgtype).events
            columns[0].append(np.array([e.ts.sec * 10**9 + e.ts.nanosec for e in events]))
            columns[1].append(np.array([e.x for e in events], "u2"))
            columns[2].append(np.array([e.y for e in events], "u2"))
            columns[3].append(np.array([e.polarity for e in events], "u1"))
    return [np.concatenate(column) for column in columns]


def read_ecf(path, held):
    import h5py

    with h5py.File(path) as file:
        return [into(held, "ecf", file["CD/events"])]


def read_faery(path):
    import faery

    return [np.concatenate([part.copy() for part in faery.events_stream_from_file(path)])]


def parse(evz, path, *options):
    """Millions of events a second of the file, whatever the options leave."""
    run = subprocess.run([evz, "bench", "parse", path, "--json", *options], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


FILTERS = [
    "--hot-pixels=5sd/1s", "--refractory=1ms", "--background=2ms", "--decimate=4", "--invert-polarity",
    "--crop=100,100,400,300", "--flip=x", "--rotate=90", "--transpose", "--time-shift=1s",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evz", required=True)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--ecf-plugin", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    work = args.work
    if not (work / "made").exists():
        work.mkdir(parents=True, exist_ok=True)
        make_hdf5(work / "dsec.h5", events_of(args.recordings, 10_000_000))
        make_bags(work, events_of(args.recordings, 1_000_000))
        for name, *options in (["e.es"], ["evt2.raw", "--raw-encoding=evt2"], ["evt4.raw", "--raw-encoding=evt4"]):
            told = ["--size=640x480", "--force", *options]
            subprocess.run([args.evz, "convert", work / "dsec.h5", work / name, *told], check=True)
        (work / "made").touch()
    mcap = next((work / "mcap").glob("*.mcap"))
    held = {}
    files = [
        ("DSEC's HDF5, h5py", work / "dsec.h5", lambda: read_hdf5(work / "dsec.h5", held)),
        ("bag, rosbags", work / "plain.bag", lambda: read_bag(work / "plain.bag")),
        ("bag in LZ4, rosbags", work / "lz4.bag", lambda: read_bag(work / "lz4.bag")),
        ("MCAP, rosbags", mcap, lambda: read_bag(work / "mcap")),
        ("Event Stream, faery", work / "e.es", lambda: read_faery(work / "e.es")),
    ]
    if args.ecf_plugin:
        os.environ["HDF5_PLUGIN_PATH"] = str(args.ecf_plugin)
        ecf = args.recordings / "evt2_ecf.h5"
        files.append(("ECF, h5py with the reference plugin", ecf, lambda: read_ecf(ecf, held)))
    print("| | evz, M events/s | other | ratio |\n| --- | --- | --- | --- |")
    for name, path, read in files:
        ours, others = [], []
        for _ in range(args.runs):
            ours.append(parse(args.evz, path)["events_per_s"] / 1e6)
            start = time.perf_counter()
            columns = read()
            others.append(len(columns[0]) / (time.perf_counter() - start) / 1e6)
        print(f"| {name} | {max(ours):.1f} | {max(others):.2f} | {max(ours) / max(others):.1f} |", flush=True)
    best = lambda *told: max(parse(args.evz, *told)["events_per_s"] for _ in range(args.runs)) / 1e6
    evt2, evt4 = best(work / "evt2.raw"), best(work / "evt4.raw")
    print(f"\nEVT2 {evt2:.0f} M events/s, EVT4 {evt4:.0f}: {evt4 / evt2:.2f} times")

    # What a filter costs an event that it sees, on one thread, which is a core: on a dense scene of a small
    # sensor, a calm one of a large sensor, and a made one all over a large sensor.
    made = work / "synth.raw"
    if not made.exists():
        told = ["--size=1280x720", "--events=10M", "--seed=3"]
        subprocess.run([args.evz, "synth", made, *told], check=True)
    scenes = [work / "evt2.raw", args.recordings / "evt3.raw", made]

    def ns(scene, *told):
        found = [parse(args.evz, scene, "--threads=1", *told) for _ in range(args.runs)]
        return min(run["events"] / run["events_per_s"] for run in found) * 1e9, found[0]["events"]

    plain = {scene: ns(scene) for scene in scenes}
    print("\n| filter, ns an event |", *(f"{scene.name} |" for scene in scenes))
    print("| --- | --- | --- | --- |")
    for filter in FILTERS:
        costs = [(ns(scene, filter)[0] - plain[scene][0]) / plain[scene][1] for scene in scenes]
        print(f"| `{filter}` |", *(f"{cost:.1f} |" for cost in costs), flush=True)


if __name__ == "__main__":
    main()

"""Writes the recordings of tests/data with rosbags and mcap, and in data/expected.json what is in them.

    pip install rosbags mcap numpy && python tests/make.py
"""

import json
import shutil
import struct
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from mcap.writer import CompressionType, IndexType, Writer as McapWriter
from rosbags.rosbag1 import Writer as BagWriter
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.rosbag2 import Writer as Bag2Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

DATA = Path(__file__).parent / "data"
EPOCH = 1_700_000_000_123_456_789
DEFINITIONS = {
    "dvs_msgs/msg/Event": "uint16 x\nuint16 y\ntime ts\nbool polarity\n",
    "dvs_msgs/msg/EventArray": "std_msgs/Header header\nuint32 height\nuint32 width\ndvs_msgs/Event[] events\n",
    "prophesee_event_msgs/msg/Event": "uint16 x\nuint16 y\ntime ts\nbool polarity\n",
    "prophesee_event_msgs/msg/EventArray": "std_msgs/Header header\nuint32 height\nuint32 width\nprophesee_event_msgs/Event[] events\n",
}
PACKET = """std_msgs/Header header
uint32 height
uint32 width
uint64 seq
uint64 time_base
string encoding
bool is_bigendian
uint8[] events
"""
DEFINITIONS["event_camera_msgs/msg/EventPacket"] = PACKET
DEFINITIONS["event_array_msgs/msg/EventArray"] = PACKET


def store(which, time):
    types = get_typestore(which)
    for name, definition in DEFINITIONS.items():
        types.register(get_types_from_msg(definition.replace("time ts", f"{time} ts"), name))
    return types


ROS1 = store(Stores.ROS1_NOETIC, "builtin_interfaces/Time")
ROS2 = store(Stores.ROS2_HUMBLE, "builtin_interfaces/Time")
rng = np.random.default_rng(7)


def events(n, first, step, width, height, whole=1):
    """n events whose times are whole multiples of `whole` nanoseconds after the first."""
    t = first + np.cumsum(rng.integers(0, step, n)) * whole
    return {
        "t": t.tolist(),
        "x": rng.integers(0, width, n).tolist(),
        "y": rng.integers(0, height, n).tolist(),
        "p": rng.integers(0, 2, n).tolist(),
    }


def stamp(types, ns):
    return types.types["builtin_interfaces/msg/Time"](int(ns) // 10**9, int(ns) % 10**9)


def header(types, ns, frame="camera"):
    cls = types.types["std_msgs/msg/Header"]
    at = stamp(types, ns)
    return cls(seq=5, stamp=at, frame_id=frame) if types is ROS1 else cls(stamp=at, frame_id=frame)


def pieces(n, step):
    return [(i, min(i + step, n)) for i in range(0, n, step)]


def arrays(types, package, topic, e, width, height, step=23):
    """Messages of a list of events each; the first is empty."""
    cls = types.types[f"{package}/msg/EventArray"]
    event = types.types[f"{package}/msg/Event"]
    yield topic, f"{package}/msg/EventArray", e["t"][0], cls(header(types, e["t"][0]), height, width, [])
    for a, b in pieces(len(e["t"]), step):
        rows = zip(e["x"][a:b], e["y"][a:b], e["t"][a:b], e["p"][a:b])
        list_ = [event(x, y, stamp(types, t), bool(p)) for x, y, t, p in rows]
        # The stamp of the message is not the time of any event.
        message = cls(header(types, e["t"][a] + 777), height, width, list_)
        yield topic, f"{package}/msg/EventArray", e["t"][b - 1], message


def packets(types, kind, topic, encoding, parts, width, height, first=EPOCH):
    """Messages of (time base, bytes); the numbers leave out one after the second."""
    cls = types.types[kind]
    for i, (base, data) in enumerate(parts):
        seq = 40 + i + (i > 1)
        at = first + i * 1_000_000
        message = cls(header(types, at), height, width, seq, base, encoding, False, np.frombuffer(data, "u1"))
        yield topic, kind, at, message


def imu(types, topic, n, first):
    vector, quaternion = types.types["geometry_msgs/msg/Vector3"], types.types["geometry_msgs/msg/Quaternion"]
    for i in range(n):
        v = np.arange(10) / 7 + i
        cov = np.arange(9) * 0.5
        at = first + i * 500_001
        message = types.types["sensor_msgs/msg/Imu"](
            header(types, at, "imu"), quaternion(*v[:4]), cov, vector(*v[4:7]), cov + 1, vector(*v[7:]), cov + 2)
        yield topic, "sensor_msgs/msg/Imu", at, message


def image(types, topic, encoding, width, height, channels, padding, first, n=2):
    for i in range(n):
        step = width * channels + padding
        data = (np.arange(step * height) + i).astype("u1")
        message = types.types["sensor_msgs/msg/Image"](
            header(types, first + i * 1_000_003, "optical"), height, width, encoding, 0, step, data)
        yield topic, "sensor_msgs/msg/Image", first + i * 1_000_003, message


def others(types, first):
    yield from imu(types, "/dvs/imu", 5, first)
    yield from image(types, "/dvs/image_raw", "mono8", 4, 3, 1, 2, first)
    yield from image(types, "/dvs/image_color", "rgb8", 3, 2, 3, 0, first)
    compressed = types.types["sensor_msgs/msg/CompressedImage"]
    yield "/dvs/image/compressed", "sensor_msgs/msg/CompressedImage", first, compressed(
        header(types, first), "jpeg", np.frombuffer(b"\xff\xd8 not a picture", "u1"))
    cls = types.types["sensor_msgs/msg/CameraInfo"]
    roi = types.types["sensor_msgs/msg/RegionOfInterest"](1, 2, 3, 4, True)
    arrays = [np.arange(n) / 3 for n in (5, 9, 9, 12)]
    yield "/dvs/camera_info", "sensor_msgs/msg/CameraInfo", first, cls(
        header(types, first, "optical"), 12, 20, "plumb_bob", *arrays, 1, 1, roi)
    string = types.types["std_msgs/msg/String"]
    for word in ["what", "nobody", "reads"]:
        yield "/chatter", "std_msgs/msg/String", first, string(word)


def bag(name, messages, compression=None, threshold=2000):
    path = DATA / name
    path.unlink(missing_ok=True)
    writer = BagWriter(path)
    if compression:
        writer.set_compression(compression)
    writer.chunk_threshold = threshold
    with writer:
        connections = {}
        for topic, kind, at, message in sorted(messages, key=lambda m: m[2]):
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=ROS1)
            writer.write(connections[topic], at, ROS1.serialize_ros1(message, kind))


def mcap(name, messages, types=ROS2, profile="ros2", **options):
    out = BytesIO()
    writer = McapWriter(out, **({"chunk_size": 2000} | options))
    writer.start(profile=profile, library="evz tests")
    channels = {}
    for topic, kind, at, message in sorted(messages, key=lambda m: m[2]):
        if topic not in channels:
            definition, _ = types.generate_msgdef(kind, ros_version=2 if types is ROS2 else 1)
            encoding = "ros2msg" if types is ROS2 else "ros1msg"
            schema_name = kind if types is ROS2 else kind.replace("/msg/", "/")
            schema = writer.register_schema(schema_name, encoding, definition.encode())
            channels[topic] = writer.register_channel(topic, "cdr" if types is ROS2 else "ros1", schema)
        data = types.serialize_cdr(message, kind) if types is ROS2 else types.serialize_ros1(message, kind)
        writer.add_message(channels[topic], at, bytes(data), at)
    writer.add_attachment(1, 1, "notes.txt", "text/plain", b"an attachment")
    writer.add_metadata("robot", {"name": "r2"})
    writer.finish()
    (DATA / name).write_bytes(out.getvalue())


def db3(name, messages, mode=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bag"
        writer = Bag2Writer(path, version=9, storage_plugin=StoragePlugin.SQLITE3)
        if mode:
            writer.set_compression(mode, CompressionFormat.ZSTD)
        with writer:
            connections = {}
            for topic, kind, at, message in sorted(messages, key=lambda m: m[2]):
                if topic not in connections:
                    connections[topic] = writer.add_connection(topic, kind, typestore=ROS2)
                writer.write(connections[topic], at, bytes(ROS2.serialize_cdr(message, kind)))
        found = [p for p in path.iterdir() if p.suffix != ".yaml"]
        assert len(found) == 1, found
        shutil.copy(found[0], DATA / name)


def mono(e, base, step=30):
    for a, b in pieces(len(e["t"]), step):
        at = e["t"][a] - 5
        words = [(t - at) | x << 32 | y << 48 | p << 63
                 for t, x, y, p in zip(e["t"][a:b], e["x"][a:b], e["y"][a:b], e["p"][a:b])]
        yield at + base, struct.pack(f"<{b - a}Q", *words)


def libcaer(e, step=30):
    """The clock of the last packet starts again within it."""
    parts = pieces(len(e["t"]), step)
    for i, (a, b) in enumerate(parts):
        base = e["t"][a] - (2**31 - 3) * 1000 if i == len(parts) - 1 else e["t"][a]
        words = []
        for t, x, y, p in zip(e["t"][a:b], e["x"][a:b], e["y"][a:b], e["p"][a:b]):
            us = (t - base) // 1000
            words += [p << 1 | y << 2 | x << 17 | 1, us % 2**31]
        yield base, struct.pack(f"<{len(words)}I", *words)


def libcaer_cmp(e, step=30):
    for a, b in pieces(len(e["t"]), step):
        base, words, high, low = e["t"][a], [], 0, 0
        for t, x, y, p in zip(e["t"][a:b], e["x"][a:b], e["y"][a:b], e["p"][a:b]):
            us = (t - base) // 1000
            if us >> 12 != high:
                high = us >> 12
                words.append(high)
            if us & 0xFFF != low:
                low = us & 0xFFF
                words.append(1 << 12 | low)
            words += [2 << 12 | x, 3 << 12 | p << 11 | y]
        # Two vectors of pixels above one another, from row 1 on: 1, 2, 4 and 9.
        words += [2 << 12 | 6, 4 << 12 | 1 << 11 | 1, 5 << 12 | 0b1011, 5 << 12 | 0b1]
        for y in [1, 2, 4, 9]:
            at = base + ((high << 12) | low) * 1000
            e.setdefault("with_vectors", []).append((b, at, 6, y, 1))
        yield base, struct.pack(f"<{len(words)}H", *words)


def with_vectors(e):
    """The events with those of vectors behind each packet."""
    rows, vectors = list(zip(e["t"], e["x"], e["y"], e["p"])), e.pop("with_vectors")
    for at, *event in reversed(vectors):
        rows.insert(at, tuple(event))
    t, x, y, p = (list(column) for column in zip(*rows))
    return {"t": t, "x": x, "y": y, "p": p}


def evt3(e, step=40):
    """Words in microseconds; a rising edge at input 3 before each packet but the first."""
    words, parts, high, low = [], [], None, None
    for i, (t, x, y, p) in enumerate(zip(e["t"], e["x"], e["y"], e["p"])):
        if i % step == 0 and i > 0:
            parts.append(words)
            words = [0xA << 12 | 3 << 8 | 1]
        if t >> 12 != high:
            high, low = t >> 12, 0
            words.append(0x8 << 12 | high & 0xFFF)
        if t & 0xFFF != low:
            low = t & 0xFFF
            words.append(0x6 << 12 | low)
        words += [y, 0x2 << 12 | p << 11 | x]
    parts.append(words)
    for words in parts:
        yield 0, struct.pack(f"<{len(words)}H", *words)


def main():
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir()
    expected = {}
    dvs = events(150, EPOCH, 20_000, 20, 12)
    expected["dvs"] = dvs

    def of_dvs(types):
        return [*arrays(types, "dvs_msgs", "/dvs/events", dvs, 20, 12), *others(types, EPOCH + 1_001)]

    formats = BagWriter.CompressionFormat
    bag("dvs.bag", of_dvs(ROS1))
    bag("dvs_lz4.bag", of_dvs(ROS1), formats.LZ4)
    bag("dvs_bz2.bag", of_dvs(ROS1), formats.BZ2)
    mcap("dvs_zstd.mcap", of_dvs(ROS2), compression=CompressionType.ZSTD)
    mcap("dvs_lz4.mcap", of_dvs(ROS2), compression=CompressionType.LZ4)
    mcap("dvs_none.mcap", of_dvs(ROS2), compression=CompressionType.NONE)
    mcap("dvs_plain.mcap", of_dvs(ROS2), use_chunking=False)
    mcap("dvs_bare.mcap", of_dvs(ROS2), compression=CompressionType.NONE, index_types=IndexType.NONE,
         repeat_channels=False, repeat_schemas=False, use_statistics=False, use_summary_offsets=False,
         enable_crcs=False)
    mcap("dvs_ros1.mcap", of_dvs(ROS1), ROS1, "ros1")
    db3("dvs.db3", of_dvs(ROS2))
    db3("dvs_messages.db3", of_dvs(ROS2), CompressionMode.MESSAGE)
    db3("dvs.db3.zstd", of_dvs(ROS2), CompressionMode.FILE)

    # Messages of more than a page.
    long = events(700, EPOCH, 20_000, 20, 12)
    expected["long"] = long
    db3("long.db3", arrays(ROS2, "dvs_msgs", "/dvs/events", long, 20, 12, step=300))

    left, right = events(90, 5_000_000_000, 9_000, 16, 16), events(70, 5_000_010_000, 9_000, 16, 16)
    expected["left"], expected["right"] = left, right
    bag("stereo.bag", [
        *arrays(ROS1, "prophesee_event_msgs", "/rig/left/events", left, 16, 16),
        *arrays(ROS1, "prophesee_event_msgs", "/rig/right/events", right, 16, 16),
        *imu(ROS1, "/rig/left/imu", 2, 5_000_000_500),
        *imu(ROS1, "/rig/right/imu", 3, 5_000_000_600),
    ])
    # Samples of no camera and of the right one.
    bag("box.bag", [
        *arrays(ROS1, "prophesee_event_msgs", "/left/events", left, 16, 16),
        *arrays(ROS1, "prophesee_event_msgs", "/right/events", right, 16, 16),
        *imu(ROS1, "/imu", 4, 5_000_000_500),
        *imu(ROS1, "/right/imu", 3, 5_000_000_600),
    ])

    sensor = events(130, 16_700_000, 3_000, 640, 480)
    expected["evt3"] = sensor
    bag("evt3.bag", [
        *packets(ROS1, "event_camera_msgs/msg/EventPacket", "/camera/events", "evt3", evt3(sensor), 640, 480),
        *imu(ROS1, "/camera/imu", 3, EPOCH + 2_500_000),
    ], formats.LZ4)
    old = events(100, 40_000_000_000, 50_000, 1000, 700)
    expected["mono"] = old
    triggers = [(39_999_999_000, struct.pack("<2Q", 1_500 | 1 << 63, 9_000_000))]
    bag("mono.bag", [
        *packets(ROS1, "event_array_msgs/msg/EventArray", "/camera/events", "mono", mono(old, 0), 1000, 700),
        *packets(ROS1, "event_array_msgs/msg/EventArray", "/camera/trigger", "trigger", triggers, 1000, 700),
    ])
    davis = events(95, EPOCH, 300, 346, 260, whole=1000)
    cmp = events(95, EPOCH, 300, 346, 260, whole=1000)
    parts = list(libcaer_cmp(cmp))
    expected["libcaer"], expected["libcaer_cmp"] = davis, with_vectors(cmp)
    kind = "event_camera_msgs/msg/EventPacket"
    mcap("libcaer.mcap", [
        *packets(ROS2, kind, "/a/events", "libcaer", libcaer(davis), 346, 260),
        *packets(ROS2, kind, "/b/events", "libcaer_cmp", parts, 346, 260),
    ])
    (DATA / "expected.json").write_text(json.dumps(expected))


main()

//! What the header of a file that is written tells of its streams, as DV writes it.

use evz_core::SensorSize;
use quick_xml::escape::escape;

use super::{choose, compression::Compression};
use crate::side;

/// A stream of packets: DV numbers them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Events,
    Frames,
    Imu,
    Triggers,
}

impl Stream {
    pub(super) fn number(self) -> i32 {
        self as i32
    }

    /// Its name, what it is in words, its identifier, and whether its elements have pixels.
    fn description(self) -> (&'static str, &'static str, &'static [u8; 4], bool) {
        match self {
            Self::Events => (
                "events",
                "Array of events (polarity ON/OFF).",
                choose::EVENTS,
                true,
            ),
            Self::Frames => (
                side::FRAMES,
                "Standard frame (8-bit image).",
                choose::FRAMES,
                true,
            ),
            Self::Imu => (
                side::IMU,
                "Inertial Measurement Unit data samples.",
                choose::IMU,
                false,
            ),
            Self::Triggers => (
                side::TRIGGERS,
                "External triggers and special signals.",
                choose::TRIGGERS,
                false,
            ),
        }
    }
}

/// The description of these streams of one camera.
pub(super) fn xml(
    streams: &[Stream],
    compression: Compression,
    size: SensorSize,
    camera: &str,
) -> String {
    let nodes: String = streams
        .iter()
        .map(|stream| node(*stream, compression, size, camera))
        .collect();
    format!(
        r#"<dv version="2.0">
    <node name="outInfo" path="/mainloop/Recorder/outInfo/">
{nodes}    </node>
</dv>
"#
    )
}

fn node(stream: Stream, compression: Compression, size: SensorSize, camera: &str) -> String {
    let (name, words, identifier, has_pixels) = stream.description();
    let (number, identifier) = (stream.number(), identifier.escape_ascii());
    let (compression, camera) = (compression.name(), escape(camera));
    let SensorSize { width, height } = size;
    let size = match has_pixels {
        true => format!(
            r#"                <attr key="sizeX" type="int">{width}</attr>
                <attr key="sizeY" type="int">{height}</attr>
"#
        ),
        false => String::new(),
    };
    format!(
        r#"        <node name="{number}" path="/mainloop/Recorder/outInfo/{number}/">
            <attr key="compression" type="string">{compression}</attr>
            <attr key="originalModuleName" type="string">evz</attr>
            <attr key="originalOutputName" type="string">{name}</attr>
            <attr key="typeDescription" type="string">{words}</attr>
            <attr key="typeIdentifier" type="string">{identifier}</attr>
            <node name="info" path="/mainloop/Recorder/outInfo/{number}/info/">
{size}                <attr key="source" type="string">{camera}</attr>
                <attr key="tsOffset" type="long">0</attr>
            </node>
        </node>
"#
    )
}

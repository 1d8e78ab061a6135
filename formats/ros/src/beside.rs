//! What is recorded beside the events.

use std::collections::BTreeMap;

use evz_core::{Loss, LossKind, Metadata, SideStore, Value};
use serde_json::json;

use crate::encoding::{TRIGGER, trigger_rows};
use crate::message::camera_info;
use crate::message::event_packet::EventPacket;
use crate::message::image::{CompressedImage, Image};
use crate::message::imu::{Covariances, Imu};
use crate::message::reader::Wrong;
use crate::side::Times;
use crate::topics::{Content, Topic};

/// Rows of side streams, and what is known once all of them were read.
pub(crate) struct Beside {
    pub(crate) store: SideStore,
    times: Times,
    /// What cameras say of themselves, by topic, and how often that changed.
    cameras: BTreeMap<String, (serde_json::Value, u64)>,
    /// The covariances of each stream of IMU samples, and how often they changed.
    covariances: BTreeMap<String, (Covariances, u64)>,
    /// Of each side stream the topic and the frame of its first message.
    origins: BTreeMap<String, (String, String)>,
}

impl Beside {
    pub(crate) fn new(times: Times) -> Self {
        Self {
            store: SideStore::default(),
            times,
            cameras: BTreeMap::new(),
            covariances: BTreeMap::new(),
            origins: BTreeMap::new(),
        }
    }

    /// Adds the row, or rows, that a message is.
    pub(crate) fn row(&mut self, topic: &Topic, bytes: &[u8], stream: &str) -> Result<(), Wrong> {
        let (layout, times) = (topic.layout, self.times);
        let (rows, frame_id) = match topic.content {
            Content::Imu => {
                let imu = Imu::read(layout, bytes)?;
                self.covariances(stream, imu.covariances);
                (times.row(stream, imu.stamp, imu.columns()), imu.frame_id)
            }
            Content::Images => {
                let image = Image::read(layout, bytes)?;
                let (stamp, frame_id) = (image.stamp, image.frame_id);
                (times.row(stream, stamp, image.columns()), frame_id)
            }
            Content::CompressedImages => {
                let image = CompressedImage::read(layout, bytes)?;
                let rows = times.row(stream, image.stamp, image.columns());
                (rows, image.frame_id)
            }
            _ => {
                let packet = EventPacket::read(layout, bytes)?;
                if packet.encoding != TRIGGER {
                    return Err("its events are encoded in another way than those before");
                }
                let words = &bytes[packet.events.clone()];
                let mut rows = trigger_rows(stream, packet.time_base, words);
                rows.t.iter_mut().for_each(|t| *t = times.ticks(*t));
                (rows, packet.header.frame_id)
            }
        };
        if !self.origins.contains_key(stream) {
            let origin = (topic.name.clone(), frame_id.to_owned());
            self.origins.insert(stream.to_owned(), origin);
        }
        self.store.add(rows);
        Ok(())
    }

    fn covariances(&mut self, stream: &str, covariances: Covariances) {
        // As bits, for what is not known may be NaN.
        let bits = |covariances: &Covariances| covariances.map(|c| c.map(f64::to_bits));
        match self.covariances.get_mut(stream) {
            Some((first, changes)) => *changes += u64::from(bits(first) != bits(&covariances)),
            None => {
                self.covariances.insert(stream.to_owned(), (covariances, 0));
            }
        }
    }

    /// Takes note of the calibration of a camera.
    pub(crate) fn camera(&mut self, topic: &Topic, bytes: &[u8]) -> Result<(), Wrong> {
        let camera = camera_info::read(topic.layout, bytes)?;
        match self.cameras.get_mut(&topic.name) {
            Some((first, changes)) => *changes += u64::from(*first != camera),
            None => {
                self.cameras.insert(topic.name.clone(), (camera, 0));
            }
        }
        Ok(())
    }

    /// What is not kept of it.
    pub(crate) fn losses(&self) -> impl Iterator<Item = Loss> {
        let covariances = self.covariances.iter();
        let covariances =
            covariances.map(|(stream, (_, n))| (LossKind::Columns, "covariances", stream, n));
        let cameras = self.cameras.iter();
        let cameras = cameras.map(|(topic, (_, n))| (LossKind::Other, "calibrations", topic, n));
        let changed = covariances.chain(cameras).filter(|(.., n)| **n > 0);
        changed.map(|(kind, plural, of, n)| {
            let what = format!("{plural} of {of} that differ from the first, which alone are kept");
            Loss::new(kind, what, *n)
        })
    }

    /// Where rows come from, and the calibration of cameras.
    pub(crate) fn metadata(&self) -> Metadata {
        let origins = self.origins.iter().map(|(stream, (topic, frame_id))| {
            let mut json = json!({ "topic": topic, "frame_id": frame_id });
            if let Some((covariances, _)) = self.covariances.get(stream) {
                json["covariances"] = json!({
                    "orientation": covariances[0],
                    "angular_velocity": covariances[1],
                    "linear_acceleration": covariances[2],
                });
            }
            (format!("source.{stream}"), Value::Json(json.to_string()))
        });
        let mut metadata: Metadata = origins.collect();
        if !self.cameras.is_empty() {
            let cameras = self.cameras.iter();
            let cameras = cameras.map(|(topic, (camera, _))| (topic.clone(), camera.clone()));
            let json = serde_json::Value::Object(cameras.collect()).to_string();
            metadata.insert("source.camera_info".to_owned(), Value::Json(json));
        }
        metadata
    }
}

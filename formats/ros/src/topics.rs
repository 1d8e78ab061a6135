//! What a file has messages of.

use std::collections::HashMap;

use crate::container::{Declared, TypeName};
use crate::message::Layout;

/// What the messages of a topic are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Lists of events.
    EventArrays,
    /// Events in the encoding of a driver.
    EventPackets,
    Imu,
    Images,
    CompressedImages,
    CameraInfo,
    /// What is not read.
    Other,
}

impl Content {
    /// By the type, as ROS 1 writes it.
    fn of_type(name: &str) -> Self {
        match name {
            "dvs_msgs/EventArray" | "prophesee_event_msgs/EventArray" => Self::EventArrays,
            "event_camera_msgs/EventPacket" | "event_array_msgs/EventArray" => Self::EventPackets,
            "sensor_msgs/Imu" => Self::Imu,
            "sensor_msgs/Image" => Self::Images,
            "sensor_msgs/CompressedImage" => Self::CompressedImages,
            "sensor_msgs/CameraInfo" => Self::CameraInfo,
            _ => Self::Other,
        }
    }

    /// Whether these are events, or triggers of the same type.
    pub(crate) fn is_events(self) -> bool {
        matches!(self, Self::EventArrays | Self::EventPackets)
    }
}

/// Messages of one name, type and layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) name: String,
    /// As ROS 1 writes it: `sensor_msgs/Imu`.
    pub(crate) type_name: String,
    /// Of messages whose layout is not known the content is not read.
    pub(crate) layout: Layout,
    pub(crate) content: Content,
}

/// The topics of a file, in the order in which they were declared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Topics {
    pub(crate) list: Vec<Topic>,
    connections: HashMap<u32, usize>,
    schemas: HashMap<u16, String>,
}

/// More connections than these are not taken note of.
pub(crate) const MAX_CONNECTIONS: usize = 1 << 16;

impl Topics {
    /// Takes note of what is declared; whether that goes with what was declared before.
    pub(crate) fn declare(&mut self, declared: Declared) -> bool {
        match declared {
            Declared::Schema { id, type_name } => {
                let before = self.schemas.insert(id, type_name.clone());
                before.is_none_or(|before| before == type_name)
            }
            Declared::Connection {
                id,
                topic,
                type_name,
                encoding,
            } => {
                let type_name = match type_name {
                    TypeName::Named(name) => name,
                    TypeName::OfSchema(id) => self.schemas.get(&id).cloned().unwrap_or_default(),
                };
                // ROS 2 writes sensor_msgs/msg/Imu.
                let type_name = type_name.replacen("/msg/", "/", 1);
                let layout = Layout::of_name(&encoding);
                let topic = Topic {
                    name: topic,
                    content: layout.map_or(Content::Other, |_| Content::of_type(&type_name)),
                    type_name,
                    layout: layout.unwrap_or(Layout::Cdr),
                };
                self.connect(id, topic)
            }
        }
    }

    fn connect(&mut self, id: u32, topic: Topic) -> bool {
        if self.connections.len() >= MAX_CONNECTIONS && !self.connections.contains_key(&id) {
            return true;
        }
        let known = self.connections.get(&id);
        if known.is_some_and(|at| self.list[*at] == topic) {
            return true;
        }
        let is_new = known.is_none();
        let at = self.list.iter().position(|known| *known == topic);
        let at = at.unwrap_or_else(|| {
            self.list.push(topic);
            self.list.len() - 1
        });
        self.connections.insert(id, at);
        is_new
    }

    /// The topic of a connection.
    pub(crate) fn of(&self, connection: u32) -> Option<usize> {
        self.connections.get(&connection).copied()
    }
}

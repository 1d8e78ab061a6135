//! What a file has messages of.

use std::collections::HashMap;
use std::sync::Arc;

use crate::container::{Declared, TypeName};
use crate::message::Layout;

/// What the messages of a topic are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// Where each stands in the list.
    places: HashMap<Topic, usize>,
    connections: HashMap<u32, usize>,
    schemas: HashMap<u16, String>,
}

/// More connections than these are not taken note of.
pub(crate) const MAX_CONNECTIONS: usize = 1 << 16;

impl Topics {
    /// Takes note of what is declared, if it is not known; whether that goes with what was declared before.
    /// Sources share what they know, and most files declare everything once more.
    pub(crate) fn declare(self: &mut Arc<Self>, declared: Declared) -> bool {
        match declared {
            Declared::Schema { id, type_name } => {
                let before = self.schemas.get(&id);
                if before == Some(&type_name) {
                    return true;
                }
                let is_new = before.is_none();
                Arc::make_mut(self).schemas.insert(id, type_name);
                is_new
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
                let known = self.connections.get(&id);
                let is_known = known.is_some_and(|at| self.list[*at] == topic);
                let is_too_much = known.is_none() && self.connections.len() >= MAX_CONNECTIONS;
                is_known || is_too_much || Arc::make_mut(self).connect(id, topic)
            }
        }
    }

    /// Whether a connection is new.
    fn connect(&mut self, id: u32, topic: Topic) -> bool {
        let at = *self.places.entry(topic).or_insert_with_key(|topic| {
            self.list.push(topic.clone());
            self.list.len() - 1
        });
        self.connections.insert(id, at).is_none()
    }

    /// The topic of a connection.
    pub(crate) fn of(&self, connection: u32) -> Option<usize> {
        self.connections.get(&connection).copied()
    }
}

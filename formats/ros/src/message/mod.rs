//! Messages: how they are put into bytes, and those that are read.

pub(crate) mod camera_info;
pub(crate) mod event_array;
pub(crate) mod event_packet;
pub(crate) mod image;
pub(crate) mod imu;
pub(crate) mod reader;

/// How messages are put into bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Layout {
    /// One field behind the other: <http://wiki.ros.org/msg>.
    Ros1,
    /// Plain CDR of DDS, in which fields are aligned: OMG DDS-XTypes 1.3, 7.4.
    Cdr,
}

impl Layout {
    /// By its name in a container; none if it is another one.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match name {
            "ros1" => Some(Self::Ros1),
            "cdr" => Some(Self::Cdr),
            _ => None,
        }
    }
}

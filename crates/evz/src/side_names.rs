//! What side streams are called where several event streams go into one output.

use std::collections::{BTreeMap, BTreeSet};

use evz_core::{EventSource, SideRows};

/// A side stream that is called like one of an earlier event stream has the name of its own behind its
/// name: `imu_right`.
#[derive(Default)]
pub(crate) struct SideNames {
    /// What each side stream is called, by its event stream and its own name.
    called: BTreeMap<(u16, String), String>,
    /// Those names.
    taken: BTreeSet<String>,
    /// What event streams are called.
    streams: BTreeMap<u16, String>,
}

impl SideNames {
    /// Takes the names of the side streams of this event stream, as far as they are known.
    pub(crate) fn know(&mut self, stream: u16, source: &dyn EventSource) {
        let name = match source.info().name.as_str() {
            "" => stream.to_string(),
            name => name.to_owned(),
        };
        self.streams.insert(stream, name);
        for side in source.side_streams() {
            self.name(stream, &side);
        }
    }

    /// Calls rows of a side stream of this event stream as the output calls them.
    pub(crate) fn rename(&mut self, stream: u16, rows: &mut SideRows) {
        rows.stream = self.name(stream, &rows.stream);
        // Of one stream the numbers of others say nothing.
        let n_streams = self.streams.len();
        rows.of = rows
            .of
            .filter(|of| n_streams > 1 && usize::from(*of) < n_streams);
    }

    fn name(&mut self, stream: u16, side: &str) -> String {
        let own = (stream, side.to_owned());
        if let Some(name) = self.called.get(&own) {
            return name.clone();
        }
        let mut name = side.to_owned();
        while !self.taken.insert(name.clone()) {
            name = format!("{name}_{}", self.streams[&stream]);
        }
        self.called.insert(own, name.clone());
        name
    }
}

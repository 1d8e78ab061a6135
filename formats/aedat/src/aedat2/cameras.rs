//! Several cameras in one recording: jAER puts the number of a camera into the four lowest bits of
//! the address of an event of a DAVIS, which are 0 otherwise (`MultiCameraApsDvsEvent`), and marks the
//! right one of two DVS128 (`Stereopsis`).

use evz_core::{Error, Question, Result};

use super::{RECORD_LEN, chip::Layout, word::Word};
use crate::no_such_stream::no_such_stream;

/// Whose events are read.
#[derive(Clone)]
pub(super) struct Cameras {
    layout: Layout,
    pub(super) chosen: u8,
    /// Those that have events in the first part of the recording, in order; of a pair both.
    seen: Vec<u8>,
    /// Whether each of them is read, by a source of its own.
    pub(super) apart: bool,
}

impl Cameras {
    /// The cameras of the first records, with none chosen yet.
    pub(super) fn seen(layout: Layout, records: &[[u8; RECORD_LEN]]) -> Self {
        let mut has = [false; 16];
        if layout == Layout::Dvs128Stereo {
            has[..2].fill(true);
        }
        for record in records {
            let address = (u64::from_be_bytes(*record) >> 32) as u32;
            if let Word::Event { camera, .. } = Word::of(address, layout) {
                has[usize::from(camera)] = true;
            }
        }
        let seen: Vec<u8> = (0..16).filter(|n| has[usize::from(*n)]).collect();
        Self {
            layout,
            chosen: seen.first().copied().unwrap_or(0),
            seen,
            apart: false,
        }
    }

    /// The names of the streams, where there are several.
    pub(super) fn names(&self) -> Vec<String> {
        let several = self.seen.iter().filter(|_| self.seen.len() > 1);
        several.map(|n| self.name_of(*n)).collect()
    }

    /// The same with the camera that is asked for by its number or name, if one is.
    pub(super) fn choose(mut self, place: &str, wanted: Option<&str>) -> Result<Self> {
        let labels: Vec<String> = self.seen.iter().map(|n| self.label(*n)).collect();
        let one = self.seen.len() <= 1;
        match wanted {
            None if one => {}
            // The only stream has no name.
            Some("0") if one => {}
            None => {
                let (n, list) = (labels.len(), labels.join(", "));
                let what = format!("it has the events of {n} cameras: {list}");
                return Err(Error::ambiguous(place, what).settled_by(Question::Stream, labels));
            }
            Some(wanted) => {
                let is_wanted = |n: &&u8| n.to_string() == wanted || self.name_of(**n) == wanted;
                let Some(number) = self.seen.iter().find(is_wanted) else {
                    let (has, accepted) = match one {
                        true => ("the only one is 0".to_owned(), vec!["0".to_owned()]),
                        false => (format!("its cameras are {}", labels.join(", ")), labels),
                    };
                    return Err(no_such_stream(place, wanted, &has, &accepted));
                };
                self.chosen = *number;
            }
        }
        Ok(self)
    }

    /// Whether this source tells of what is of no camera, or of one that was not seen.
    pub(super) fn takes_others(&self) -> bool {
        !self.apart || self.seen.first() == Some(&self.chosen)
    }

    /// Whether a camera was met before anything was read.
    pub(super) fn has(&self, camera: u8) -> bool {
        self.seen.contains(&camera)
    }

    /// What the stream is called: nothing, if it is the only one.
    pub(super) fn name(&self) -> String {
        match self.seen.len() {
            0 | 1 => String::new(),
            _ => self.name_of(self.chosen),
        }
    }

    /// What the stream of one of several cameras is called.
    fn name_of(&self, camera: u8) -> String {
        match (self.layout, camera) {
            (Layout::Dvs128Stereo, 0) => "left".to_owned(),
            (Layout::Dvs128Stereo, _) => "right".to_owned(),
            _ => format!("camera_{camera}"),
        }
    }

    /// What a camera is called where one has to be chosen.
    fn label(&self, camera: u8) -> String {
        match self.layout {
            Layout::Dvs128Stereo => self.name_of(camera),
            _ => camera.to_string(),
        }
    }
}

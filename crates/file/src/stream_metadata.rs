//! Whose metadata a key speaks of, in a file of several event streams.
//!
//! A key with a dot speaks of stream 0, or of the stream whose number is its second part:
//! `camera.1.lens`. One without a dot speaks of the recording, or of the stream whose number is behind
//! it: `start.1`.

use evz_core::Metadata;

/// Names the streams itself.
const EXTRINSICS: &str = "camera.extrinsics";

/// What the metadata of a file of `n_streams` event streams say of one of them.
pub(crate) fn of_stream(all: &Metadata, stream: u16, n_streams: usize) -> Metadata {
    let mut of_recording = Metadata::new();
    let mut own = Metadata::new();
    for (key, value) in all {
        match parted(key).filter(|(k, _)| usize::from(*k) < n_streams) {
            Some((k, key)) if k == stream => drop(own.insert(key, value.clone())),
            Some(_) => {}
            None if stream == 0 || is_of_recording(key) => {
                of_recording.insert(key.clone(), value.clone());
            }
            None => {}
        }
    }
    of_recording.extend(own);
    of_recording
}

/// The metadata of an event stream as a file has them whose stream 0 has `first`.
pub fn for_stream(metadata: &Metadata, stream: u16, first: &Metadata) -> Metadata {
    let said = |key: &String| is_of_recording(key) && first.get(key) == metadata.get(key);
    let own = metadata.iter().filter(|(key, _)| !said(key));
    own.map(|(key, value)| (key_of(key, stream), value.clone()))
        .collect()
}

fn is_of_recording(key: &str) -> bool {
    !key.contains('.') || key == EXTRINSICS
}

/// The key that says of a stream what this one says of stream 0.
fn key_of(key: &str, stream: u16) -> String {
    match (stream, key.split_once('.')) {
        (0, _) => key.to_owned(),
        (_, Some((first, rest))) => format!("{first}.{stream}.{rest}"),
        (_, None) => format!("{key}.{stream}"),
    }
}

/// The stream behind the first part of a key, and the key without it.
fn parted(key: &str) -> Option<(u16, String)> {
    let (first, rest) = key.split_once('.')?;
    let (number, rest) = match rest.split_once('.') {
        Some((number, rest)) => (number, format!("{first}.{rest}")),
        None => (rest, first.to_owned()),
    };
    let stream: u16 = number.parse().ok()?;
    (stream > 0 && stream.to_string() == number).then_some((stream, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(entries: &[(&str, &str)]) -> Metadata {
        let entries = entries.iter();
        entries
            .map(|(key, value)| ((*key).to_owned(), (*value).into()))
            .collect()
    }

    #[test]
    fn each_stream_gets_its_own_back() {
        let left = metadata(&[
            ("author", "A"),
            ("camera.lens", "8 mm"),
            ("source.file", "left.raw"),
            ("start", "2020"),
        ]);
        let right = metadata(&[
            ("author", "A"),
            ("camera.filters", "none"),
            ("source.file", "right.raw"),
            ("start", "2021"),
        ]);
        let mut all = left.clone();
        all.extend(for_stream(&right, 1, &left));
        let expected = metadata(&[
            ("author", "A"),
            ("camera.1.filters", "none"),
            ("camera.lens", "8 mm"),
            ("source.1.file", "right.raw"),
            ("source.file", "left.raw"),
            ("start", "2020"),
            ("start.1", "2021"),
        ]);
        assert_eq!(all, expected);
        assert_eq!(of_stream(&all, 0, 2), left);
        assert_eq!(of_stream(&all, 1, 2), right);
    }

    /// A number is that of a stream only where there is such a stream.
    #[test]
    fn other_numbers_are_parts_of_keys() {
        let odd = metadata(&[
            ("x.01.a", ""),
            ("x.1.a", ""),
            ("x.2.a", ""),
            ("x.a.1", ""),
            ("1.a", ""),
        ]);
        assert_eq!(of_stream(&odd, 0, 1), odd);
        assert_eq!(of_stream(&odd, 0, 2).len(), 4);
        assert_eq!(of_stream(&odd, 1, 2), metadata(&[("x.a", "")]));
    }
}

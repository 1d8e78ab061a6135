//! Whose metadata a key speaks of, in a file of several event streams.
//!
//! A key with a dot speaks of stream 0, or of the stream whose number is its second part:
//! `camera.1.lens`. One without a dot speaks of the recording, or of the stream whose number is behind
//! it: `start.1`.

use evz_core::{Error, Metadata, Result, Value};

use crate::limits::{MAX_SHARED_METADATA, MAX_SHARED_METADATA_LEN};

/// Names the streams itself.
const EXTRINSICS: &str = "camera.extrinsics";

/// What the metadata of a file of `n_streams` event streams say of each of them.
pub(crate) fn of_streams(all: &Metadata, n_streams: usize) -> Vec<Metadata> {
    let (mut of_recording, mut first) = (Metadata::new(), Metadata::new());
    let mut own = vec![Metadata::new(); n_streams.saturating_sub(1)];
    for (key, value) in all {
        let parted = parted(key).and_then(|(k, key)| Some((own.get_mut(usize::from(k) - 1)?, key)));
        match parted {
            Some((own, key)) => drop(own.insert(key, value.clone())),
            None if is_of_recording(key) => drop(of_recording.insert(key.clone(), value.clone())),
            None => drop(first.insert(key.clone(), value.clone())),
        }
    }
    first.extend(of_recording.clone());
    let others = own.into_iter().map(|own| {
        let mut all = of_recording.clone();
        all.extend(own);
        all
    });
    std::iter::once(first).chain(others).collect()
}

/// Whether each stream may have the metadata of the recording: they are in memory for each.
///
/// # Errors
/// If they are more than the limit.
pub(crate) fn check_size(all: &Metadata, n_streams: usize) -> Result<()> {
    let of_recording = || all.iter().filter(|(key, _)| is_of_recording(key));
    let n = of_recording().count();
    let bytes: usize = of_recording().map(|(key, v)| key.len() + len(v)).sum();
    let fits = n.saturating_mul(n_streams) <= MAX_SHARED_METADATA
        && bytes.saturating_mul(n_streams) <= MAX_SHARED_METADATA_LEN;
    match n_streams > 1 && !fits {
        true => {
            let what = format!(
                "{n} entries of metadata of {n_streams} event streams, of {bytes} bytes; at most \
                 {MAX_SHARED_METADATA} entries and {MAX_SHARED_METADATA_LEN} bytes in all"
            );
            Err(Error::limit("", what))
        }
        false => Ok(()),
    }
}

/// Bytes of a value.
fn len(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Int(_) | Value::Float(_) => 8,
        Value::Bool(_) => 1,
    }
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
        assert_eq!(of_streams(&all, 2), [left, right]);
    }

    /// What is said of the recording is in memory for each of its streams.
    #[test]
    fn what_all_streams_share_is_bounded() {
        let long = metadata(&[("place", &"x".repeat(1 << 20))]);
        assert!(check_size(&long, 200).is_ok());
        let error = check_size(&long, 300).unwrap_err().to_string();
        assert!(error.contains("1 entries of metadata of 300 event streams, of 1048581 bytes"));
        let own = metadata(&[("camera.lens", &"x".repeat(1 << 20))]);
        assert!(check_size(&own, 65_536).is_ok());
        let many = (0..1000).map(|i| (i.to_string(), true.into())).collect();
        assert!(check_size(&many, 1048).is_ok());
        assert!(check_size(&many, 1049).is_err());
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
        assert_eq!(of_streams(&odd, 1), std::slice::from_ref(&odd));
        let of_two = of_streams(&odd, 2);
        assert_eq!(of_two[0].len(), 4);
        assert_eq!(of_two[1], metadata(&[("x.a", "")]));
    }
}

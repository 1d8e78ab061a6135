//! Metadata that is true only of a whole recording in the order in which it was read: whether, and
//! how, it goes back to the text that it came from.
//!
//! Who copies a recording, or a part of one, [takes](take) this metadata out of what is written
//! before the events, and writes [`closing`] behind them.

use evz_core::Metadata;

use crate::format_metadata::{FINAL_NEWLINE, FIRST_IRREGULAR_LINE, REGULAR};

/// Takes that metadata out of what is written before the events: whether it still holds is known
/// only after them.
pub fn take(metadata: &mut Metadata) -> Metadata {
    [REGULAR, FIRST_IRREGULAR_LINE, FINAL_NEWLINE]
        .into_iter()
        .filter_map(|key| metadata.remove_entry(key))
        .collect()
}

/// What is written after the events: what was taken, and what the source says at its end. If not
/// all of its events were written in their order, they do not go back to the same text.
pub fn closing(taken: Metadata, at_end: Metadata, whole: bool) -> Metadata {
    let mut closing = taken;
    closing.extend(at_end);
    if !whole && !take(&mut closing).is_empty() {
        closing.extend(of_a_part());
    }
    closing
}

/// What overrides that metadata where not all events are left.
pub fn of_a_part() -> Metadata {
    Metadata::from([
        (REGULAR.to_owned(), false.into()),
        (FINAL_NEWLINE.to_owned(), true.into()),
    ])
}

#[cfg(test)]
mod tests {
    use evz_core::Value;

    use super::*;
    use crate::regularity;

    #[test]
    fn a_part_never_claims_the_same_bytes() {
        let of = |keys: &[(&str, Value)]| -> Metadata {
            keys.iter()
                .map(|(k, v)| ((*k).to_owned(), v.clone()))
                .collect()
        };
        let regular = of(&[(REGULAR, true.into()), (FINAL_NEWLINE, false.into())]);
        let mut info = regular.clone();
        info.insert("source.file".to_owned(), "a.txt".into());
        let taken = take(&mut info);
        assert_eq!((taken.len(), info.len()), (2, 1));
        assert_eq!(closing(taken.clone(), Metadata::new(), true), regular);
        assert_eq!(regularity(&closing(taken, Metadata::new(), false)), None);
        let irregular = of(&[(REGULAR, false.into()), (FIRST_IRREGULAR_LINE, 7.into())]);
        assert_eq!(regularity(&irregular), Some(Err(7)));
        assert_eq!(
            regularity(&closing(Metadata::new(), irregular, false)),
            None
        );
        assert!(closing(Metadata::new(), Metadata::new(), false).is_empty());
    }
}

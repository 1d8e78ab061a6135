//! Errors of the system behind those of a library.

use std::io;

/// What the system said. The library for temporary files names one that means nothing to a user, and keeps the
/// system's error to itself, but for its text.
pub fn system_error(error: &io::Error) -> io::Error {
    let in_text = || {
        let text = error.to_string();
        let (_, rest) = text.split_once("(os error ")?;
        rest.split_once(')')?.0.parse().ok()
    };
    match error.raw_os_error().or_else(in_text) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_s_error_is_the_system_s() {
        let error = tempfile::NamedTempFile::new_in("/nowhere").unwrap_err();
        assert!(error.to_string().contains("/nowhere"));
        let bare = system_error(&error);
        assert_eq!(bare.kind(), io::ErrorKind::NotFound);
        assert!(bare.raw_os_error().is_some() && !bare.to_string().contains("/nowhere"));
        let other = io::ErrorKind::Other;
        assert_eq!(system_error(&other.into()).kind(), other);
    }
}

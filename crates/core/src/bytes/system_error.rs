//! Errors of the system behind those of a library.

use std::error::Error;
use std::io;

/// What the system said. The library for temporary files names one that means nothing to a user.
pub(super) fn system_error(error: &io::Error) -> io::Error {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let code = error.downcast_ref::<io::Error>();
        if let Some(code) = code.and_then(io::Error::raw_os_error) {
            return io::Error::from_raw_os_error(code);
        }
        cause = match error.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref().map(|e| e as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    error.kind().into()
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
        assert_eq!(
            system_error(&io::ErrorKind::Other.into()).kind(),
            io::ErrorKind::Other
        );
    }
}

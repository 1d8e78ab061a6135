//! Names that are URLs and no paths.

use std::path::Path;

/// The scheme of a name that is a URL, such as `https` of `https://host/a.evz`.
pub fn url_scheme(name: &Path) -> Option<&str> {
    let (scheme, _) = name.to_str()?.split_once("://")?;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_scheme && scheme.chars().all(is_letter)).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_of_urls() {
        for (name, scheme) in [
            ("https://host/a.evz", Some("https")),
            ("S3://bucket/a.evz", Some("S3")),
            ("a.evz", None),
            ("folder/a://b", None),
            ("C:\\a.evz", None),
            ("://a", None),
            ("1a://b", None),
        ] {
            assert_eq!(url_scheme(Path::new(name)), scheme, "{name}");
        }
    }
}

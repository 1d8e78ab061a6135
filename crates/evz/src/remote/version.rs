//! Which state of a file is being read: bytes of two are never mixed.

use object_store::{GetOptions, ObjectMeta};

use super::failure::Failure;

/// What tells one state of a file from another.
#[derive(Debug, Clone)]
pub(super) struct Version {
    meta: ObjectMeta,
}

impl Version {
    pub(super) fn of(meta: ObjectMeta) -> Self {
        Self { meta }
    }

    /// Length of the file.
    pub(super) fn len(&self) -> u64 {
        self.meta.size
    }

    /// A request for this state and no other. A weak tag never matches by the rules of HTTP, and some
    /// servers tell none: then the answers alone are compared.
    pub(super) fn options(&self) -> GetOptions {
        let tag = self.meta.e_tag.clone();
        GetOptions {
            if_match: tag.filter(|tag| !tag.starts_with("W/")),
            ..GetOptions::default()
        }
    }

    /// An error if an answer is of another state.
    pub(super) fn check(&self, answer: &ObjectMeta) -> Result<(), Failure> {
        let known = &self.meta;
        let changed = |what: &str, before: String, now: String| {
            Err(Failure::changed(format!(
                "its {what} was {before} and is {now}"
            )))
        };
        if answer.size != known.size {
            return changed("length", known.size.to_string(), answer.size.to_string());
        }
        let tag = |meta: &ObjectMeta| meta.e_tag.clone().unwrap_or_else(|| "none".to_owned());
        if answer.e_tag != known.e_tag {
            return changed("ETag", tag(known), tag(answer));
        }
        let date = |meta: &ObjectMeta| meta.last_modified.to_rfc2822();
        if answer.last_modified != known.last_modified && known.e_tag.is_none() {
            return changed("Last-Modified", date(known), date(answer));
        }
        Ok(())
    }
}

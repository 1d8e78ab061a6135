//! The codec of a chunk.

use std::ops::Deref;

use evz_codec::{Codec, Decoder, Elsewhere, by_id};
use evz_core::{Error, Result};

use crate::wire::ChunkHead;

/// A codec that a chunk names: one that there is, or that of events in another file.
#[derive(Debug, Clone)]
pub(crate) enum CodecOf {
    Known(&'static dyn Codec),
    Elsewhere(Elsewhere),
}

impl Deref for CodecOf {
    type Target = dyn Decoder;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Known(codec) => *codec,
            Self::Elsewhere(codec) => codec,
        }
    }
}

/// The codec of a chunk, or an error that says its number.
pub(crate) fn codec_of(head: &ChunkHead, elsewhere: Option<&Elsewhere>) -> Result<CodecOf> {
    match (head.codec, elsewhere) {
        (Elsewhere::ID, Some(codec)) => return Ok(CodecOf::Elsewhere(codec.clone())),
        (Elsewhere::ID, None) => {
            let what = "its events are in the file that this is the index of";
            return Err(Error::unsupported("", what).advise("open that file"));
        }
        (id, _) => by_id(id).map(CodecOf::Known),
    }
    .ok_or_else(|| {
        let version = env!("CARGO_PKG_VERSION");
        let what = format!("codec {} is unknown to evz {version}", head.codec);
        Error::unsupported("", what).advise("get a newer evz")
    })
}

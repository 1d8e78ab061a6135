//! What RAW and DAT say of themselves.

mod common;

use common::{Shared, batch, dat, dat2, info, raw, read_all};
use evz_core::{
    CreateOptions, Error, ErrorKind, Format, Input, OpenOptions, Opened, Output, Question,
};

fn format(name: &str) -> &'static Format {
    let found = evz_prophesee::FORMATS.iter().find(|f| f.name == name);
    found.unwrap()
}

/// A file of the format with one event, as far as it may go.
fn create(name: &str, options: &CreateOptions) -> Result<Vec<u8>, Error> {
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), "out");
    let create = format(name).create.unwrap();
    let mut sink = create(output, &info(640, 480), options)?;
    let last = format(name).holds.max_coordinate;
    sink.write_batch(batch(&[(5, last, last, 1)]).as_slice())?;
    assert!(!sink.finish(&Default::default())?.has_losses());
    Ok(std::mem::take(&mut *out.0.lock().unwrap()))
}

fn encoding_of(file: &[u8]) -> String {
    let recording = read_all(file);
    assert_eq!(recording.events.len(), 1);
    let encoding = recording.info.metadata["source.encoding"].as_text();
    encoding.unwrap().to_owned()
}

#[test]
fn every_encoding_that_is_said_to_be_written_is() {
    let default = CreateOptions::new();
    let raw = format("raw");
    for name in raw.write_encodings {
        let file = create("raw", &default.clone().with_encoding(*name)).unwrap();
        assert_eq!(encoding_of(&file), *name);
    }
    let file = create("raw", &default).unwrap();
    assert_eq!(encoding_of(&file), raw.write_encodings[0]);
    assert_eq!(encoding_of(&create("dat", &default).unwrap()), "dat2");
    let error = create("raw", &default.with_encoding("evt2.1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.question(), Some(Question::Encoding));
    assert_eq!(
        error.to_string(),
        "no encoding \"evt2.1\" is written; set encoding to evt3, evt2 or evt4"
    );
}

#[test]
fn every_encoding_that_is_said_to_be_read_is_told_by_its_name() {
    let opens = |name: &str, file: &[u8], encoding: &str| {
        let options = OpenOptions::new().with_encoding(encoding);
        let input = Input::from_bytes(file, "a");
        let Opened::Stream(source) = (format(name).open)(input, &options).unwrap() else {
            panic!("an index");
        };
        let read = source.info().metadata["source.encoding"].as_text();
        assert_eq!(read, Some(encoding));
    };
    for encoding in format("raw").encodings {
        opens("raw", &raw("EVT21;endianness=little", &[]), encoding);
    }
    for encoding in format("dat").encodings {
        opens("dat", &dat(2, &dat2(1, 2, 3, 1)), encoding);
    }
}

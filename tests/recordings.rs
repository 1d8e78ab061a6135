//! Real recordings as text: to a file with the digest that independent decoders gave, and back to
//! the same bytes.

#[path = "cli_common/mod.rs"]
mod cli_common;
mod common;

use std::io::Read;

use cli_common::Folder;
use serde_json::Value;

/// Name of the text and of the entry of truth.json with the same events.
const RECORDINGS: [(&str, &str); 3] = [
    ("davis346_seconds.txt", "davis346_seconds.txt"),
    ("dvs.csv", "dvs.es"),
    ("evt2_metavision.csv.gz", "evt2_metavision.csv.gz"),
];

#[test]
fn text_recordings_have_their_digest_and_come_back() {
    let Some(recordings) = common::recordings() else {
        return;
    };
    let truth = std::fs::read_to_string(recordings.join("truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let folder = Folder::new();
    for (name, entry) in RECORDINGS {
        let input = recordings.join(name);
        let input = input.to_str().unwrap();
        let truth = &truth[entry];
        let made = folder
            .run(&["convert", input, "out.evz", "--force"])
            .ends(0);
        made.says("read as: ")
            .says("converted back to text, it gives the same bytes");

        let digest = folder.run(&["digest", "out.evz"]).ends(0);
        assert_eq!(
            digest.text().split(' ').next().unwrap(),
            truth["sha256"],
            "{name}"
        );
        folder.run(&["verify", "out.evz"]).ends(0);

        let info = folder.run(&["info", "out.evz", "--json"]).ends(0);
        let info: Value = serde_json::from_str(info.text()).unwrap();
        for key in ["events", "t_first_us", "t_last_us", "on", "sorted"] {
            assert_eq!(info[key], truth[key], "{key} of {name}");
        }
        assert_eq!(info["x_max"], truth["x_max"], "{name}");
        assert_eq!(info["y_max"], truth["y_max"], "{name}");

        folder
            .run(&["convert", "out.evz", "back.txt", "--force"])
            .ends(0);
        let mut text = std::fs::read(input).unwrap();
        if name.ends_with(".gz") {
            let packed = std::mem::take(&mut text);
            flate2::read::MultiGzDecoder::new(packed.as_slice())
                .read_to_end(&mut text)
                .unwrap();
        }
        assert!(
            folder.read("back.txt") == text,
            "{name} comes back with other bytes"
        );
    }
}

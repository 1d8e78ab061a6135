//! What `help` explains beside the verbs: what the field gets wrong, and how it is here.

use evz::Format;

/// The names of the topics.
pub(crate) const TOPICS: [&str; 3] = ["time", "formats", "exactness"];

/// What there is to say of a topic, if it is one.
pub(crate) fn topic(name: &str) -> Option<String> {
    match name {
        "time" => Some(include_str!("time.txt").to_owned()),
        "formats" => Some(formats()),
        "exactness" => Some(include_str!("exactness.txt").to_owned()),
        _ => None,
    }
}

/// Every format, as it describes itself.
fn formats() -> String {
    let about = |format: &Format| {
        let endings = format.extensions.iter().map(|e| format!(".{e}"));
        let endings: Vec<String> = endings.collect();
        let writes = match format.writes {
            "" => "no",
            writes => writes,
        };
        let (name, endings, reads) = (format.name, endings.join(", "), format.reads);
        format!("  {name} ({endings})\n    reads   {reads}\n    writes  {writes}\n")
    };
    let all: String = evz::formats().map(about).collect();
    format!(
        "Formats\n\n{all}\n\
         A recording is told by its content, whatever its name; --input-format tells it where that is not enough.\n\
         An output has the format of its name, or of --output-format. Files in .gz, .zst and .zip are read as they\n\
         are. What one recording has that an output has no place for is a loss, which is said.\n"
    )
}

//! What the pages say of the formats, held against what the formats say of themselves.

use std::path::Path;

/// The README's table has a row for each format, in the words of the format.
#[test]
fn the_readme_lists_every_format() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for format in evz::formats() {
        let extensions: Vec<String> = format.extensions.iter().map(|e| format!("`.{e}`")).collect();
        let row = format!(
            "| {} | {} | {} |",
            extensions.join(", "),
            format.reads,
            if format.create.is_some() { format.writes } else { "no" }
        );
        assert!(readme.contains(&row), "README.md lacks the row\n{row}");
    }
}

/// What a format says of itself is consistent.
#[test]
fn formats_describe_themselves() {
    for format in evz::formats() {
        let name = format.name;
        assert!(!format.reads.is_empty() && !format.extensions.is_empty(), "{name}");
        assert_eq!(format.create.is_some(), !format.writes.is_empty(), "{name}");
        let encoded = format.open_options.contains(&evz::Question::Encoding);
        assert_eq!(encoded, !format.encodings.is_empty(), "{name}");
    }
}

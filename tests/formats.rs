//! What the pages say of the formats, held against what the formats say of themselves.

use std::path::Path;

/// The README's table has a row for each format, in the words of the format. `EVZ_BLESS=1 cargo
/// test` writes it anew.
#[test]
fn the_readme_lists_every_format() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let head = "| files | read | written |\n| --- | --- | --- |\n";
    let rows = evz::formats().map(|format| {
        let extensions = format.extensions.iter().map(|e| format!("`.{e}`"));
        let packed = if format.packed {
            ", also in `.gz` and `.zst`"
        } else {
            ""
        };
        let written = if format.create.is_some() {
            format.writes
        } else {
            "no"
        };
        let files = extensions.collect::<Vec<_>>().join(", ");
        format!("| {files}{packed} | {} | {written} |\n", format.reads)
    });
    let table = format!("{head}{}", rows.collect::<String>());
    if std::env::var_os("EVZ_BLESS").is_some() {
        let start = readme
            .find("| files | read")
            .expect("the README has a table");
        let len = readme[start..].find("\n\n").expect("a paragraph follows") + 1;
        let new = format!("{}{table}{}", &readme[..start], &readme[start + len..]);
        std::fs::write(&path, new).unwrap();
        return;
    }
    assert!(
        readme.contains(&table),
        "README.md lacks the table\n{table}"
    );
}

/// What a format says of itself is consistent.
#[test]
fn formats_describe_themselves() {
    for format in evz::formats() {
        let name = format.name;
        assert!(
            !format.reads.is_empty() && !format.extensions.is_empty(),
            "{name}"
        );
        assert_eq!(format.create.is_some(), !format.writes.is_empty(), "{name}");
        let encoded = format.open_options.contains(&evz::Question::Encoding);
        assert_eq!(encoded, !format.encodings.is_empty(), "{name}");
        let asks = format.open_options.contains(&evz::Question::Stream);
        assert!(asks || format.open_streams.is_none(), "{name}");
        assert!(
            format.open_streams.is_some() || !format.holds.streams,
            "{name}"
        );
        let ordered = format.open_options.contains(&evz::Question::WordOrder);
        assert_eq!(ordered, !format.word_orders.is_empty(), "{name}");
    }
}

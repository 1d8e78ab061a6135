//! What can be told of how a recording is read, format by format.

mod cli_common;
mod common;

use std::path::Path;

use cli_common::Folder;
use evz::{Format, Question};

/// The options of reading that some formats have a use for, as the command calls them, and a value of each.
const OPTIONS: [(Question, &str, &str); 9] = [
    (Question::Columns, "--columns", "txyp"),
    (Question::TimeUnit, "--time-unit", "us"),
    (Question::Decimals, "--decimals", "6"),
    (Question::PolarityMap, "--polarity-map", "1=on,0=off"),
    (Question::OnBadLine, "--on-bad-line", "skip"),
    (Question::Stream, "--stream", "left"),
    (Question::Sample, "--sample", "0"),
    (Question::Encoding, "--encoding", "evt3"),
    (Question::WordOrder, "--word-order", "little"),
];

fn table() -> String {
    let mut table = "| option |".to_owned();
    let formats: Vec<&Format> = evz::formats().collect();
    let cells = |cell: &dyn Fn(&Format) -> &'static str| -> String {
        formats.iter().map(|f| format!(" {} |", cell(f))).collect()
    };
    table += &cells(&|f| f.name);
    table += "\n| --- |";
    table += &" --- |".repeat(formats.len());
    for (question, name, _) in OPTIONS {
        let of_use = |f: &Format| match f.open_options.contains(&question) {
            true => "yes",
            false => "",
        };
        table += &format!("\n| `{name}` |{}", cells(&of_use));
    }
    for name in ["--size", "--round", "--drop"] {
        table += &format!("\n| `{name}` |{}", cells(&|_| "yes"));
    }
    table + "\n"
}

/// The page has the table of what the formats say of themselves. `EVZ_BLESS=1 cargo test` writes it anew.
#[test]
fn the_page_has_the_options_of_every_format() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let table = table();
    if std::env::var_os("EVZ_BLESS").is_some() {
        let start = page.find("| option |").expect("the page has a table");
        let len = page[start..].find("\n\n").expect("a paragraph follows") + 1;
        let new = format!("{}{table}{}", &page[..start], &page[start + len..]);
        std::fs::write(&path, new).unwrap();
        return;
    }
    assert!(
        page.contains(&table),
        "docs/formats.md lacks the table\n{table}"
    );
}

/// Every option is taken where the table says yes, and refused with what has a use for it where not.
#[test]
fn options_are_taken_or_refused_as_the_table_says() {
    let folder = Folder::with_events(2_000);
    for format in evz::formats().filter(|f| f.create.is_some()) {
        let file = format!("a.{}", format.extensions[0]);
        let written = [
            "convert",
            "events.evz",
            &file,
            "--size",
            "320x240",
            "--force",
        ];
        folder.run(&written).ends(0);
        let expected = folder.run(&["digest", &file]).ends(0).text()[..64].to_owned();
        for (question, name, value) in OPTIONS {
            let run = folder.run(&["digest", &file, name, value]);
            let what = format!("{file} {name} {value}: {}", run.err);
            if format.open_options.contains(&question) {
                // It may say that the recording has no such thing, but not that the format has no use.
                assert!(!run.err.contains("it is of use for"), "{what}");
            } else if question == Question::Stream {
                // Looked for among the side streams of any format.
                assert!(run.err.contains("--stream"), "{what}");
            } else {
                assert!(
                    run.err.contains("leave") && run.err.contains(name),
                    "{what}"
                );
                run.ends(2);
            }
        }
        for [name, value] in [
            ["--size", "320x240"],
            ["--round", "us"],
            ["--drop", "outside"],
        ] {
            let told = ["digest", &file, name, value, "--size", "320x240"];
            let told = if name == "--size" { &told[..4] } else { &told };
            let run = folder.run(told).ends(0);
            assert_eq!(run.text()[..64], expected, "{file} {name}");
        }
    }
}

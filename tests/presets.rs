//! What the documentation says of each preset is what the library has.

use std::fmt::Write;
use std::path::Path;

use evz::render::Preset;

const START: &str = "<!-- presets: tests/presets.rs writes this -->\n";
const END: &str = "<!-- /presets -->";

fn section() -> String {
    let mut text = "| `--like` | what it is | an array of evz | the original's axes | source |\n\
                    | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for of in Preset::ALL {
        let preparer = of
            .preparation
            .of(of.representation)
            .expect("it can be made");
        let shape = format!(
            "{} [{}, H, W]",
            preparer.array_type(),
            of.representation.channels()
        );
        let _ = writeln!(
            text,
            "| `{}` | {} | `{shape}` | `{}` | {} |",
            of.name, of.line, of.axes, of.source
        );
    }
    text
}

/// `EVZ_BLESS=1 cargo test` writes the section anew.
#[test]
fn the_page_has_every_preset() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/frames.md");
    let text = std::fs::read_to_string(&page).expect("it is there");
    let (before, rest) = text.split_once(START).expect("it has the section");
    let (_, after) = rest.split_once(END).expect("the section ends");
    let expected = format!("{before}{START}{}{END}{after}", section());
    if std::env::var_os("EVZ_BLESS").is_some() {
        std::fs::write(&page, expected).expect("it can be written");
    } else {
        assert!(text == expected, "EVZ_BLESS=1 cargo test writes it anew");
    }
}

//! What the README shows of each representation is what the table of facts has.

use std::fmt::Write;
use std::path::Path;

use evz::render::Representation;

const START: &str = "<!-- modes: tests/modes.rs writes this -->\n";
const END: &str = "<!-- /modes -->";

/// Those of which pictures are made.
fn drawn() -> Vec<Representation> {
    let all = Representation::ALL.into_iter();
    all.filter(|of| of.facts().is_drawn).collect()
}

/// A picture of each, in rows of three, and the commands that make them.
fn section() -> String {
    let mut text = "| | | |\n| --- | --- | --- |\n".to_owned();
    for row in drawn().chunks(3) {
        text.push('|');
        for of in row {
            let (name, line) = (of.facts().name, of.facts().line);
            let _ = write!(text, " ![{line}](docs/pictures/{name}.png) `{name}` |");
        }
        text.push('\n');
    }
    let names: Vec<&str> = drawn().iter().map(|of| of.facts().name).collect();
    let names = names.join(" ");
    text + &format!(
        "
```sh
evz synth fixtures/moving.evz --size 240x180 --events 36k --rate 300k --seed 7 --profile fast --force
for mode in {names}; do
  evz render fixtures/moving.evz -o docs/pictures/$mode.png --at 60ms --window 30ms --mode $mode --upscale 2 --force
done
```
"
    )
}

/// `EVZ_BLESS=1 cargo test` writes the section anew.
#[test]
fn the_readme_has_every_representation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("it is there");
    let (before, rest) = readme.split_once(START).expect("it has the section");
    let (_, after) = rest.split_once(END).expect("the section ends");
    let expected = format!("{before}{START}{}{END}{after}", section());
    if std::env::var_os("EVZ_BLESS").is_some() {
        std::fs::write(root.join("README.md"), &expected).expect("it can be written");
    } else {
        assert!(readme == expected, "EVZ_BLESS=1 cargo test writes it anew");
    }
    for of in drawn() {
        let picture = root.join(format!("docs/pictures/{}.png", of.facts().name));
        assert!(picture.exists(), "{}", picture.display());
    }
}

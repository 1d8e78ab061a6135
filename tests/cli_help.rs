//! What the command says of itself.

#[path = "cli_common/mod.rs"]
mod common;

use std::path::Path;

use common::Folder;

/// All verbs, as the help of the command lists them.
fn verbs() -> Vec<String> {
    let help = Folder::new().run(&["--help"]).ends(0);
    let list = help.text().split("Commands:\n").nth(1).expect("a list");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let lines = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let verbs = lines.filter_map(|line| line.split_whitespace().next());
    let verbs: Vec<String> = verbs.map(str::to_owned).collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    verbs
}

/// The help of every verb is a golden file. `EVZ_BLESS=1 cargo test` writes them anew.
#[test]
fn help_is_golden() {
    let folder = Folder::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli/help");
    let check = |name: &str, args: &[&str]| {
        let run = folder.run(args).ends(0);
        let path = golden.join(format!("{name}.txt"));
        if std::env::var_os("EVZ_BLESS").is_some() {
            std::fs::write(&path, &run.out).expect("the golden file can be written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            run.text() == expected,
            "{name} differs from {}:\n{}",
            path.display(),
            run.text()
        );
    };
    check("evz", &["--help"]);
    for verb in &verbs() {
        check(verb, &[verb, "--help"]);
    }
    for topic in TOPICS {
        check(&format!("topic-{topic}"), &["help", topic]);
    }
}

const TOPICS: [&str; 3] = ["time", "formats", "exactness"];

#[test]
fn topics_and_verbs_are_explained() {
    let folder = Folder::new();
    let listed = folder.run(&["--help"]).ends(0);
    for topic in TOPICS {
        assert!(listed.text().contains(&format!("help {topic}")));
        let page = folder.run(&["help", topic]).ends(0);
        let widest = page.text().lines().map(|line| line.chars().count()).max();
        assert!(
            topic == "formats" || widest <= Some(100),
            "{topic}: {widest:?}"
        );
    }
    assert_eq!(folder.run(&["help"]).ends(0).text(), listed.text());
    for verb in &verbs() {
        let (one, other) = (folder.run(&["help", verb]), folder.run(&[verb, "--help"]));
        assert!(one.ends(0).out == other.out, "{verb}");
    }
    let unknown = folder.run(&["help", "dance"]).ends(2);
    unknown
        .says("time, formats or exactness")
        .says("evz --help");
}

#[test]
fn help_of_every_verb_has_examples() {
    let folder = Folder::new();
    for verb in &verbs() {
        let run = folder.run(&[verb, "--help"]).ends(0);
        assert!(run.text().contains(&format!("\n  evz {verb} ")), "{verb}");
    }
}

#[test]
fn completion_knows_verbs_and_options() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = folder.run(&["completion", shell]).ends(0);
        for word in ["convert", "recover", "roi"] {
            assert!(run.text().contains(word), "{word} for {shell}");
        }
    }
    folder.run(&["completion", "sh2"]).ends(2);
}

#[test]
fn man_has_a_page_for_every_verb() {
    let folder = Folder::new();
    assert!(folder.run(&["man"]).ends(0).text().contains(".TH evz 1"));
    for verb in &verbs() {
        let run = folder.run(&["man", verb]).ends(0);
        assert!(
            run.text().contains(&format!(".TH evz-{verb} 1")),
            "{verb}: {}",
            run.text()
        );
    }
    folder.run(&["man", "dance"]).ends(2);
}

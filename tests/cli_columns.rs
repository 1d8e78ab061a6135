//! Further columns by the command.

mod cli_common;

use cli_common::Folder;

const LABELLED: &str = "t_us,x,y,p,label,weight\n\
                        10,3,7,1,2,0.5\n20,4,7,0,1,0.25\n30,4,8,1,9,1e-7\n";

#[test]
fn a_labelled_text_becomes_a_file_and_comes_back() {
    let folder = Folder::new();
    folder.write("a.csv", LABELLED.as_bytes());
    folder
        .run(&["convert", "a.csv"])
        .ends(0)
        .says("read as: t x y p label:i64 weight:f64 (from the header)");
    folder.run(&["verify", "a.evz"]).ends(0);
    let info = folder.run(&["info", "a.evz"]).ends(0);
    assert!(
        info.text().contains("column    label, i64, "),
        "{}",
        info.text()
    );
    let info = folder.run(&["info", "a.evz", "--json"]).ends(0);
    let info: serde_json::Value = serde_json::from_str(info.text()).unwrap();
    assert_eq!(info["columns"][1]["name"], "weight");
    assert_eq!(info["columns"][1]["type"], "f64");
    folder.run(&["convert", "a.evz", "b.csv"]).ends(0);
    assert_eq!(folder.read("b.csv"), LABELLED.as_bytes());
    let cat = folder.run(&["cat", "a.evz", "--events", "1..3", "--header", "none"]);
    assert_eq!(cat.ends(0).text(), "20 4 7 0 1 0.25\n30 4 8 1 9 1e-7\n");
}

#[test]
fn windows_regions_joins_and_rescues_keep_them() {
    let folder = Folder::new();
    folder.write("a.csv", LABELLED.as_bytes());
    folder.run(&["convert", "a.csv"]).ends(0);
    let cat = |file: &str, more: &[&str]| {
        let run = folder.run(&[&["cat", file, "--header", "none"], more].concat());
        run.ends(0).text().to_owned()
    };
    assert_eq!(cat("a.evz", &["--roi", "4,0,1,8"]), "20 4 7 0 1 0.25\n");
    assert_eq!(cat("a.evz", &["--polarity", "off"]), "20 4 7 0 1 0.25\n");
    folder
        .run(&["convert", "a.evz", "part.evz", "--from", "10us"])
        .ends(0);
    assert_eq!(cat("part.evz", &[]), "20 4 7 0 1 0.25\n30 4 8 1 9 1e-7\n");
    folder
        .run(&["join", "a.evz", "part.evz", "both.evz"])
        .ends(0);
    assert_eq!(
        cat("both.evz", &[]),
        cat("a.evz", &[]) + &cat("part.evz", &[])
    );
    folder.run(&["recover", "both.evz", "saved.evz"]).ends(0);
    assert_eq!(cat("saved.evz", &[]), cat("both.evz", &[]));
    let sorted = ["convert", "both.evz", "sorted.evz", "--on-unsorted", "sort"];
    folder.run(&sorted).ends(0);
    assert_eq!(
        cat("sorted.evz", &["--events", "0..3"]),
        "10 3 7 1 2 0.5\n20 4 7 0 1 0.25\n20 4 7 0 1 0.25\n"
    );
}

#[test]
fn columns_without_names_are_told() {
    let folder = Folder::new();
    folder.write("a.txt", b"10 3 7 1 2\n20 4 7 0 1\n");
    let told = |columns: &str, code| {
        let file = ["convert", "a.txt", "a.evz", "--force", "--time-unit", "us"];
        let columns: &[&str] = if columns.is_empty() {
            &[]
        } else {
            &["--columns", columns]
        };
        folder.run(&[&file[..], columns].concat()).ends(code)
    };
    told("", 1)
        .says("5 columns")
        .says("--columns t,x,y,p,name1");
    told("txyp", 1).says("5 columns");
    told("t,x,y,p,label:u8", 0);
    told("t,x,y,p,label:bool", 1).says("--columns t,x,y,p,label:i64");
    told("t,x,y,p,-", 0);
    let cat = folder.run(&["cat", "a.evz"]).ends(0);
    assert_eq!(cat.text(), "10 3 7 1\n20 4 7 0\n");
}

#[test]
fn an_output_without_a_place_for_them_loses_them_aloud() {
    let folder = Folder::new();
    folder.write("a.csv", LABELLED.as_bytes());
    folder
        .run(&["convert", "a.csv", "a.dat", "--size", "640x480"])
        .ends(3)
        .says("2 further columns")
        .says("label");
}

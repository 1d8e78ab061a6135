//! Which recordings there are in folders, and what each becomes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use evz_core::{Error, Format, Result};
use walkdir::WalkDir;

use crate::registry::{format_of_name, unpacked_name};

/// A recording and the file that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Where the recording is.
    pub source: PathBuf,
    /// Where the output goes: under the folder of all outputs.
    pub output: PathBuf,
    /// The output within that folder, which is what it is known by.
    pub name: PathBuf,
}

/// The recordings that were found, and what was passed over.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Each with what it is called under the folder that it was found in.
    pub recordings: Vec<(PathBuf, PathBuf)>,
    /// Files whose names stand for no format.
    pub passed_over: Vec<PathBuf>,
}

/// The recordings that these name: files as they are; of folders the files below them whose names stand
/// for a format, but for what is hidden and what is below `out`; and all that a pattern such as
/// `data/**/*.raw` matches. In order, none twice.
///
/// # Errors
/// If one is not there, a folder cannot be read, or a pattern is none or matches nothing.
pub fn recordings(sources: &[PathBuf], out: Option<&Path>) -> Result<Found> {
    let mut found = Found::default();
    let out = out.and_then(|out| out.canonicalize().ok());
    let n_folders = sources.iter().filter(|source| source.is_dir()).count();
    for source in sources {
        if source.is_dir() {
            // Of several folders each keeps its name.
            let under = match n_folders {
                1 => PathBuf::new(),
                _ => source.file_name().map(PathBuf::from).unwrap_or_default(),
            };
            of_folder(source, &under, out.as_deref(), &mut found)?;
        } else if source.exists() {
            let name = source.file_name().map(PathBuf::from).unwrap_or_default();
            found.recordings.push((source.clone(), name));
        } else {
            of_pattern(source, &mut found)?;
        }
    }
    found.recordings.sort();
    found.recordings.dedup_by(|a, b| a.0 == b.0);
    Ok(found)
}

fn of_folder(folder: &Path, under: &Path, out: Option<&Path>, found: &mut Found) -> Result<()> {
    let is_out = |path: &Path| out.is_some() && path.canonicalize().ok().as_deref() == out;
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
    let walk = walk.into_iter().filter_entry(|entry| {
        entry.depth() == 0
            || !(hidden(entry.file_name()) || entry.file_type().is_dir() && is_out(entry.path()))
    });
    for entry in walk {
        let entry = entry.map_err(|e| {
            let place = e.path().unwrap_or(folder).display().to_string();
            let error = e.into_io_error().unwrap_or_else(|| {
                std::io::Error::other("a link leads back to a folder that it is in")
            });
            Error::io(place, "cannot read", error)
        })?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.into_path();
        match is_of_a_format(&path) {
            true => {
                let name = under.join(path.strip_prefix(folder).unwrap_or(&path));
                found.recordings.push((path, name));
            }
            false => found.passed_over.push(path),
        }
    }
    Ok(())
}

/// Whether a name stands for a format, packed or not.
fn is_of_a_format(path: &Path) -> bool {
    format_of_name(path)
        .or_else(|| format_of_name(unpacked_name(path)))
        .is_some()
}

fn of_pattern(pattern: &Path, found: &mut Found) -> Result<()> {
    let shown = pattern.display();
    let text = pattern.to_string_lossy();
    if !text.contains(['*', '?', '[']) {
        let error = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::io(shown.to_string(), "cannot open", error));
    }
    let paths = glob::glob(&text)
        .map_err(|e| Error::invalid(format!("{shown}: is no pattern: {}", e.msg)))?;
    // The folders before the first one that is a pattern are not part of the names.
    let is_plain =
        |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let before: PathBuf = pattern.components().take_while(is_plain).collect();
    let n = found.recordings.len();
    for path in paths {
        let path =
            path.map_err(|e| Error::io(e.path().display().to_string(), "cannot read", e.into()))?;
        if path.is_file() {
            let name = path.strip_prefix(&before).unwrap_or(&path).to_owned();
            found.recordings.push((path, name));
        }
    }
    match found.recordings.len() > n {
        true => Ok(()),
        false => Err(Error::invalid(format!("{shown}: matches no file"))),
    }
}

/// What each recording becomes in a folder: the same name with the extension of the format. Where two
/// would become one, each keeps its own extension before that: `a.txt.evz`, `a.raw.evz`.
///
/// # Errors
/// If two of them have the same name even so.
pub fn jobs(found: &Found, out: &Path, format: &Format) -> Result<Vec<Job>> {
    let extension = format.extensions.first().copied().unwrap_or(format.name);
    let short = |name: &Path| unpacked_name(name).with_extension(extension);
    let mut claims: HashMap<PathBuf, usize> = HashMap::new();
    for (_, name) in &found.recordings {
        *claims.entry(short(name)).or_default() += 1;
    }
    let mut taken: HashMap<PathBuf, &Path> = HashMap::new();
    let mut jobs = Vec::new();
    for (source, name) in &found.recordings {
        let mut output = short(name);
        if claims[&output] > 1 {
            let mut whole: OsString = name.clone().into();
            whole.push(".");
            whole.push(extension);
            output = whole.into();
        }
        if let Some(other) = taken.insert(output.clone(), source) {
            let (one, output) = (source.display(), output.display());
            let what = format!("{} and {one} would both become {output}", other.display());
            return Err(Error::invalid(what).advise("convert them into folders of their own"));
        }
        jobs.push(Job {
            source: source.clone(),
            name: output.clone(),
            output: out.join(&output),
        });
    }
    Ok(jobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &Found) -> Vec<String> {
        let names = found.recordings.iter();
        names.map(|(_, name)| name.display().to_string()).collect()
    }

    #[test]
    fn folders_files_and_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::create_dir_all(at("out")).unwrap();
        for name in [
            "a/1.raw",
            "a/b/2.txt.gz",
            "a/b/.3.raw",
            "a/b/notes.md",
            "out/1.evz",
            "a/1.txt",
        ] {
            std::fs::write(at(name), "").unwrap();
        }
        let all = recordings(&[folder.path().to_owned()], Some(&at("out"))).unwrap();
        assert_eq!(names(&all), ["a/1.raw", "a/1.txt", "a/b/2.txt.gz"]);
        assert_eq!(all.passed_over, [at("a/b/notes.md")]);
        let two = recordings(&[at("a"), at("out")], None).unwrap();
        assert_eq!(
            names(&two),
            ["a/1.raw", "a/1.txt", "a/b/2.txt.gz", "out/1.evz"]
        );
        let pattern = recordings(&[at("a/**/*.raw"), at("a/b/2.txt.gz")], None).unwrap();
        assert_eq!(names(&pattern), ["1.raw", "b/.3.raw", "2.txt.gz"]);
        let none = recordings(&[at("a/*.dat")], None).unwrap_err();
        assert!(none.to_string().contains("matches no file"), "{none}");
        assert!(recordings(&[at("c")], None).is_err());

        let evz = crate::format("evz").unwrap();
        let jobs = jobs(&all, Path::new("o"), evz).unwrap();
        let outputs: Vec<_> = jobs
            .iter()
            .map(|job| job.output.display().to_string())
            .collect();
        assert_eq!(outputs, ["o/a/1.raw.evz", "o/a/1.txt.evz", "o/a/b/2.evz"]);
    }
}

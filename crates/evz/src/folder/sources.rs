//! Which recordings there are in folders, and what each becomes.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use evz_core::{Error, Format, Result, url_scheme};
use walkdir::WalkDir;

use crate::registry::{format_of_name, unpacked_name};
use crate::sidecar::is_index;

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

/// The recordings that were found, what was passed over, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Found {
    /// Each with what it is called under the folder that it was found in.
    pub recordings: Vec<(PathBuf, PathBuf)>,
    /// Files whose names stand for no format, and links that lead back to a folder that they are in.
    pub passed_over: Vec<PathBuf>,
    /// What is not there, or cannot be read.
    pub failed: Vec<(PathBuf, Error)>,
}

impl Found {
    /// Leaves out the recordings that one of these patterns matches: their names, or where a pattern has a
    /// `/` their paths under the folder that they were found in. Returns how many of each, in the order of
    /// the patterns; what several match is the first one's.
    ///
    /// # Errors
    /// If one is no pattern.
    pub fn leave_out(&mut self, patterns: &[String]) -> Result<Vec<usize>> {
        let patterns = patterns
            .iter()
            .map(|text| Ok((pattern_of(text)?, text.contains('/'))));
        let patterns = patterns.collect::<Result<Vec<_>>>()?;
        let mut left_out = vec![0; patterns.len()];
        self.recordings.retain(|(_, name)| {
            let file = Path::new(name.file_name().unwrap_or_default());
            let found = patterns.iter().position(|(pattern, is_path)| {
                let name = if *is_path { name } else { file };
                pattern.matches_path_with(name, PATTERNS)
            });
            if let Some(found) = found {
                left_out[found] += 1;
            }
            found.is_none()
        });
        Ok(left_out)
    }
}

/// `*` stands for no `/`, `**` does.
const PATTERNS: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

fn pattern_of(text: &str) -> Result<glob::Pattern> {
    let wrong = |e: glob::PatternError| Error::invalid(format!("{text}: is no pattern: {}", e.msg));
    glob::Pattern::new(text).map_err(wrong)
}

/// The recordings that these name: files as they are; of folders the files below them whose names stand
/// for a format, but for what is hidden and what is below `out`; and all that a pattern such as
/// `data/**/*.raw` matches. In order, none twice.
///
/// # Errors
/// If one is the folder `out` itself, or is a pattern that is none or matches nothing.
pub fn recordings(sources: &[PathBuf], out: Option<&Path>) -> Result<Found> {
    let mut found = Found::default();
    let out = out.and_then(|out| out.canonicalize().ok());
    let several = sources.len() > 1;
    let mut files: Vec<&Path> = Vec::new();
    for source in sources {
        if source.is_dir() {
            if out.is_some() && source.canonicalize().ok() == out {
                let what = format!("{}: is to be converted into itself", source.display());
                return Err(Error::invalid(what).advise("name another folder"));
            }
            // Of several folders each keeps its name.
            let under = match several {
                false => PathBuf::new(),
                true => source.file_name().map(PathBuf::from).unwrap_or_default(),
            };
            walk(
                source,
                out.as_deref(),
                &mut found,
                |found, path| match is_of_a_format(&path) {
                    true => {
                        let name = under.join(path.strip_prefix(source).unwrap_or(&path));
                        found.recordings.push((path, name));
                    }
                    false => found.passed_over.push(path),
                },
            );
        } else if source.exists() || !is_pattern(source) {
            files.push(source);
        } else {
            of_pattern(source, several, &mut found)?;
        }
    }
    of_files(&files, &mut found);
    take_unnamed(&mut found);
    found.recordings.sort();
    found.recordings.dedup_by(|a, b| a.0 == b.0);
    Ok(found)
}

/// What is known of a recording is kept by its name in words.
fn take_unnamed(found: &mut Found) {
    let all = std::mem::take(&mut found.recordings).into_iter();
    let (named, unnamed) = all.partition(|(_, name): &(PathBuf, PathBuf)| name.to_str().is_some());
    found.recordings = named;
    let unnamed: Vec<(PathBuf, PathBuf)> = unnamed;
    found.failed.extend(unnamed.into_iter().map(|(path, _)| {
        let what = format!("{}: its name is not UTF-8", path.display());
        (path, Error::invalid(what).advise("rename it"))
    }));
}

/// Calls `take` for each file below a folder that is not hidden.
fn walk(
    folder: &Path,
    out: Option<&Path>,
    found: &mut Found,
    mut take: impl FnMut(&mut Found, PathBuf),
) {
    let is_out = |path: &Path| out.is_some() && path.canonicalize().ok().as_deref() == out;
    let hidden = |name: &OsStr| name.to_string_lossy().starts_with('.');
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name();
    let walk = walk.into_iter().filter_entry(|entry| {
        entry.depth() == 0
            || !(hidden(entry.file_name())
                || is_index(entry.path())
                || entry.file_type().is_dir() && is_out(entry.path()))
    });
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_file() => take(found, entry.into_path()),
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                match error.into_io_error() {
                    // What it leads to is found without it.
                    None => found.passed_over.push(path),
                    Some(error) => {
                        let error = Error::io(path.display().to_string(), "cannot read", error);
                        found.failed.push((path, error));
                    }
                }
            }
        }
    }
}

/// Files that are named: by their last name, or by all of it where two have the same last one.
fn of_files(files: &[&Path], found: &mut Found) {
    let last = |path: &Path| path.file_name().map(PathBuf::from).unwrap_or_default();
    let mut names: Vec<PathBuf> = files.iter().map(|path| last(path)).collect();
    names.sort();
    let meet = names.windows(2).any(|pair| pair[0] == pair[1]);
    for file in files {
        if url_scheme(file).is_some() {
            let what = format!(
                "{}: is a URL, and files of folders are read here",
                file.display()
            );
            let error = Error::invalid(what).advise("convert it to a file of its own");
            found.failed.push((file.to_path_buf(), error));
            continue;
        }
        if let Err(error) = file.metadata() {
            let error = Error::io(file.display().to_string(), "cannot open", error);
            found.failed.push((file.to_path_buf(), error));
            continue;
        }
        let name = match meet {
            true => within(file),
            false => last(file),
        };
        found.recordings.push((file.to_path_buf(), name));
    }
}

/// The names of a path, without what leads out of a folder.
fn within(path: &Path) -> PathBuf {
    let names = path.components();
    names
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect()
}

/// Whether a name stands for a format, packed or not.
fn is_of_a_format(path: &Path) -> bool {
    format_of_name(path)
        .or_else(|| format_of_name(unpacked_name(path)))
        .is_some()
}

/// Whether a path stands for all that it matches. A URL does not: there `?` begins its query.
pub fn is_pattern(path: &Path) -> bool {
    url_scheme(path).is_none() && path.to_string_lossy().contains(['*', '?', '['])
}

/// The files that a pattern matches, called by what comes behind its first folders, in which nothing is
/// left open; by all of it, if there are several sources and it begins here.
fn of_pattern(pattern: &Path, several: bool, found: &mut Found) -> Result<()> {
    let shown = pattern.display();
    let matches = pattern_of(&pattern.to_string_lossy())?;
    let plain = |part: &Component<'_>| !is_pattern(Path::new(part.as_os_str()));
    let before: PathBuf = pattern.components().take_while(plain).collect();
    let root = match before.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => before.clone(),
    };
    let n = found.recordings.len();
    walk(&root, None, found, |found, path| {
        let path = path.strip_prefix("./").map(Path::to_owned).unwrap_or(path);
        if matches.matches_path_with(&path, PATTERNS) {
            let name = match several && pattern.is_relative() {
                true => within(&path),
                false => path.strip_prefix(&before).unwrap_or(&path).to_owned(),
            };
            found.recordings.push((path, name));
        }
    });
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
        assert_eq!(names(&pattern), ["1.raw", "2.txt.gz"]);
        let none = recordings(&[at("a/*.dat")], None).unwrap_err();
        assert!(none.to_string().contains("matches no file"), "{none}");
        assert!(recordings(&[at("a")], Some(&at("a"))).is_err());
        let left_out = |patterns: &[&str]| {
            let mut found = recordings(&[folder.path().to_owned()], Some(&at("out"))).unwrap();
            let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
            found.leave_out(&patterns).map(|n| (n, names(&found)))
        };
        let rest = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        for (patterns, n, left) in [
            (&["*.txt*"][..], &[2][..], &["a/1.raw"][..]),
            (&["a/*"], &[2], &["a/b/2.txt.gz"]),
            (&["1.*", "**/b/*", "1.raw"], &[2, 1, 0], &[]),
            (&["b/*", "1.txt"], &[0, 1], &["a/1.raw", "a/b/2.txt.gz"]),
        ] {
            assert_eq!(left_out(patterns).unwrap(), (n.to_vec(), rest(left)));
        }
        assert!(left_out(&["a["]).is_err());
        // What is not there does not stop the others.
        let one = recordings(&[at("c.raw"), at("a/1.raw")], None).unwrap();
        assert_eq!(
            (one.failed.len(), names(&one)),
            (1, vec!["1.raw".to_owned()])
        );

        #[cfg(target_os = "linux")]
        {
            use std::os::unix::ffi::OsStrExt;
            std::fs::write(at("a/").join(OsStr::from_bytes(b"\xff.raw")), "").unwrap();
            let found = recordings(&[at("a")], None).unwrap();
            assert_eq!(names(&found), ["1.raw", "1.txt", "b/2.txt.gz"]);
            assert!(
                found.failed[0]
                    .1
                    .to_string()
                    .ends_with("its name is not UTF-8; rename it")
            );
        }

        let evz = crate::format("evz").unwrap();
        let jobs = jobs(&all, Path::new("o"), evz).unwrap();
        let outputs: Vec<_> = jobs
            .iter()
            .map(|job| job.output.display().to_string())
            .collect();
        assert_eq!(outputs, ["o/a/1.raw.evz", "o/a/1.txt.evz", "o/a/b/2.evz"]);
    }
}

//! A program of ffmpeg that is given pictures.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use evz_core::{Error, Place, Result, Temporary};

/// A program that runs, and what it says.
#[derive(Debug)]
pub(crate) struct Program {
    name: &'static str,
    child: Child,
    talk: File,
}

impl Program {
    /// Starts `ffmpeg` or `ffplay`, wherever it is; where it is nowhere, the error is `missing`.
    pub(crate) fn start(
        name: &'static str,
        place: impl Into<Place>,
        missing: impl FnOnce() -> Error,
        tell: impl Fn(&mut Command),
    ) -> Result<Self> {
        // A file, for a pipe that nobody reads would stop the program when it is full.
        let talk = Temporary::new(&format!("what {name} says"))?.into_file();
        let start = |program: OsString| {
            let mut command = Command::new(program);
            tell(&mut command);
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(talk.try_clone()?)
                .spawn()
        };
        let mut child = Err(io::ErrorKind::NotFound.into());
        for program in places(name) {
            child = start(program);
            if !matches!(&child, Err(e) if e.kind() == io::ErrorKind::NotFound) {
                break;
            }
        }
        match child {
            Ok(child) => Ok(Self { name, child, talk }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(missing()),
            Err(e) => Err(Error::io(place, format!("cannot start {name}"), e)),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.child.stdin {
            Some(stdin) => stdin.write_all(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Gives it nothing more, and waits for its end.
    pub(crate) fn end(&mut self) -> io::Result<ExitStatus> {
        drop(self.child.stdin.take());
        self.child.wait()
    }

    /// That it failed, and what it said last.
    pub(crate) fn failed(&mut self, place: &str) -> Error {
        let status = match self.end() {
            Ok(status) => status.to_string(),
            Err(e) => e.to_string(),
        };
        let mut talk = Vec::new();
        let read = self
            .talk
            .rewind()
            .and_then(|()| self.talk.read_to_end(&mut talk));
        let talk = String::from_utf8_lossy(&talk);
        let last: Vec<&str> = talk
            .lines()
            .rev()
            .filter(|l| !l.trim().is_empty())
            .collect();
        let said = match last.as_slice() {
            [] => "it said nothing".to_owned(),
            [last] => format!("it said: {last}"),
            [last, before, ..] => format!("it said: {before}; {last}"),
        };
        let name = self.name;
        let what = match read {
            Ok(_) => format!("{name} failed; {said}"),
            Err(_) => format!("{name} failed"),
        };
        Error::io(place, what, io::Error::other(status))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // After its end there is none left to stop; else nobody wants what it does any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a program may be: where Python's imageio is told that ffmpeg is, on the path, and beside this
/// program.
fn places(name: &str) -> impl Iterator<Item = OsString> {
    // With the extension of programs of this system.
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let told = std::env::var_os("IMAGEIO_FFMPEG_EXE").filter(|told| !told.is_empty());
    let told = told.map(|told| match name {
        "ffmpeg" => told,
        _ => Path::new(&told).with_file_name(&file).into_os_string(),
    });
    let beside = std::env::current_exe();
    let beside = beside.map(|program| program.with_file_name(&file).into_os_string());
    told.into_iter().chain([file.into()]).chain(beside.ok())
}

//! A web server on this machine that knows ranges and ETags, and has the faults that it is told to have.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does otherwise than it should.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// Waits so long before each answer.
    pub(crate) delay: Duration,
    /// Answers the first so many requests with a status.
    pub(crate) first: usize,
    /// The status of those.
    pub(crate) status: u16,
    /// Sends of each answer no more than so many bytes, and closes the connection.
    pub(crate) cut_at: Option<usize>,
    /// Answers with a range that is one byte short, and says so.
    pub(crate) short_ranges: bool,
    /// Answers with all of the file.
    pub(crate) ignores_ranges: bool,
    /// After so many requests the file has other bytes, and another ETag.
    pub(crate) changes_after: Option<usize>,
    /// Answers whatever the request says of ETags.
    pub(crate) ignores_if_match: bool,
    /// Sends no ETag.
    pub(crate) has_no_tag: bool,
}

/// A server; its threads end with the process.
pub(crate) struct Server {
    address: SocketAddr,
    site: Arc<Site>,
}

struct Site {
    files: HashMap<String, Vec<u8>>,
    faults: Faults,
    requests: AtomicUsize,
    asked: Mutex<Vec<Range<usize>>>,
}

impl Server {
    /// A server of these files, called by their names.
    pub(crate) fn new(files: &[(&str, Vec<u8>)], faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it is bound");
        let files = files.iter().cloned();
        let site = Arc::new(Site {
            files: files
                .map(|(name, bytes)| (format!("/{name}"), bytes))
                .collect(),
            faults,
            requests: AtomicUsize::new(0),
            asked: Mutex::default(),
        });
        let served = site.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = served.clone();
                thread::spawn(move || site.serve(stream));
            }
        });
        Self { address, site }
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Requests that came in.
    pub(crate) fn requests(&self) -> usize {
        self.site.requests.load(Ordering::SeqCst)
    }

    /// The ranges that were asked for, in the order of the requests.
    pub(crate) fn asked(&self) -> Vec<Range<usize>> {
        self.site.asked.lock().expect("nobody panics").clone()
    }
}

impl Site {
    /// Answers what comes over one connection, until it ends.
    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
        loop {
            let request = lines.next()?.ok()?;
            let mut headers = HashMap::new();
            loop {
                let line = lines.next()?.ok()?;
                match line.split_once(": ") {
                    Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
                    None => break,
                };
            }
            self.answer(&mut stream, &request, &headers)?;
        }
    }

    fn answer(
        &self,
        out: &mut TcpStream,
        request: &str,
        headers: &HashMap<String, String>,
    ) -> Option<()> {
        let faults = &self.faults;
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        thread::sleep(faults.delay);
        let mut words = request.split(' ');
        let (method, path) = (words.next()?, words.next()?);
        if number < faults.first {
            return status(out, faults.status);
        }
        let Some(mut file) = self.files.get(path).cloned() else {
            return status(out, 404);
        };
        let has_changed = faults.changes_after.is_some_and(|n| number >= n);
        if has_changed {
            file.iter_mut().for_each(|byte| *byte ^= 1);
        }
        let tag = if has_changed {
            "\"second\""
        } else {
            "\"first\""
        };
        let other = |told: &String| told != tag;
        if !faults.ignores_if_match && headers.get("if-match").is_some_and(other) {
            return status(out, 412);
        }
        let range = headers.get("range").filter(|_| !faults.ignores_ranges);
        let (line, mut range) = match range {
            None => ("200 OK", 0..file.len()),
            Some(range) => {
                let (start, last) = range.strip_prefix("bytes=")?.split_once('-')?;
                let last: usize = last.parse().ok()?;
                let (start, end) = match start.parse() {
                    Ok(start) => (start, last + 1),
                    Err(_) => (file.len().saturating_sub(last), file.len()),
                };
                self.asked.lock().ok()?.push(start..end);
                if start >= file.len() {
                    return status(out, 416);
                }
                ("206 Partial Content", start..end.min(file.len()))
            }
        };
        if faults.short_ranges {
            range.end -= 1;
        }
        let mut head = format!(
            "HTTP/1.1 {line}\r\nContent-Length: {}\r\nContent-Range: bytes {}-{}/{}\r\n",
            range.len(),
            range.start,
            range.end.saturating_sub(1),
            file.len()
        );
        if !faults.has_no_tag {
            head += &format!("ETag: {tag}\r\n");
        }
        out.write_all((head + "\r\n").as_bytes()).ok()?;
        if method == "HEAD" {
            return Some(());
        }
        let bytes = &file[range];
        match faults.cut_at {
            Some(at) if at < bytes.len() => {
                out.write_all(&bytes[..at]).ok()?;
                None
            }
            _ => out.write_all(bytes).ok(),
        }
    }
}

/// An answer without bytes.
fn status(out: &mut TcpStream, status: u16) -> Option<()> {
    let head = format!("HTTP/1.1 {status} Told\r\nContent-Length: 0\r\n\r\n");
    out.write_all(head.as_bytes()).ok()
}

//! The memory of a process, where the system says it.

/// The most memory of this process that was resident so far.
pub(super) fn peak_rss_bytes() -> Option<u64> {
    status("self", "VmHWM:")
}

/// The resident memory of a process that no file backs: without maps of files.
pub(super) fn anonymous_bytes(process: u32) -> Option<u64> {
    status(&process.to_string(), "RssAnon:")
}

fn status(process: &str, key: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

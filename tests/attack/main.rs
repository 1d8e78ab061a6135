//! The command beside files, disks and users that fail: one call fails, or the process is killed at one.
//!
//! A sample is tried here; `EVZ_ATTACK=all` tries every call of every verb, and what it came to is printed with
//! `--nocapture`.

#![cfg(target_os = "linux")]

#[path = "../cli_common/mod.rs"]
mod cli_common;
mod effort;
mod faults;
mod kills;
mod layer;
mod scene;
mod unfinished;
mod verbs;

//! `evz play` in a terminal, as a process under a pseudo-terminal.
#![cfg(unix)]

#[test]
fn stub() {}

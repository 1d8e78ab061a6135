//! Columns that are no column of events.

use super::name::list;

/// What is said of the columns that are not `read`, if there are any; `what` they are is for the
/// message.
pub fn not_read(what: &str, names: &[&str], read: &[usize]) -> Option<String> {
    let unread: Vec<&str> = names
        .iter()
        .enumerate()
        .filter(|(i, _)| !read.contains(i))
        .map(|(_, name)| *name)
        .collect();
    (!unread.is_empty()).then(|| format!("{what} that are not read: {}", list(&unread)))
}

#[cfg(test)]
mod tests {
    use super::not_read;

    #[test]
    fn not_more_than_a_message_can_hold() {
        assert_eq!(not_read("fields", &["t", "x"], &[1, 0]), None);
        assert_eq!(
            not_read("fields", &["t", "a", "x"], &[2, 0]).unwrap(),
            "fields that are not read: \"a\""
        );
        let many = not_read("columns", &["a"; 15], &[0]).unwrap();
        assert!(many.ends_with("\"a\" and 2 others"), "{many}");
    }
}

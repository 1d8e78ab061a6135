//! What a footer claims, as far as it has to be known before the `parquet` crate reads it: the crate takes memory for as many
//! children and row groups as are claimed, and goes down a schema as deep as it is. `FileMetaData` and `OffsetIndex` of
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use super::shape::{FILE_METADATA, OFFSET_INDEX, SCHEMA_ELEMENT};
use super::thrift::{Fields, Unread};

/// Columns inside columns.
const MAX_DEPTH: usize = 64;

const SCHEMA: i64 = 2;
const ENCRYPTION_ALGORITHM: i64 = 8;
const NUM_CHILDREN: i64 = 5;

const UNLIKE_CLAIM: Unread = Unread::Bad("its schema has other columns than it claims");

/// Goes over a footer: its lists have the values that they claim, and its schema is as deep as one may be. Says
/// whether columns are encrypted.
pub(super) fn check(bytes: &[u8]) -> Result<bool, Unread> {
    let mut encrypted = false;
    FILE_METADATA.check(&mut Fields::new(bytes), |id, field| {
        encrypted |= id == ENCRYPTION_ALGORITHM;
        match id {
            SCHEMA => check_schema(field),
            _ => Ok(()),
        }
    })?;
    Ok(encrypted)
}

/// Goes over where the pages of a column are.
pub(super) fn check_places(bytes: &[u8]) -> Result<(), Unread> {
    OFFSET_INDEX.check(&mut Fields::new(bytes), |_, _| Ok(()))
}

/// The elements of a schema are a tree, each before its children.
fn check_schema(mut fields: Fields<'_>) -> Result<(), Unread> {
    let (_, n) = fields.list()?;
    // Of each column above the one that comes next, how many of its children are to come.
    let mut above: Vec<u64> = vec![1];
    for read in 1..=n {
        let to_come = above.last_mut().ok_or(UNLIKE_CLAIM)?;
        *to_come -= 1;
        let children = children(&mut fields)?;
        if children > n - read {
            return Err(UNLIKE_CLAIM);
        }
        above.push(children);
        if above.len() > MAX_DEPTH {
            return Err(Unread::Bad("its schema is nested too deeply"));
        }
        while above.last() == Some(&0) {
            above.pop();
        }
    }
    match above.is_empty() {
        true => Ok(()),
        false => Err(UNLIKE_CLAIM),
    }
}

/// The children of the element of a schema that comes next.
fn children(fields: &mut Fields<'_>) -> Result<u64, Unread> {
    let mut children = 0;
    SCHEMA_ELEMENT.check(fields, |id, mut field| {
        if id == NUM_CHILDREN {
            children = u64::try_from(field.signed()?).map_err(|_| UNLIKE_CLAIM)?;
        }
        Ok(())
    })?;
    Ok(children)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The element of a schema.
    fn element(children: u8) -> [u8; 3] {
        [0x55, 2 * children, 0]
    }

    /// A footer with this schema, no rows, and no row groups.
    fn footer(elements: &[[u8; 3]], rest: &[u8]) -> Vec<u8> {
        let n = elements.len();
        let list = [0xfc, (n & 0x7f) as u8 | 0x80, (n >> 7) as u8];
        let elements = elements.concat();
        [
            &[0x15, 2, 0x19],
            &list[..],
            &elements,
            &[0x16, 0, 0x19, 0x0c],
            rest,
            &[0],
        ]
        .concat()
    }

    #[test]
    fn a_schema_is_a_tree() {
        let [none, one, two] = [0, 1, 2].map(element);
        for whole in [&[none][..], &[one, none], &[two, one, none, none]] {
            assert_eq!(check(&footer(whole, &[])), Ok(false), "{whole:?}");
        }
        let wrong: [&[_]; 5] = [
            &[],
            &[one],
            &[two, none],
            &[none, none],
            &[element(60), none],
        ];
        for wrong in wrong {
            assert_eq!(check(&footer(wrong, &[])), Err(UNLIKE_CLAIM), "{wrong:?}");
        }
        assert_eq!(check(&footer(&[[0x55, 1, 0]], &[])), Err(UNLIKE_CLAIM));
        let deep = |n| footer(&[vec![one; n], vec![none]].concat(), &[]);
        assert_eq!(check(&deep(MAX_DEPTH - 2)), Ok(false));
        assert!(matches!(check(&deep(MAX_DEPTH)), Err(Unread::Bad(_))));
        assert!(matches!(check(&deep(10_000)), Err(Unread::Bad(_))));
    }

    #[test]
    fn what_is_claimed_is_there() {
        let whole = footer(&[element(0)], &[]);
        for cut in 0..whole.len() {
            assert_eq!(check(&whole[..cut]), Err(Unread::Short), "{cut}");
        }
        // Two billion row groups, and as many booleans in a field that is not known.
        let billions = [0xff, 0xff, 0xff, 0xff, 7];
        let groups = [&[0x15, 2, 0x39, 0xfc][..], &billions].concat();
        assert_eq!(check(&groups), Err(Unread::Short));
        let nothing = footer(&[element(0)], &[&[0x79, 0xf1][..], &billions].concat());
        assert!(matches!(check(&nothing), Err(Unread::Bad(_))));
        let places = |list| check_places(&[&[0x19, list][..], &billions, &[0]].concat());
        assert_eq!(places(0xfc), Err(Unread::Short));
        assert!(matches!(places(0xf1), Err(Unread::Bad(_))));
    }
}

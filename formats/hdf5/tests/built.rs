//! Files built by hand, of more objects than are looked at, or whose groups and attributes lead to the
//! same bytes again and again.

mod common;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::read;
use evz_core::{ErrorKind, EventSource, Input, OpenOptions, ReadAt, Result};
use evz_hdf5::Hdf5Source;

/// Kinds of messages: file format specification, IV.A.2.
const DATASPACE: u16 = 0x01;
const LINK_INFO: u16 = 0x02;
const DATATYPE: u16 = 0x03;
const LAYOUT: u16 = 0x08;
const SYMBOL_TABLE: u16 = 0x11;
const ATTRIBUTE_INFO: u16 = 0x15;

/// The bytes of a file in the first version of the format.
struct Built(Vec<u8>);

impl Built {
    fn new() -> Self {
        Self(vec![0; 96])
    }

    /// Adds bytes; where they are.
    fn put(&mut self, bytes: &[u8]) -> u64 {
        let here = self.0.len().next_multiple_of(8);
        self.0.resize(here, 0);
        self.0.extend_from_slice(bytes);
        here as u64
    }

    /// An object header; where it is.
    fn object(&mut self, messages: &[(u16, Vec<u8>)]) -> u64 {
        let mut body = Vec::new();
        for (kind, message) in messages {
            let len = message.len().next_multiple_of(8);
            body.extend(kind.to_le_bytes());
            body.extend((len as u16).to_le_bytes());
            body.extend([0; 4]);
            body.extend_from_slice(message);
            body.resize(body.len() + len - message.len(), 0);
        }
        let mut header = vec![1, 0];
        header.extend((messages.len() as u16).to_le_bytes());
        header.extend(1u32.to_le_bytes());
        header.extend((body.len() as u32).to_le_bytes());
        header.extend([0; 4]);
        header.extend(body);
        self.put(&header)
    }

    /// A dataset of int64; where it is.
    fn dataset(&mut self, values: &[i64]) -> u64 {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let at = self.put(&bytes);
        let mut space = vec![1, 1, 0, 0, 0, 0, 0, 0];
        space.extend((values.len() as u64).to_le_bytes());
        let of = vec![0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0];
        let mut layout = vec![3, 1];
        layout.extend(at.to_le_bytes());
        layout.extend((bytes.len() as u64).to_le_bytes());
        self.object(&[(DATASPACE, space), (DATATYPE, of), (LAYOUT, layout)])
    }

    /// A group of names in a heap, each an offset and an object; where it is.
    fn group(&mut self, heap: &[u8], links: &[(u64, u64)]) -> u64 {
        let data = self.put(heap);
        let mut head = b"HEAP\0\0\0\0".to_vec();
        for n in [heap.len() as u64, 1, data] {
            head.extend(n.to_le_bytes());
        }
        let heap = self.put(&head);
        let mut tree = b"TREE\0\0".to_vec();
        let leaves = links.chunks(0x8000);
        tree.extend((leaves.len() as u16).to_le_bytes());
        tree.extend([0xff; 16]);
        for leaf in leaves {
            let mut node = b"SNOD\x01\0".to_vec();
            node.extend((leaf.len() as u16).to_le_bytes());
            for (name, object) in leaf {
                node.extend(name.to_le_bytes());
                node.extend(object.to_le_bytes());
                node.extend([0; 24]);
            }
            let node = self.put(&node);
            tree.extend(0u64.to_le_bytes());
            tree.extend(node.to_le_bytes());
        }
        let tree = self.put(&tree);
        let mut table = tree.to_le_bytes().to_vec();
        table.extend(heap.to_le_bytes());
        self.object(&[(SYMBOL_TABLE, table)])
    }

    /// The same with a name of its own for each object.
    fn group_of(&mut self, links: &[(String, u64)]) -> u64 {
        let mut heap = vec![0];
        let mut places = Vec::new();
        for (name, object) in links {
            places.push((heap.len() as u64, *object));
            heap.extend(name.bytes().chain([0]));
        }
        self.group(&heap, &places)
    }

    /// A group of events at these times in microseconds; where it is.
    fn events(&mut self, times: &[i64]) -> u64 {
        let zeros = [0, 0, 0];
        let columns = [("t_us", times), ("x", &zeros), ("y", &zeros), ("p", &zeros)];
        let links = columns.map(|(name, values)| (name.to_owned(), self.dataset(values)));
        self.group_of(&links)
    }

    /// A fractal heap of one object of 60,000 bytes that begins with these, and a tree of this kind of
    /// which 4,000 records lead to it, behind so many bytes of each; where they are.
    fn heap_and_tree(&mut self, kind: u8, object: &[u8], ahead: usize) -> [u64; 2] {
        let mut block = object.to_vec();
        block.resize(60_000, 0);
        let block = self.put(&block);
        let mut heap = b"FRHP\0".to_vec();
        // Bytes of an id, none of filters, flags, and the most of an object that is in a block.
        heap.extend([8, 0, 0, 0, 0]);
        heap.extend((1u32 << 20).to_le_bytes());
        heap.extend([0; 96]);
        // Blocks in a row; bytes of the first, and of the largest.
        heap.extend([4, 0]);
        heap.extend(4096u64.to_le_bytes());
        heap.extend((1u64 << 20).to_le_bytes());
        // Bits of an offset; the root is the block.
        heap.extend([32, 0, 0, 0]);
        heap.extend(block.to_le_bytes());
        heap.extend([0; 6]);
        let heap = self.put(&heap);
        let mut leaf = b"BTLF\0".to_vec();
        leaf.push(kind);
        // No flags, the offset, and the length.
        let mut record = vec![0; ahead + 5];
        record.extend(&60_000u32.to_le_bytes()[..3]);
        leaf.extend(record.repeat(4_000));
        leaf.extend([0; 4]);
        let node = leaf.len() as u32;
        let leaf = self.put(&leaf);
        let mut tree = b"BTHD\0".to_vec();
        tree.push(kind);
        tree.extend(node.to_le_bytes());
        tree.extend([record.len() as u8, 0, 0, 0, 0, 0]);
        tree.extend(leaf.to_le_bytes());
        tree.extend(4_000u16.to_le_bytes());
        tree.extend([0; 12]);
        [heap, self.put(&tree)]
    }

    /// The file with this group at its top.
    fn file(mut self, root: u64) -> Vec<u8> {
        let mut head = b"\x89HDF\r\n\x1a\n".to_vec();
        head.extend([0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]);
        for address in [0, u64::MAX, self.0.len() as u64, u64::MAX, 0, root] {
            head.extend(address.to_le_bytes());
        }
        self.0[..head.len()].copy_from_slice(&head);
        self.0
    }
}

/// Bytes, and how many of them were read.
struct Counted {
    bytes: Vec<u8>,
    read: AtomicU64,
}

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.bytes.read_exact_at(offset, buffer)
    }
}

/// Opens a file, of which no more is read than a few times its length.
fn open(bytes: Vec<u8>) -> Result<Hdf5Source> {
    let counted = Arc::new(Counted {
        bytes,
        read: AtomicU64::new(0),
    });
    let input = Input::from_read_at(counted.clone(), "a.h5").unwrap();
    let opened = evz_hdf5::open(input, &OpenOptions::new());
    let (read, len) = (counted.read.load(Ordering::Relaxed), counted.len());
    assert!(read < 10 * len, "{read} bytes are read of {len}");
    opened
}

fn assert_damaged(file: Vec<u8>, says: &str) {
    let Err(error) = open(file) else {
        panic!("opened");
    };
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn names_that_are_the_same_bytes_are_damage() {
    let mut built = Built::new();
    let empty = built.object(&[]);
    let root = built.group(&[b'a'; 65_536], &[(0, empty); 4096]);
    assert_damaged(built.file(root), "no bytes of its own");
}

#[test]
fn links_that_are_the_same_object_are_damage() {
    let mut built = Built::new();
    let mut link = vec![1, 1];
    link.extend(59_000u16.to_le_bytes());
    link.extend([b'a'; 59_000]);
    link.extend(0u64.to_le_bytes());
    let [heap, tree] = built.heap_and_tree(5, &link, 4);
    let mut info = vec![0, 0];
    info.extend(heap.to_le_bytes());
    info.extend(tree.to_le_bytes());
    let root = built.object(&[(LINK_INFO, info)]);
    assert_damaged(built.file(root), "the same bytes");
}

#[test]
fn attributes_that_are_the_same_object_are_read_once() {
    let mut built = Built::new();
    // An int32 `a` of one value.
    let mut attribute = vec![3, 0, 2, 0, 12, 0, 8, 0, 0, b'a', 0];
    attribute.extend([0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0]);
    attribute.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    attribute.extend(7u32.to_le_bytes());
    let [heap, tree] = built.heap_and_tree(8, &attribute, 0);
    let mut info = vec![0, 0];
    info.extend(heap.to_le_bytes());
    info.extend(tree.to_le_bytes());
    let mut columns = Vec::new();
    for name in ["t_us", "x", "y", "p"] {
        let dataset = built.dataset(&[1, 2]);
        let mut link = vec![1, 0, name.len() as u8];
        link.extend(name.bytes());
        link.extend(dataset.to_le_bytes());
        columns.push((0x06, link));
    }
    columns.push((ATTRIBUTE_INFO, info));
    let root = built.object(&columns);
    let source = open(built.file(root)).unwrap();
    assert_eq!(source.info().metadata["hdf5.a"].as_int(), Some(7));
}

/// A file of more objects than are looked at: it is a loss, and a path still tells what stands behind them.
#[test]
fn what_is_not_looked_at_is_said() {
    let mut built = Built::new();
    let mut links = vec![("a".to_owned(), built.events(&[1, 2, 3]))];
    for i in 0..65_600 {
        links.push((format!("n{i:05}"), built.object(&[])));
    }
    links.push(("z".to_owned(), built.events(&[4, 5, 6])));
    let root = built.group_of(&links);
    let bytes = built.file(root);
    let open =
        |options: &OpenOptions| evz_hdf5::open(Input::from_bytes(bytes.clone(), "a.h5"), options);
    let not_looked_at =
        "names that were not looked at, nor what is in them, for there are too many";
    let all = read(open(&OpenOptions::new()).unwrap());
    assert_eq!(all.events.t, [1, 2, 3]);
    // The top, the group and its four datasets are looked at first.
    let left = 65_600 + 1 - (65_536 - 6);
    assert_eq!(all.losses(), [(not_looked_at, left)]);
    let told = read(open(&OpenOptions::new().with_stream("z")).unwrap());
    assert_eq!(told.events.t, [4, 5, 6]);
    assert_eq!(told.losses(), []);
    assert_eq!(told.notes(), [format!("there are {left} {not_looked_at}")]);
    let Err(error) = open(&OpenOptions::new().with_stream("b")) else {
        panic!("opened");
    };
    assert!(
        error.to_string().contains("more that was not looked at"),
        "{error}"
    );
}

//! The bytes of an HDF5 file but for its values, as the first version of the format has them, which
//! every library reads. File format specification, II.A, III.A.1, III.B to III.D and IV.A.

use evz_core::SensorSize;

/// Where there is nothing.
const UNDEFINED: u64 = u64::MAX;

/// Names in a leaf of a group's tree, chunks in a node of a dataset's, half as many as there may be, and
/// children of a node of a group's tree.
const GROUP_LEAF_K: u16 = 4;
const GROUP_K: u16 = 16;
const CHUNK_K: u16 = 32;

/// Bytes of the superblock.
const SUPERBLOCK: usize = 96;

/// Bytes of a node of a tree of chunks: its head, and a key more than children.
const KEY: usize = 24;
const NODE: usize = 24 + (2 * CHUNK_K as usize + 1) * KEY + 2 * CHUNK_K as usize * 8;

/// Kinds of messages.
mod kind {
    pub(super) const DATASPACE: u16 = 0x01;
    pub(super) const DATATYPE: u16 = 0x03;
    pub(super) const FILL: u16 = 0x05;
    pub(super) const LAYOUT: u16 = 0x08;
    pub(super) const FILTERS: u16 = 0x0b;
    pub(super) const ATTRIBUTE: u16 = 0x0c;
    pub(super) const SYMBOL_TABLE: u16 = 0x11;
}

/// The type of a whole number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub(super) bytes: usize,
    pub(super) signed: bool,
}

/// A chunk among the values: where it begins behind the first of them, and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    pub(super) at: u64,
    pub(super) len: u32,
}

/// A dataset in chunks.
pub(super) struct Chunked<'a> {
    pub(super) name: &'a str,
    pub(super) of: Whole,
    pub(super) rows: u64,
    /// Rows of a chunk.
    pub(super) chunk_rows: u64,
    /// The parameters of Blosc.
    pub(super) blosc: [u32; 7],
    pub(super) chunks: &'a [Chunk],
}

/// The file of a recording: everything that stands before the values of its chunks. `values` is how many
/// bytes these have.
pub(super) fn file(
    columns: &[Chunked<'_>; 4],
    ms_to_idx: &[u64],
    t_offset: i64,
    size: Option<SensorSize>,
    values: u64,
) -> Vec<u8> {
    // Once to learn where everything is, and once more with that.
    let length = Builder::build(columns, ms_to_idx, t_offset, size, 0, 0).len() as u64;
    Builder::build(columns, ms_to_idx, t_offset, size, length, length + values)
}

struct Builder {
    bytes: Vec<u8>,
    /// Where the values begin.
    first_value: u64,
}

impl Builder {
    fn build(
        columns: &[Chunked<'_>; 4],
        ms_to_idx: &[u64],
        t_offset: i64,
        size: Option<SensorSize>,
        first_value: u64,
        end: u64,
    ) -> Vec<u8> {
        let mut file = Self {
            bytes: vec![0; SUPERBLOCK],
            first_value,
        };
        let mut in_group = Vec::new();
        for column in columns {
            let tree = file.tree(column.chunks, column.chunk_rows);
            in_group.push((column.name, file.chunked(column, tree)));
        }
        let sides = size.map(|size| [("height", size.height), ("width", size.width)]);
        let events = file.group(&in_group, sides.as_ref().map_or(&[], |sides| sides));
        let index: Vec<u8> = ms_to_idx.iter().flat_map(|n| n.to_le_bytes()).collect();
        let unsigned = Whole {
            bytes: 8,
            signed: false,
        };
        let ms_to_idx = file.plain(unsigned, Some(ms_to_idx.len() as u64), &index);
        let signed = Whole {
            signed: true,
            ..unsigned
        };
        let t_offset = file.plain(signed, None, &t_offset.to_le_bytes());
        let root = [
            ("events", events),
            ("ms_to_idx", ms_to_idx),
            ("t_offset", t_offset),
        ];
        let root = file.group(&root, &[]);
        file.superblock(root, end);
        file.bytes
    }

    fn here(&mut self) -> u64 {
        let len = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(len, 0);
        len as u64
    }

    fn superblock(&mut self, root: u64, end: u64) {
        let mut b = Vec::with_capacity(SUPERBLOCK);
        b.extend(b"\x89HDF\r\n\x1a\n");
        // Versions of the superblock, the free space, the root group and the shared header; bytes of
        // addresses and lengths.
        b.extend([0, 0, 0, 0, 0, 8, 8, 0]);
        b.extend(GROUP_LEAF_K.to_le_bytes());
        b.extend(GROUP_K.to_le_bytes());
        b.extend([0; 4]);
        for address in [0, UNDEFINED, end, UNDEFINED] {
            b.extend(address.to_le_bytes());
        }
        // The root as a symbol without a name.
        b.extend(0u64.to_le_bytes());
        b.extend(root.to_le_bytes());
        b.extend([0; 24]);
        self.bytes[..SUPERBLOCK].copy_from_slice(&b);
    }

    /// The tree that finds the chunks of a dataset, of one dimension; where its root is.
    fn tree(&mut self, chunks: &[Chunk], chunk_rows: u64) -> u64 {
        /// A child: its first chunk, that one's bytes, and its address.
        type Child = (u64, u32, u64);
        if chunks.is_empty() {
            return UNDEFINED;
        }
        let first_value = self.first_value;
        let child = |(i, chunk): (u64, &Chunk)| (i, chunk.len, first_value + chunk.at);
        let mut children: Vec<Child> = (0..).zip(chunks).map(child).collect();
        let all = children.len() as u64;
        for level in 0u8.. {
            let start = self.here();
            let nodes: Vec<&[Child]> = children.chunks(2 * usize::from(CHUNK_K)).collect();
            let address = |n: usize| start + (n * NODE) as u64;
            let mut parents = Vec::with_capacity(nodes.len());
            for (n, node) in nodes.iter().enumerate() {
                let b = &mut self.bytes;
                let begin = b.len();
                b.extend(b"TREE");
                b.extend([1, level]);
                b.extend((node.len() as u16).to_le_bytes());
                let left = n.checked_sub(1).map_or(UNDEFINED, address);
                let right = if n + 1 < nodes.len() {
                    address(n + 1)
                } else {
                    UNDEFINED
                };
                b.extend(left.to_le_bytes());
                b.extend(right.to_le_bytes());
                let mut key = |len: u32, chunk: u64, child: Option<u64>| {
                    b.extend(len.to_le_bytes());
                    b.extend(0u32.to_le_bytes());
                    b.extend((chunk * chunk_rows).to_le_bytes());
                    b.extend(0u64.to_le_bytes());
                    b.extend(child.iter().flat_map(|child| child.to_le_bytes()));
                };
                for &(chunk, len, child) in *node {
                    key(len, chunk, Some(child));
                }
                // Where the next node begins, or the end.
                let next = nodes.get(n + 1).map_or(all, |next| next[0].0);
                key(0, next, None);
                self.bytes.resize(begin + NODE, 0);
                parents.push((node[0].0, node[0].1, address(n)));
            }
            if let [(.., root)] = parents[..] {
                return root;
            }
            children = parents;
        }
        UNDEFINED
    }

    /// An object header with these messages; where it is.
    fn object(&mut self, messages: &[(u16, Vec<u8>)]) -> u64 {
        let here = self.here();
        let padded = |body: &Vec<u8>| body.len().next_multiple_of(8);
        let len: usize = messages.iter().map(|(_, body)| 8 + padded(body)).sum();
        let b = &mut self.bytes;
        b.extend([1, 0]);
        b.extend((messages.len() as u16).to_le_bytes());
        b.extend(1u32.to_le_bytes());
        b.extend((len as u32).to_le_bytes());
        b.extend([0; 4]);
        for (kind, body) in messages {
            b.extend(kind.to_le_bytes());
            b.extend((padded(body) as u16).to_le_bytes());
            // Types do not change.
            let constant = matches!(*kind, kind::DATATYPE | kind::FILL | kind::FILTERS);
            b.extend([u8::from(constant), 0, 0, 0]);
            b.extend_from_slice(body);
            b.resize(b.len().next_multiple_of(8), 0);
        }
        here
    }

    fn chunked(&mut self, column: &Chunked<'_>, tree: u64) -> u64 {
        let mut layout = vec![3, 2, 2];
        layout.extend(tree.to_le_bytes());
        layout.extend((column.chunk_rows as u32).to_le_bytes());
        layout.extend((column.of.bytes as u32).to_le_bytes());
        let mut filters = vec![1, 1, 0, 0, 0, 0, 0, 0];
        let name = b"blosc\0\0\0";
        for n in [32_001u16, name.len() as u16, 1, column.blosc.len() as u16] {
            filters.extend(n.to_le_bytes());
        }
        filters.extend(name);
        filters.extend(column.blosc.iter().flat_map(|n| n.to_le_bytes()));
        // An odd number of parameters is filled up.
        filters.extend([0; 4]);
        self.object(&[
            (kind::DATASPACE, space(Some(column.rows))),
            (kind::DATATYPE, whole(column.of)),
            // Room is made for a chunk when it is written; there is no other value than 0.
            (kind::FILL, vec![2, 3, 2, 1, 0, 0, 0, 0]),
            (kind::LAYOUT, layout),
            (kind::FILTERS, filters),
        ])
    }

    /// A dataset whose values stand in a row before it.
    fn plain(&mut self, of: Whole, rows: Option<u64>, values: &[u8]) -> u64 {
        let at = self.here();
        self.bytes.extend_from_slice(values);
        let mut layout = vec![3, 1];
        layout.extend(at.to_le_bytes());
        layout.extend((values.len() as u64).to_le_bytes());
        self.object(&[
            (kind::DATASPACE, space(rows)),
            (kind::DATATYPE, whole(of)),
            (kind::FILL, vec![2, 2, 2, 1, 0, 0, 0, 0]),
            (kind::LAYOUT, layout),
        ])
    }

    /// A group of these names, in their order, with these attributes; where it is.
    fn group(&mut self, links: &[(&str, u64)], attributes: &[(&str, u32)]) -> u64 {
        // The heap begins with the empty name.
        let mut names = vec![0u8; 8];
        let mut offsets = Vec::new();
        for (name, _) in links {
            offsets.push(names.len() as u64);
            names.extend(name.bytes().chain([0]));
            names.resize(names.len().next_multiple_of(8), 0);
        }
        let data = self.here();
        self.bytes.extend_from_slice(&names);
        let heap = self.here();
        self.bytes.extend(b"HEAP\0\0\0\0");
        // There is no free space, which 1 stands for.
        for n in [names.len() as u64, 1, data] {
            self.bytes.extend(n.to_le_bytes());
        }
        let leaf = self.here();
        let b = &mut self.bytes;
        b.extend(b"SNOD\x01\0");
        b.extend((links.len() as u16).to_le_bytes());
        for ((_, object), offset) in links.iter().zip(&offsets) {
            b.extend(offset.to_le_bytes());
            b.extend(object.to_le_bytes());
            b.extend([0; 24]);
        }
        b.resize(leaf as usize + 8 + 2 * usize::from(GROUP_LEAF_K) * 40, 0);
        let tree = self.here();
        let b = &mut self.bytes;
        b.extend(b"TREE\0\0\x01\0");
        for n in [UNDEFINED, UNDEFINED, 0, leaf] {
            b.extend(n.to_le_bytes());
        }
        b.extend(offsets.last().copied().unwrap_or(0).to_le_bytes());
        b.resize(tree as usize + 24 + (4 * usize::from(GROUP_K) + 1) * 8, 0);
        let mut table = tree.to_le_bytes().to_vec();
        table.extend(heap.to_le_bytes());
        let mut messages = vec![(kind::SYMBOL_TABLE, table)];
        messages.extend(
            attributes
                .iter()
                .map(|(name, n)| (kind::ATTRIBUTE, attribute(name, *n))),
        );
        self.object(&messages)
    }
}

/// The shape of a list, or of a single value.
fn space(rows: Option<u64>) -> Vec<u8> {
    let rank = u8::from(rows.is_some());
    let mut b = vec![1, rank, 0, 0, 0, 0, 0, 0];
    b.extend(rows.iter().flat_map(|n| n.to_le_bytes()));
    b
}

/// A whole number, the lowest byte first.
fn whole(of: Whole) -> Vec<u8> {
    let mut b = vec![0x10, u8::from(of.signed) << 3, 0, 0];
    b.extend((of.bytes as u32).to_le_bytes());
    b.extend([0, 0]);
    b.extend((of.bytes as u16 * 8).to_le_bytes());
    b
}

fn attribute(name: &str, value: u32) -> Vec<u8> {
    let of = whole(Whole {
        bytes: 4,
        signed: false,
    });
    let space = space(None);
    let mut b = vec![1, 0];
    for len in [name.len() + 1, of.len(), space.len()] {
        b.extend((len as u16).to_le_bytes());
    }
    for part in [name.as_bytes(), &of, &space] {
        b.extend_from_slice(part);
        // A name ends with a 0, and all parts fill up 8 bytes.
        let zero = usize::from(part.len() == name.len());
        b.resize((b.len() + zero).next_multiple_of(8), 0);
    }
    b.extend(value.to_le_bytes());
    b
}

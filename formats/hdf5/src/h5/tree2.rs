//! Trees of version 2, which hold records in an order. File format specification, III.A.2.

use std::cmp::Ordering;

use evz_core::{Error, ReadAt, Result};

use super::store::Store;

/// What a node has beside its records: signature, version, kind and checksum.
const OVERHEAD: usize = 10;

/// Bytes of a node, and levels, at most.
const MAX_NODE: usize = 1 << 20;
const MAX_DEPTH: usize = 16;

/// Bytes of the nodes that are read for all records, at most.
const MAX_READ: u64 = 1 << 30;

/// A tree of records.
pub(crate) struct Tree2 {
    pub(crate) kind: u8,
    /// Bytes of a record.
    pub(crate) record: usize,
    root: Option<Child>,
    /// Of each level, from the leaves up.
    levels: Vec<Level>,
    node: usize,
    /// Bytes of the number of records in a node.
    count_len: usize,
    /// The nodes read last, one a level.
    read: Vec<Option<(u64, Vec<u8>)>>,
}

struct Level {
    /// Records of a node at most.
    most: usize,
    /// Bytes of the number of all records below a node.
    all_len: usize,
}

#[derive(Clone, Copy)]
struct Child {
    address: u64,
    records: usize,
}

/// Bytes of numbers up to this.
fn width(limit: u64) -> usize {
    limit.checked_ilog2().unwrap_or(0) as usize / 8 + 1
}

impl Tree2 {
    pub(crate) fn read(store: &Store, address: u64) -> Result<Self> {
        let len = 16 + store.sizes.address + 2 + store.sizes.length;
        let head = store.read(address, len as u64)?;
        let mut fields = store.fields(&head, address);
        fields.signature(b"BTHD")?;
        fields.version(0, "a tree")?;
        let kind = fields.u8()?;
        let node = fields.size(4)?;
        let record = fields.size(2)?;
        let depth = fields.size(2)?;
        fields.skip(2)?;
        let root = fields.address()?;
        let records = fields.size(2)?;
        if record == 0 || node > MAX_NODE || node < OVERHEAD + record || depth > MAX_DEPTH {
            return Err(fields.corrupt(format!(
                "a tree of {depth} levels, with nodes of {node} bytes and records of {record}"
            )));
        }
        let most = (node - OVERHEAD) / record;
        let count_len = width(most as u64);
        let mut levels = vec![Level { most, all_len: 0 }];
        let mut all = most as u64;
        for level in 0..depth {
            let pointer = store.sizes.address + count_len + levels[level].all_len;
            let most = node.saturating_sub(OVERHEAD + pointer) / (record + pointer);
            all = (most as u64 + 1)
                .saturating_mul(all)
                .saturating_add(most as u64);
            let all_len = width(all);
            levels.push(Level { most, all_len });
        }
        Ok(Self {
            kind,
            record,
            root: root.map(|address| Child { address, records }),
            read: vec![None; levels.len()],
            levels,
            node,
            count_len,
        })
    }

    /// The bytes of a node at a level, 0 that of the leaves; the last ones are kept.
    fn node(&mut self, store: &Store, child: Child, level: usize) -> Result<Vec<u8>> {
        if let Some((address, bytes)) = self.read[level].take()
            && address == child.address
        {
            return Ok(bytes);
        }
        let bytes = store.read_up_to(child.address, self.node as u64)?;
        let mut fields = store.fields(&bytes, child.address);
        fields.signature(if level == 0 { b"BTLF" } else { b"BTIN" })?;
        fields.version(0, "a node")?;
        if fields.u8()? != self.kind {
            return Err(fields.corrupt("a node of another kind of tree"));
        }
        if child.records > self.levels[level].most {
            return Err(fields.corrupt(format!("a node with {} records", child.records)));
        }
        Ok(bytes)
    }

    /// The child behind so many records of a node.
    fn child(
        &self,
        store: &Store,
        node: &[u8],
        of: Child,
        level: usize,
        n: usize,
    ) -> Result<Child> {
        let all_len = self.levels[level - 1].all_len;
        let pointer = store.sizes.address + self.count_len + all_len;
        let mut fields = store.fields(node, of.address);
        fields.skip(6 + of.records * self.record + n * pointer)?;
        let address = fields.address()?;
        let records = fields.size(self.count_len)?;
        let Some(address) = address else {
            return Err(fields.corrupt("a node without an address"));
        };
        Ok(Child { address, records })
    }

    fn record<'a>(&self, store: &Store, node: &'a [u8], of: Child, n: usize) -> Result<&'a [u8]> {
        let mut fields = store.fields(node, of.address);
        fields.skip(6 + n * self.record)?;
        fields.take(self.record)
    }

    /// The record that is equal by `order`, which says how a record is to what is wanted.
    pub(crate) fn find(
        &mut self,
        store: &Store,
        order: impl Fn(&[u8]) -> Ordering,
    ) -> Result<Option<Vec<u8>>> {
        let Some(mut here) = self.root else {
            return Ok(None);
        };
        for level in (0..self.levels.len()).rev() {
            let node = self.node(store, here, level)?;
            let (mut from, mut to) = (0, here.records);
            while from < to {
                let middle = (from + to) / 2;
                let record = self.record(store, &node, here, middle)?;
                match order(record) {
                    Ordering::Equal => {
                        let found = record.to_vec();
                        self.read[level] = Some((here.address, node));
                        return Ok(Some(found));
                    }
                    Ordering::Less => from = middle + 1,
                    Ordering::Greater => to = middle,
                }
            }
            let next = match level {
                0 => None,
                _ => Some(self.child(store, &node, here, level, from)?),
            };
            self.read[level] = Some((here.address, node));
            match next {
                Some(child) => here = child,
                None => break,
            }
        }
        Ok(None)
    }

    /// Gives all records to `take` in no order that is said, at most so many.
    pub(crate) fn each(
        &mut self,
        store: &Store,
        most: usize,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let top = self.levels.len() - 1;
        let mut open: Vec<(Child, usize)> = self.root.map(|root| (root, top)).into_iter().collect();
        let (mut records, mut read) = (0, 0);
        while let Some((here, level)) = open.pop() {
            let node = self.node(store, here, level)?;
            let fields = store.fields(&node, here.address);
            records += here.records;
            if records > most || read > MAX_READ {
                let what = format!("more than {most} records");
                return Err(Error::limit(fields.place(), what));
            }
            // The last one may be cut off.
            if read > store.bytes.len() {
                return Err(fields.corrupt("a tree that leads to the same nodes again"));
            }
            read += self.node as u64;
            for n in 0..here.records {
                take(self.record(store, &node, here, n)?)?;
            }
            if level > 0 {
                for n in 0..=here.records {
                    open.push((self.child(store, &node, here, level, n)?, level - 1));
                }
            }
        }
        Ok(())
    }
}

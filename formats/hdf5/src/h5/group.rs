//! Groups: names and what they stand for. File format specification, III.A.1, III.B, IV.A.2.c, g and r.

use evz_core::{Error, Result};

use super::fields::Fields;
use super::fractal::FractalHeap;
use super::heap::LocalHeap;
use super::object::{Object, kind};
use super::store::Store;
use super::tree1::Tree1;
use super::tree2::Tree2;

/// Links of a group, at most.
const MAX_LINKS: usize = 1 << 20;

/// A name in a group.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) to: Target,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// An object, at its address.
    Object(u64),
    /// Another name.
    Name(String),
    /// Something in another file, which is never opened.
    Elsewhere,
}

/// The links of a group in the order of their names; none if the object is no group.
///
/// # Errors
/// If they are damaged.
pub(crate) fn links(store: &Store, object: &Object) -> Result<Option<Vec<Link>>> {
    let mut links = Vec::new();
    // A group has one of each at most.
    let (symbols, info) = (
        object.first(kind::SYMBOL_TABLE),
        object.first(kind::LINK_INFO),
    );
    if let Some(message) = symbols {
        let mut fields = message.fields(store);
        if let (Some(tree), Some(heap)) = (fields.address()?, fields.address()?) {
            by_symbols(store, tree, heap, &mut links)?;
        }
    }
    if let Some(message) = info {
        let mut fields = message.fields(store);
        fields.version(0, "the links of a group")?;
        let flags = fields.u8()?;
        fields.skip(if flags & 1 != 0 { 8 } else { 0 })?;
        if let (Some(heap), Some(names)) = (fields.address()?, fields.address()?) {
            by_heap(store, heap, names, &mut links)?;
        }
    }
    for message in object.of(kind::LINK) {
        links.push(link(&mut message.fields(store))?);
    }
    let is_group = symbols.is_some() || info.is_some() || !links.is_empty();
    links.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(is_group.then_some(links))
}

/// A link as newer files have it.
fn link(fields: &mut Fields<'_>) -> Result<Link> {
    fields.version(1, "a link")?;
    let flags = fields.u8()?;
    let kind = if flags & 8 != 0 { fields.u8()? } else { 0 };
    fields.skip(if flags & 4 != 0 { 8 } else { 0 })?;
    fields.skip(if flags & 16 != 0 { 1 } else { 0 })?;
    let len = fields.size(1 << (flags & 3))?;
    let name = String::from_utf8_lossy(fields.take(len)?).into_owned();
    let to = match kind {
        0 => match fields.address()? {
            Some(address) => Target::Object(address),
            None => return Err(fields.corrupt(format!("the name {name:?} without an address"))),
        },
        1 => {
            let len = fields.size(2)?;
            Target::Name(Fields::text(fields.take(len)?))
        }
        _ => Target::Elsewhere,
    };
    Ok(Link { name, to })
}

/// Links of a large group of a newer file.
fn by_heap(store: &Store, heap: u64, names: u64, links: &mut Vec<Link>) -> Result<()> {
    /// The kind of tree that orders links by a hash of their names.
    const BY_NAME: u8 = 5;
    let mut heap = FractalHeap::read(store, heap)?;
    let mut tree = Tree2::read(store, names)?;
    let hash = 4;
    if tree.kind != BY_NAME || tree.record != hash + heap.id_len() {
        let place = store.fields(&[], names).place();
        return Err(Error::corrupt(place, "a tree of other records than links"));
    }
    tree.each(store, MAX_LINKS, |record| {
        let (object, at) = heap.object(store, &record[hash..], names)?;
        links.push(link(&mut store.fields(&object, at))?);
        Ok(())
    })
}

/// Links of a group of an older file.
fn by_symbols(store: &Store, tree: u64, heap: u64, links: &mut Vec<Link>) -> Result<()> {
    let mut heap = LocalHeap::read(store, heap)?;
    for node in Tree1::leaves(store, tree, MAX_LINKS)? {
        let entry = 2 * store.sizes.address + 24;
        let head = store.read(node, 8)?;
        let mut fields = store.fields(&head, node);
        fields.signature(b"SNOD")?;
        fields.skip(2)?;
        let n = fields.size(2)?;
        if links.len() + n > MAX_LINKS {
            let what = format!("a group of more than {MAX_LINKS} names");
            return Err(Error::limit(fields.place(), what));
        }
        let node_at = node.saturating_add(8);
        let entries = store.read(node_at, (n * entry) as u64)?;
        let mut fields = store.fields(&entries, node_at);
        for _ in 0..n {
            let name = fields.uint(store.sizes.address)?;
            let object = fields.address()?;
            let cached = fields.u32()?;
            fields.skip(4)?;
            let mut scratch = store.fields(fields.take(16)?, node_at);
            let Some(name) = heap.name(name) else {
                let what = "a name that has no bytes of its own in the heap of its group";
                return Err(fields.corrupt(what));
            };
            let to = match (cached, object) {
                (2, _) => {
                    let to = heap.name(u64::from(scratch.u32()?));
                    Target::Name(to.unwrap_or_default())
                }
                (_, Some(address)) => Target::Object(address),
                (_, None) => Target::Elsewhere,
            };
            links.push(Link { name, to });
        }
    }
    Ok(())
}

//! A file: what is in it, by paths.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evz_core::{Error, ErrorKind, Place, ReadAt, Result, Watched};

use super::attribute::{self, Said};
use super::dataset::Dataset;
use super::fields::Fields;
use super::fractal::FractalHeap;
use super::group::{Link, Target, links};
use super::object::{Object, kind};
use super::store::Store;
use super::superblock::Superblock;
use super::tree2::Tree2;

/// Names that stand for other names, one behind the other, at most.
const MAX_HOPS: usize = 16;

/// Attributes of an object, at most.
const MAX_ATTRIBUTES: usize = 4096;

/// Objects that are looked at, the names of their groups, and bytes of their headers and paths, at most:
/// a hostile file has many with the same.
const MAX_OBJECTS: usize = 1 << 16;
const MAX_NAMES: usize = 1 << 21;
const MAX_BYTES: u64 = 64 << 20;

/// Attributes that are read, by their names.
pub(crate) type Attributes = BTreeMap<String, Said>;

/// An open file.
#[derive(Clone)]
pub(crate) struct File {
    store: Store,
    root: u64,
    /// Bytes that are missing at its end, by its own account.
    pub(crate) missing: u64,
}

/// What is in a file, as far as it was looked at.
pub(crate) struct Walk {
    pub(crate) entries: Vec<Entry>,
    /// Names that were not looked at, for there are too many.
    pub(crate) left: u64,
}

/// An object with its path.
pub(crate) enum Entry {
    /// A group, and the address of its header.
    Group(String, u64),
    Dataset(Box<Dataset>),
    /// What cannot be read, and why.
    Unreadable(String, Error),
    /// A name that stands for another, which is not gone after; for none if it is in another file.
    Link(String, Option<String>),
}

impl Entry {
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Group(path, _) | Self::Unreadable(path, _) | Self::Link(path, _) => path,
            Self::Dataset(dataset) => &dataset.path,
        }
    }
}

impl File {
    /// Opens a file whose superblock is at `at`.
    ///
    /// # Errors
    /// If that is damaged.
    pub(crate) fn open(bytes: Arc<dyn ReadAt>, at: u64) -> Result<Self> {
        let superblock = Superblock::read(&*bytes, at)?;
        let end = superblock.end.unwrap_or(0);
        Ok(Self {
            missing: end.saturating_sub(bytes.len()),
            store: Store {
                bytes: Arc::new(Watched::new(bytes)),
                base: superblock.base,
                sizes: superblock.sizes,
            },
            root: superblock.root,
        })
    }

    /// What was made of the file, unless a read of it failed: what is optional is then not just missing.
    ///
    /// # Errors
    /// As `made`, and if a read failed.
    pub(crate) fn sure<T>(&self, made: Result<T>) -> Result<T> {
        match made {
            Err(error) if error.is_of_the_machine() => Err(error),
            made => self.store.bytes.check().and(made),
        }
    }

    /// The object at a path such as `events/t`; none if there is none.
    ///
    /// # Errors
    /// If a group on the way is damaged.
    pub(crate) fn object(&self, path: &str) -> Result<Option<Object>> {
        self.resolve(path, MAX_HOPS)
    }

    fn resolve(&self, path: &str, hops: usize) -> Result<Option<Object>> {
        let mut object = Object::read(&self.store, self.root)?;
        let (mut rest, mut done) = (path.trim_start_matches('/'), String::new());
        while !rest.is_empty() {
            let (name, after) = rest.split_once('/').unwrap_or((rest, ""));
            let Some(links) = links(&self.store, &object)? else {
                return Ok(None);
            };
            let found = links.into_iter().find(|link| link.name == name);
            match found.map(|link| link.to) {
                Some(Target::Object(address)) => {
                    object = Object::read(&self.store, address)
                        .map_err(|e| e.within(Place::part(format!("{done}{name}"))))?;
                    done = format!("{done}{name}/");
                    rest = after.trim_start_matches('/');
                }
                Some(Target::Name(to)) if hops > 0 => {
                    let base = if to.starts_with('/') { "" } else { &*done };
                    return self.resolve(&format!("{base}{to}/{after}"), hops - 1);
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(object))
    }

    /// The dataset at a path; none if there is none.
    ///
    /// # Errors
    /// If it, or a group on the way, is damaged or not read.
    pub(crate) fn dataset(&self, path: &str) -> Result<Option<Dataset>> {
        let path = path.trim_matches('/');
        match self.object(path)? {
            Some(object) => Dataset::of(&self.store, &object, path),
            None => Ok(None),
        }
    }

    /// The dataset of a link.
    pub(crate) fn dataset_of(&self, link: &Link, path: &str) -> Result<Option<(Dataset, Object)>> {
        let Target::Object(address) = link.to else {
            return Ok(None);
        };
        let object = Object::read(&self.store, address)?;
        let dataset = Dataset::of(&self.store, &object, path)?;
        Ok(dataset.map(|dataset| (dataset, object)))
    }

    /// The names in a group; none if there is no such group.
    ///
    /// # Errors
    /// If it is damaged.
    pub(crate) fn links(&self, path: &str) -> Result<Option<Vec<Link>>> {
        match self.object(path)? {
            Some(object) => links(&self.store, &object),
            None => Ok(None),
        }
    }

    /// The attributes of the object at a path, as far as they can be read.
    pub(crate) fn attributes(&self, path: &str) -> Attributes {
        let object = self.object(path).ok().flatten();
        object
            .map(|object| self.attributes_of(&object))
            .unwrap_or_default()
    }

    /// The attributes of the object at an address, as far as they can be read.
    pub(crate) fn attributes_at(&self, address: u64) -> Attributes {
        let object = Object::read(&self.store, address);
        object
            .map(|object| self.attributes_of(&object))
            .unwrap_or_default()
    }

    /// The attributes of an object, as far as they can be read.
    pub(crate) fn attributes_of(&self, object: &Object) -> Attributes {
        let mut found = Attributes::new();
        let messages = object.of(kind::ATTRIBUTE).filter(|m| !m.shared);
        for message in messages.take(MAX_ATTRIBUTES) {
            found.extend(self.attribute(message.fields(&self.store)));
        }
        if let Some(message) = object.first(kind::ATTRIBUTE_INFO) {
            // Those before what is damaged are read.
            let _ = self.attributes_in_heap(message.fields(&self.store), &mut found);
        }
        found
    }

    /// An attribute, if it can be read.
    fn attribute(&self, fields: Fields<'_>) -> Option<(String, Said)> {
        let (name, said) = attribute::read(&self.store, fields).ok()?;
        Some((name, said?))
    }

    /// Adds the attributes of an object with many.
    fn attributes_in_heap(&self, mut fields: Fields<'_>, found: &mut Attributes) -> Result<()> {
        fields.version(0, "attributes")?;
        let flags = fields.u8()?;
        fields.skip(if flags & 1 != 0 { 2 } else { 0 })?;
        let (Some(heap), Some(names)) = (fields.address()?, fields.address()?) else {
            return Ok(());
        };
        let mut heap = FractalHeap::read(&self.store, heap)?;
        let mut tree = Tree2::read(&self.store, names)?;
        tree.each(&self.store, MAX_ATTRIBUTES, |record| {
            let (bytes, at) = heap.object(&self.store, record, names)?;
            found.extend(self.attribute(self.store.fields(&bytes, at)));
            Ok(())
        })
    }

    /// What is at a path and below it.
    ///
    /// # Errors
    /// If the system does not give the bytes.
    pub(crate) fn walk(&self, from: &str) -> Result<Walk> {
        let unreadable = |path: String, error: Error| match error.kind() {
            ErrorKind::Io => Err(error),
            _ => Ok(Entry::Unreadable(path, error)),
        };
        let (mut found, mut open) = (Vec::new(), Vec::new());
        match self.object(from) {
            Ok(object) => open.extend(object.map(|object| (from.to_owned(), object.address))),
            Err(error) => found.push(unreadable(from.to_owned(), error)?),
        }
        let mut seen = BTreeSet::new();
        let (mut names, mut bytes, mut left) = (0, 0, 0);
        while let Some((path, address)) = open.pop() {
            // An object may have several names, and a group may be in itself.
            if !seen.insert(address) {
                continue;
            }
            if seen.len() > MAX_OBJECTS || names > MAX_NAMES || bytes > MAX_BYTES {
                left += 1;
                continue;
            }
            let object = match Object::read(&self.store, address) {
                Ok(object) => object,
                Err(error) => {
                    found.push(unreadable(path, error)?);
                    continue;
                }
            };
            bytes += object.len;
            let links = match Dataset::of(&self.store, &object, &path) {
                Ok(Some(dataset)) => {
                    found.push(Entry::Dataset(Box::new(dataset)));
                    continue;
                }
                Ok(None) => links(&self.store, &object),
                Err(error) => Err(error),
            };
            let links = match links {
                Ok(Some(links)) => links,
                Ok(None) => continue,
                Err(error) => {
                    found.push(unreadable(path, error)?);
                    continue;
                }
            };
            names += links.len();
            left += links.len().saturating_sub(MAX_OBJECTS) as u64;
            for link in links.iter().take(MAX_OBJECTS).rev() {
                bytes += (size_of::<Link>() + path.len() + link.name.len()) as u64;
                if bytes > MAX_BYTES {
                    left += 1;
                    continue;
                }
                let slash = if path.is_empty() { "" } else { "/" };
                let path = format!("{path}{slash}{}", link.name);
                match &link.to {
                    Target::Object(address) => open.push((path, *address)),
                    Target::Name(to) => {
                        let to = to.chars().take(60).collect();
                        found.push(Entry::Link(path, Some(to)));
                    }
                    Target::Elsewhere => found.push(Entry::Link(path, None)),
                }
            }
            found.push(Entry::Group(path, address));
        }
        Ok(Walk {
            entries: found,
            left,
        })
    }
}

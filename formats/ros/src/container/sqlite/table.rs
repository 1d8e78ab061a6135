//! Section 1, "The Database File", and 1.6, "B-tree Pages".

use std::io;

use super::record::{values, varint};
use crate::container::unpack::MAX_CHUNK;
use crate::container::window::Window;

/// How a database begins.
pub(crate) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Bytes of the header, which stand before the first page's own.
const HEADER: usize = 100;

/// What pages of tables begin with; others are of indices.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// Trees of tables are not higher: a page has at least two branches, but for ones in files that were
/// made to confuse.
const MAX_DEPTH: usize = 64;

/// What is known of a database from its header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Database {
    page: usize,
    /// Bytes of a page but for those that are reserved at its end.
    usable: usize,
    /// Whether rows may stand in another file beside it, and not here.
    pub(crate) has_log: bool,
}

/// A table that is read from its first row to its last.
#[derive(Clone)]
pub(crate) struct Table {
    database: Database,
    /// The page that is to be entered first.
    root: Option<u32>,
    /// The pages from the root to the one that is read.
    path: Vec<Level>,
    /// Pages and bytes of rows that were read: more than the file has can only be a loop.
    pages: u64,
    bytes: u64,
}

/// A page of a tree.
#[derive(Clone)]
struct Level {
    page: Vec<u8>,
    /// Where its header begins.
    head: usize,
    is_leaf: bool,
    cells: usize,
    /// The next cell.
    cell: usize,
}

/// What comes next in a table.
#[derive(Debug)]
pub(crate) enum Met {
    /// The bytes of a row, and its number.
    Row(Vec<u8>, i64),
    /// A page, or a row in it, that is not read, and why.
    Damaged(&'static str),
    /// A part that the file is too short for.
    Cut,
    End,
}

impl Database {
    /// Reads the header; none if it makes no sense.
    pub(crate) fn read(header: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER] = header.first_chunk()?;
        let page = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 1 << 16,
            page => usize::from(page),
        };
        let reserved = usize::from(header[20]);
        // Section 1.3.4: at least 480 bytes of a page are used.
        let is_page = page.is_power_of_two() && page >= 512 && page - reserved >= 480;
        // Text is UTF-8, as ROS has it.
        (header.starts_with(MAGIC) && is_page && header[59] <= 1).then(|| Self {
            page,
            usable: page - reserved,
            has_log: header[19] == 2,
        })
    }

    /// The table whose root this page is.
    fn table(self, root: u32) -> Table {
        Table {
            database: self,
            root: Some(root),
            path: Vec::new(),
            pages: 0,
            bytes: 0,
        }
    }

    /// The root of a table, and the names of its columns; none if there is no such table.
    pub(crate) fn find(
        self,
        window: &mut Window,
        name: &str,
    ) -> io::Result<Option<(Table, Vec<String>)>> {
        let mut schema = self.table(1);
        loop {
            let row = match schema.next(window)? {
                Met::Row(row, _) => row,
                Met::Damaged(_) | Met::Cut => continue,
                Met::End => return Ok(None),
            };
            // Section 2.6: type, name, tbl_name, rootpage, sql.
            let values = values(&row, 5).unwrap_or_default();
            let [kind, found, _, root, sql] = *values else {
                continue;
            };
            let root = root.integer().and_then(|root| u32::try_from(root).ok());
            if kind.text() == Some(b"table")
                && found.text() == Some(name.as_bytes())
                && let (Some(root), Some(sql)) = (root, sql.text())
            {
                let columns = columns(&String::from_utf8_lossy(sql));
                return Ok(Some((self.table(root), columns)));
            }
        }
    }

    /// A page; none if the file is too short for it.
    fn page(self, window: &mut Window, number: u32) -> io::Result<Option<&[u8]>> {
        let Some(before) = number.checked_sub(1) else {
            return Ok(None);
        };
        let page = window.get(u64::from(before) * self.page as u64, self.page)?;
        Ok(Some(page).filter(|page| page.len() == self.page))
    }

    /// Bytes of a row of this length that stand in its page; the others are in pages of their own.
    fn local(self, len: usize) -> usize {
        let most = self.usable - 35;
        if len <= most {
            return len;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        match least + (len - least) % (self.usable - 4) {
            local if local <= most => local,
            _ => least,
        }
    }
}

/// The names of the columns in `CREATE TABLE name(column type, …)`.
fn columns(sql: &str) -> Vec<String> {
    let list = sql.split_once('(').map_or("", |(_, list)| list);
    let names = list
        .split(',')
        .filter_map(|column| column.split_whitespace().next());
    let bare = |name: &str| name.trim_matches(['"', '`', '[', ']']).to_ascii_lowercase();
    names.map(bare).collect()
}

impl Table {
    /// Bytes of the rows so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// The next row.
    pub(crate) fn next(&mut self, window: &mut Window) -> io::Result<Met> {
        if let Some(root) = self.root.take()
            && let Some(met) = self.enter(window, root)?
        {
            return Ok(met);
        }
        while let Some(level) = self.path.last_mut() {
            let cell = level.cell;
            level.cell += 1;
            // A page that leads to others has one more at its end.
            if cell >= level.cells + usize::from(!level.is_leaf) {
                self.path.pop();
                continue;
            }
            if level.is_leaf {
                return self.row(window, cell);
            }
            let met = match level.child(cell) {
                Some(child) => self.enter(window, child)?,
                None => Some(Met::Damaged("a page leads nowhere")),
            };
            if let Some(met) = met {
                return Ok(met);
            }
        }
        Ok(Met::End)
    }

    /// Goes down to a page; what hinders it, if something does.
    fn enter(&mut self, window: &mut Window, number: u32) -> io::Result<Option<Met>> {
        self.pages += 1;
        if self.pages > window.len() / self.database.page as u64 + 1 || self.path.len() > MAX_DEPTH
        {
            self.path.clear();
            return Ok(Some(Met::Damaged("its pages lead in a circle")));
        }
        let Some(page) = self.database.page(window, number)? else {
            return Ok(Some(Met::Cut));
        };
        let head = if number == 1 { HEADER } else { 0 };
        let is_leaf = match page[head] {
            LEAF => true,
            INTERIOR => false,
            _ => return Ok(Some(Met::Damaged("a page is of no table"))),
        };
        self.path.push(Level {
            cells: usize::from(u16::from_be_bytes([page[head + 3], page[head + 4]])),
            page: page.to_vec(),
            head,
            is_leaf,
            cell: 0,
        });
        Ok(None)
    }

    /// The row in a cell of the page at the end of the path.
    fn row(&mut self, window: &mut Window, cell: usize) -> io::Result<Met> {
        const NONSENSE: Met = Met::Damaged("a row makes no sense");
        let Some(mut rest) = self.path.last().and_then(|level| level.content(cell)) else {
            return Ok(NONSENSE);
        };
        let (Some(len), Some(number)) = (varint(&mut rest), varint(&mut rest)) else {
            return Ok(NONSENSE);
        };
        if len > MAX_CHUNK {
            return Ok(Met::Damaged("a row has more than 256 MiB"));
        }
        self.bytes += len;
        if self.bytes > window.len() {
            self.path.clear();
            return Ok(Met::Damaged("its rows have more bytes than the file"));
        }
        let len = len as usize;
        let Some(local) = rest.split_off(..self.database.local(len)) else {
            return Ok(NONSENSE);
        };
        let mut row = local.to_vec();
        let mut next = rest
            .first_chunk()
            .map_or(0, |next| u32::from_be_bytes(*next));
        while row.len() < len {
            if next == 0 {
                return Ok(NONSENSE);
            }
            let Some(page) = self.database.page(window, next)? else {
                return Ok(Met::Cut);
            };
            next = u32::from_be_bytes([page[0], page[1], page[2], page[3]]);
            let some = (len - row.len()).min(self.database.usable - 4);
            row.extend_from_slice(&page[4..4 + some]);
        }
        Ok(Met::Row(row, number.cast_signed()))
    }
}

impl Level {
    /// Where a cell begins, and all behind it.
    fn content(&self, cell: usize) -> Option<&[u8]> {
        // The header has 4 bytes more where there is one more branch.
        let pointers = self.head + if self.is_leaf { 8 } else { 12 };
        let pointer = self.page.get(pointers + 2 * cell..)?.first_chunk()?;
        self.page.get(usize::from(u16::from_be_bytes(*pointer))..)
    }

    /// The page that a cell leads to, or what is behind the last of them.
    fn child(&self, cell: usize) -> Option<u32> {
        let bytes = match cell < self.cells {
            true => self.content(cell)?,
            false => &self.page[self.head + 8..],
        };
        bytes
            .first_chunk()
            .map(|number| u32::from_be_bytes(*number))
    }
}

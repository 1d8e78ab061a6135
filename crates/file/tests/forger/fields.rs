//! Every field of every record by its name. Structs are taken apart without `..`: a new field is one to be
//! forged.

use evz_file::wire::{
    BatchEntry, ChunkEntry, ChunkHead, ColumnDeclaration, ColumnSection, FileHeader, Leaf, NodeRef,
    RecordHeader, RecordRef, Root, SideBatchHead, SideDeclaration, SideRoot, Span,
    StreamDeclaration, StreamRoot, StreamSummary, Tail, Tree,
};

use super::{Body, Chunk, Record};

/// A field that may be changed.
pub enum Field<'a> {
    Number(&'a mut dyn Number),
    Text(&'a mut String),
    Bytes(&'a mut Vec<u8>),
}

/// A number of some width.
pub trait Number {
    fn get(&self) -> i128;
    /// Sets it to the lowest bits of another.
    fn set(&mut self, value: i128);
    /// The smallest and the largest.
    fn ends(&self) -> (i128, i128);
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Number for $type {
            fn get(&self) -> i128 {
                i128::from(*self)
            }
            fn set(&mut self, value: i128) {
                *self = value as $type;
            }
            fn ends(&self) -> (i128, i128) {
                (<$type>::MIN.into(), <$type>::MAX.into())
            }
        }
    )*};
}
number!(u8, u16, u32, u64, i64);

impl Number for bool {
    fn get(&self) -> i128 {
        (*self).into()
    }
    fn set(&mut self, value: i128) {
        *self = value & 1 == 1;
    }
    fn ends(&self) -> (i128, i128) {
        (0, 1)
    }
}

type Act<'a> = &'a mut dyn FnMut(&str, Field<'_>);

macro_rules! numbers {
    ($act:expr, $at:expr, $($field:ident),*) => {
        $($act(&format!("{}.{}", $at, stringify!($field)), Field::Number($field));)*
    };
}

pub(super) fn of_header(header: &mut FileHeader, act: Act<'_>) {
    let FileHeader {
        magic: _,
        version_major,
        version_minor,
        features_read,
        features_edit,
        features_any,
        clock,
        width,
        height,
        reserved,
        tick_numerator,
        tick_denominator,
        epoch,
        reserved_2,
        // Mended.
        crc: _,
    } = header;
    let at = "header";
    numbers!(
        act,
        at,
        version_major,
        version_minor,
        features_read,
        features_edit,
        features_any
    );
    numbers!(
        act,
        at,
        clock,
        width,
        height,
        reserved,
        tick_numerator,
        tick_denominator
    );
    numbers!(act, at, epoch, reserved_2);
}

pub(super) fn of_record(n: usize, record: &mut Record, act: Act<'_>) {
    let RecordHeader {
        magic: _,
        kind,
        flags,
        body_len,
        body_crc: _,
        number,
        crc: _,
    } = &mut record.header;
    let name = match &record.body {
        Body::Metadata(_) => "metadata",
        Body::Stream(_) => "stream",
        Body::Chunk(_) => "chunk",
        Body::SideStream(_) => "side_stream",
        Body::SideBatch(..) => "side_batch",
        Body::Leaf(..) => "leaf",
        Body::SideLeaf(..) => "side_leaf",
        Body::Node(..) => "node",
        Body::Activity(..) => "activity",
        Body::Root(_) => "root",
    };
    let at = &format!("{n}.{name}");
    numbers!(act, format!("{at}.record"), kind, flags, body_len, number);
    match &mut record.body {
        Body::Metadata(body) => act(&format!("{at}.body"), Field::Bytes(body)),
        Body::Stream(declaration) => of_stream(at, declaration, act),
        Body::Chunk(chunk) => of_chunk(at, chunk, act),
        Body::SideStream(declaration) => {
            let SideDeclaration {
                id,
                name,
                stream,
                time_column,
                schema,
            } = declaration;
            numbers!(act, at, id, time_column);
            act(&format!("{at}.name"), Field::Text(name));
            of_owner(at, stream, act);
            act(&format!("{at}.schema"), Field::Bytes(schema));
        }
        Body::SideBatch(head, packed) => {
            let SideBatchHead {
                id,
                rows,
                t_min,
                t_max,
                pack,
                raw_len,
            } = head;
            numbers!(act, at, id, rows, t_min, t_max, pack, raw_len);
            act(&format!("{at}.packed"), Field::Bytes(packed));
        }
        Body::Leaf(id, leaf) => {
            numbers!(act, at, id);
            of_leaf(at, leaf, act);
        }
        Body::SideLeaf(id, leaf) => {
            numbers!(act, at, id);
            for (i, entry) in leaf.entries.iter_mut().enumerate() {
                of_batch_entry(&format!("{at}.entries[{i}]"), entry, act);
            }
        }
        Body::Node(id, level, refs) => {
            numbers!(act, at, id, level);
            for (i, r) in refs.iter_mut().enumerate() {
                of_ref(&format!("{at}.refs[{i}]"), r, act);
            }
        }
        Body::Activity(stream, bins) => {
            numbers!(act, at, stream);
            for (i, bins) in bins.iter_mut().enumerate() {
                for b in [0, 1, 31] {
                    let name = format!("{at}.bins[{i}][{b}]");
                    act(&name, Field::Number(&mut bins[b]));
                }
            }
        }
        Body::Root(root) => of_root(at, root, act),
    }
}

/// Of which tree a leaf or node says that it is.
impl Number for evz_file::wire::TreeId {
    fn get(&self) -> i128 {
        i128::from(self.stream) << 1 | i128::from(self.side)
    }
    fn set(&mut self, value: i128) {
        (self.side, self.stream) = (value & 1 == 1, (value >> 1) as u16);
    }
    fn ends(&self) -> (i128, i128) {
        (0, (1 << 17) - 1)
    }
}

fn of_stream(at: &str, declaration: &mut StreamDeclaration, act: Act<'_>) {
    let StreamDeclaration {
        id,
        name,
        width,
        height,
        serial,
        clock_offset,
        columns,
    } = declaration;
    numbers!(act, at, id, width, height, clock_offset);
    act(&format!("{at}.name"), Field::Text(name));
    act(&format!("{at}.serial"), Field::Text(serial));
    for (i, column) in columns.iter_mut().enumerate() {
        let ColumnDeclaration {
            name,
            kind,
            unit,
            description,
        } = column;
        let at = format!("{at}.columns[{i}]");
        numbers!(act, at, kind);
        for (field, text) in [("name", name), ("unit", unit), ("description", description)] {
            act(&format!("{at}.{field}"), Field::Text(text));
        }
    }
}

fn of_chunk(at: &str, chunk: &mut Chunk, act: Act<'_>) {
    let ChunkHead {
        n_events,
        codec,
        flags,
        stream,
        n_columns,
        toc_len,
        t_first,
        t_min,
        t_max,
        t_divisor,
        payload_len,
        n_on,
        x_min,
        x_max,
        y_min,
        y_max,
        column_bytes,
        column_crc,
        head_crc: _,
    } = &mut chunk.head;
    numbers!(
        act, at, n_events, codec, flags, stream, n_columns, toc_len, t_first, t_min, t_max
    );
    numbers!(
        act,
        at,
        t_divisor,
        payload_len,
        n_on,
        x_min,
        x_max,
        y_min,
        y_max
    );
    for (i, n) in column_bytes.iter_mut().enumerate() {
        act(&format!("{at}.column_bytes[{i}]"), Field::Number(n));
    }
    for (i, n) in column_crc.iter_mut().enumerate() {
        act(&format!("{at}.column_crc[{i}]"), Field::Number(n));
    }
    for (i, section) in chunk.sections.iter_mut().enumerate() {
        let ColumnSection {
            codec,
            reserved,
            len,
            crc,
            values_crc,
        } = section;
        numbers!(
            act,
            format!("{at}.sections[{i}]"),
            codec,
            reserved,
            len,
            crc,
            values_crc
        );
    }
    for (i, (_, t)) in chunk.starts.iter_mut().enumerate() {
        act(&format!("{at}.starts[{i}]"), Field::Number(t));
    }
}

fn of_leaf(at: &str, leaf: &mut Leaf<ChunkEntry>, act: Act<'_>) {
    let Leaf { activity, entries } = leaf;
    if let Some(activity) = activity {
        of_record_ref(&format!("{at}.activity"), activity, act);
    }
    for (i, entry) in entries.iter_mut().enumerate() {
        let ChunkEntry {
            offset,
            body_len,
            head_crc,
            // Follows from those before.
            first_event: _,
            n_events,
            t_first,
            t_min,
            t_max,
            t_divisor,
            codec,
            flags,
            toc_len,
            column_lens,
        } = entry;
        let at = format!("{at}.entries[{i}]");
        numbers!(
            act, at, offset, body_len, head_crc, n_events, t_first, t_min, t_max
        );
        numbers!(act, at, t_divisor, codec, flags, toc_len);
        for (i, len) in column_lens.iter_mut().enumerate() {
            act(&format!("{at}.column_lens[{i}]"), Field::Number(len));
        }
    }
}

fn of_batch_entry(at: &str, entry: &mut BatchEntry, act: Act<'_>) {
    let BatchEntry {
        offset,
        body_len,
        body_crc,
        first_row: _,
        rows,
        t_min,
        t_max,
    } = entry;
    numbers!(act, at, offset, body_len, body_crc, rows, t_min, t_max);
}

fn of_record_ref(at: &str, record: &mut RecordRef, act: Act<'_>) {
    let RecordRef {
        offset,
        body_len,
        body_crc,
    } = record;
    numbers!(act, at, offset, body_len, body_crc);
}

fn of_span(at: &str, span: &mut Span, act: Act<'_>) {
    let Span {
        n_items,
        n_rows,
        t_min,
        t_max,
        t_end,
    } = span;
    numbers!(act, at, n_items, n_rows, t_min, t_max, t_end);
}

fn of_ref(at: &str, r: &mut NodeRef, act: Act<'_>) {
    let NodeRef {
        level,
        record,
        first_item: _,
        first_row: _,
        span,
    } = r;
    numbers!(act, at, level);
    of_record_ref(at, record, act);
    of_span(at, span, act);
}

fn of_owner(at: &str, owner: &mut Option<u16>, act: Act<'_>) {
    // 0 is none, as in the file.
    let mut number = owner.map_or(0, |k| u32::from(k) + 1);
    act(&format!("{at}.stream"), Field::Number(&mut number));
    *owner = number.checked_sub(1).map(|k| k as u16);
}

fn of_root(at: &str, root: &mut Root, act: Act<'_>) {
    let Root {
        header,
        checkpoint,
        previous,
        streams,
        side,
        metadata_refs,
        // Anything may stand there.
        metadata: _,
        removed_metadata: _,
        skipped_metadata: _,
        tail,
        body_len: _,
    } = root;
    of_header(header, &mut |name, field| {
        act(&format!("{at}.{name}"), field)
    });
    numbers!(act, at, checkpoint);
    let mut before = previous.unwrap_or(0);
    act(&format!("{at}.previous"), Field::Number(&mut before));
    *previous = Some(before).filter(|at| *at > 0);
    for (i, stream) in streams.iter_mut().enumerate() {
        let StreamRoot {
            declaration,
            summary,
            tree,
        } = stream;
        let at = &format!("{at}.streams[{i}]");
        of_stream(at, declaration, act);
        of_summary(at, summary, act);
        let Tree { refs, latest } = tree;
        for (i, r) in refs.iter_mut().enumerate() {
            of_ref(&format!("{at}.refs[{i}]"), r, act);
        }
        of_leaf(at, latest, act);
    }
    for (i, side) in side.iter_mut().enumerate() {
        let SideRoot {
            // Its place.
            id: _,
            name,
            stream,
            declared,
            span,
            tree,
        } = side;
        let at = &format!("{at}.side[{i}]");
        act(&format!("{at}.name"), Field::Text(name));
        of_owner(at, stream, act);
        of_record_ref(&format!("{at}.declared"), declared, act);
        of_span(at, span, act);
        let Tree { refs, latest } = tree;
        for (i, r) in refs.iter_mut().enumerate() {
            of_ref(&format!("{at}.refs[{i}]"), r, act);
        }
        for (i, entry) in latest.entries.iter_mut().enumerate() {
            of_batch_entry(&format!("{at}.entries[{i}]"), entry, act);
        }
    }
    for (i, r) in metadata_refs.iter_mut().enumerate() {
        of_record_ref(&format!("{at}.metadata_refs[{i}]"), r, act);
    }
    let Tail {
        root_offset,
        magic: _,
    } = tail;
    numbers!(act, at, root_offset);
}

fn of_summary(at: &str, summary: &mut StreamSummary, act: Act<'_>) {
    let StreamSummary {
        span,
        sorted,
        t_first,
        t_last,
        n_on,
        x_min,
        x_max,
        y_min,
        y_max,
        column_bytes,
        column_crc,
        columns,
    } = summary;
    let at = &format!("{at}.summary");
    of_span(at, span, act);
    numbers!(
        act, at, sorted, t_first, t_last, n_on, x_min, x_max, y_min, y_max
    );
    for (i, n) in column_bytes.iter_mut().enumerate() {
        act(&format!("{at}.column_bytes[{i}]"), Field::Number(n));
    }
    for (i, n) in column_crc.iter_mut().enumerate() {
        act(&format!("{at}.column_crc[{i}]"), Field::Number(n));
    }
    for (i, (bytes, crc)) in columns.iter_mut().enumerate() {
        act(&format!("{at}.columns[{i}].bytes"), Field::Number(bytes));
        act(&format!("{at}.columns[{i}].crc"), Field::Number(crc));
    }
}

//! A record batch out of its message: the columns that are wanted.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_data::ArrayData;
use arrow_ipc::{FieldNode, MessageHeader};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use evz_core::{Error, Place, Result};

use super::{MAX_ROWS, Message, Schema, body::Body};

/// The columns of a batch that are wanted, in that order; none if the message holds something else.
///
/// # Errors
/// If the batch contradicts itself or the schema; the byte of the message is in the place.
pub fn batch(schema: &Schema, wanted: &[usize], message: Message) -> Result<Option<RecordBatch>> {
    let at = message.at;
    read(schema, wanted, message).map_err(|e| e.within(Place::byte(at)))
}

fn read(schema: &Schema, wanted: &[usize], mut message: Message) -> Result<Option<RecordBatch>> {
    let bytes = std::mem::take(&mut message.body);
    let head = message.head()?;
    if head.header_type() == MessageHeader::DictionaryBatch {
        return Ok(None);
    }
    let batch = head
        .header_as_record_batch()
        .ok_or_else(|| damaged("a message that is neither batch nor dictionary"))?;
    let mut body = Body::new(bytes, &batch)?;
    let nodes = batch.nodes();
    let mut nodes = nodes.iter().flatten();
    let buffers = batch.buffers();
    let mut buffers = buffers.iter().flatten();
    let views = batch.variadicBufferCounts();
    let mut views = views.iter().flatten();
    let mut arrays: Vec<Option<ArrayRef>> = vec![None; wanted.len()];
    for (index, column) in schema.columns.iter().enumerate() {
        let place = |e: Error| e.within(Place::part(format!("column {:?}", column.name)));
        let node = nodes
            .next()
            .ok_or_else(|| damaged("a batch of too few columns"));
        let node = node.map_err(place)?;
        let mut n_buffers = column.parts.buffers;
        for _ in 0..column.parts.views {
            let further = views.next().and_then(|n| usize::try_from(n).ok());
            let further = further.and_then(|n| n_buffers.checked_add(n));
            n_buffers = further
                .ok_or_else(|| damaged("a view without its buffers"))
                .map_err(place)?;
        }
        let slot = wanted
            .iter()
            .position(|w| *w == index)
            .map(|i| &mut arrays[i]);
        let Some(slot) = slot else {
            if column.parts.nodes > 1 {
                nodes.nth(column.parts.nodes - 2);
            }
            if n_buffers > 0 {
                buffers.nth(n_buffers - 1);
            }
            continue;
        };
        let data_type = column.data_type.as_ref().map_err(|name| {
            let what = format!("it is of type {name}, which is not read");
            place(Error::unsupported(Place::default(), what).advise("cast it to a number"))
        })?;
        let own: Vec<&arrow_ipc::Buffer> = (&mut buffers).take(n_buffers).collect();
        let array = array(data_type, node, &own, batch.length(), &mut body);
        *slot = Some(array.map_err(place)?);
    }
    if arrays.is_empty() {
        return Err(damaged("rows without columns"));
    }
    let columns: Option<Vec<ArrayRef>> = arrays.into_iter().collect();
    let columns = columns.ok_or_else(|| damaged("a batch of too few columns"))?;
    let fields: Vec<Field> = wanted
        .iter()
        .zip(&columns)
        .map(|(w, array)| Field::new(&schema.columns[*w].name, array.data_type().clone(), true))
        .collect();
    let rows = usize::try_from(batch.length()).ok();
    let options = RecordBatchOptions::new().with_row_count(rows);
    RecordBatch::try_new_with_options(Arc::new(ArrowSchema::new(fields)), columns, &options)
        .map(Some)
        .map_err(|e| damaged(&e.to_string()))
}

/// The array of a column of a plain type.
fn array(
    data_type: &DataType,
    node: &FieldNode,
    buffers: &[&arrow_ipc::Buffer],
    rows: i64,
    body: &mut Body,
) -> Result<ArrayRef> {
    let len = usize::try_from(node.length())
        .ok()
        .filter(|len| node.length() == rows && *len <= MAX_ROWS)
        .ok_or_else(|| damaged(&format!("{} rows of {rows}", node.length())))?;
    let Some((validity, values)) = buffers.split_first() else {
        return Err(damaged("a column without buffers"));
    };
    let mut data = ArrayData::builder(data_type.clone()).len(len);
    if node.null_count() != 0 {
        let validity = body.buffer(validity)?;
        if validity.len() < len.div_ceil(8) {
            return Err(damaged("too few bits that say which values are null"));
        }
        data = data.null_bit_buffer(Some(validity));
    }
    // Offsets or numbers come first, one for each row and, of offsets, one more.
    let mut longest = match data_type {
        DataType::Utf8 | DataType::Binary => Some(4 * (len + 1)),
        DataType::LargeUtf8 | DataType::LargeBinary => Some(8 * (len + 1)),
        plain => plain.primitive_width().map(|width| width * len),
    };
    for buffer in values {
        let mut buffer = body.buffer(buffer)?;
        // What pads them is cut off: the library panics at a part of a number.
        if let Some(longest) = longest.take() {
            buffer = buffer.slice_with_length(0, longest.min(buffer.len()));
        }
        data = data.add_buffer(buffer);
    }
    // Checks that every buffer is as long as the rows need, and what offsets point to.
    let data = data.align_buffers(true).build();
    data.map(make_array).map_err(|e| damaged(&e.to_string()))
}

fn damaged(what: &str) -> Error {
    Error::corrupt(Place::default(), format!("{what}; the file is damaged"))
}

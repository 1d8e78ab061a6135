//! The databases of rosbag2, `.db3`: a table of topics and one of messages.
//! <https://github.com/ros2/rosbag2/tree/rolling/rosbag2_storage_sqlite3>
//!
//! Rows become records as those of MCAP are, so that what reads these reads them too.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use evz_core::{Error, LossKind, Place, Progress, Result};

use super::piece::Packed;
use super::sqlite::{Database, Met, Table, Value, values};
use super::unpack::Compression;
use super::window::Window;
use super::{Container, Declared, TypeName, mcap};
use crate::losses::Losses;

pub(crate) use super::sqlite::MAGIC;

/// Bytes of messages that make a piece.
const PIECE: usize = 256 << 10;

/// The messages of a database.
#[derive(Clone)]
pub(crate) struct Rows {
    name: String,
    window: Window,
    table: Table,
    columns: Columns,
    /// Topics by their number in the database.
    topics: Arc<HashMap<i64, u16>>,
    /// What they are, until the first piece has said it.
    declared: Vec<u8>,
    rows: u64,
    ended: bool,
}

/// Where what matters is in a row of messages.
#[derive(Clone, Copy)]
struct Columns {
    topic: usize,
    data: usize,
}

/// What is known of a database before its messages.
pub(crate) struct Start {
    pub(crate) declared: Vec<Declared>,
    /// Whether messages may stand in another file beside it.
    pub(crate) has_log: bool,
}

/// What a database has, and its messages from the first on.
pub(crate) fn start(mut window: Window, name: &str) -> Result<(Start, Rows)> {
    let failed = |e: io::Error| Error::io(name, "cannot read", e);
    let head = window.get(0, 100).map_err(failed)?;
    let Some(database) = Database::read(head) else {
        let what = "it begins as a database of SQLite, and goes on as none";
        return Err(Error::corrupt(name, what));
    };
    let lacking = || {
        let what = "it is a database of SQLite without the tables topics and messages of rosbag2";
        Error::unsupported(name, what)
    };
    let (mut table, columns) = database
        .find(&mut window, "topics")
        .map_err(failed)?
        .ok_or_else(lacking)?;
    let [id, topic, kind, format] =
        places(&columns, ["id", "name", "type", "serialization_format"]).ok_or_else(lacking)?;
    let mut start = Start {
        declared: Vec::new(),
        has_log: database.has_log,
    };
    let (mut topics, mut declared) = (HashMap::new(), Vec::new());
    loop {
        let (row, number) = match table.next(&mut window).map_err(failed)? {
            Met::Row(row, number) => (row, number),
            Met::Damaged(_) | Met::Cut => continue,
            Met::End => break,
        };
        let values = values(&row, columns.len()).unwrap_or_default();
        let text = |at: usize| values.get(at).copied().and_then(Value::text);
        let (Some(topic), Some(kind), Some(format), Ok(channel)) = (
            text(topic),
            text(kind),
            text(format),
            u16::try_from(topics.len() + 1),
        ) else {
            continue;
        };
        // A primary key of integers is the number of the row, and stands in no column.
        let number = values
            .get(id)
            .copied()
            .and_then(Value::integer)
            .unwrap_or(number);
        topics.insert(number, channel);
        for record in [
            mcap::schema(channel, kind),
            mcap::channel(channel, topic, format),
        ] {
            declared.extend(record);
        }
        let name = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        start.declared.push(Declared::Schema {
            id: channel,
            type_name: name(kind),
        });
        start.declared.push(Declared::Connection {
            id: channel.into(),
            topic: name(topic),
            type_name: TypeName::OfSchema(channel),
            encoding: name(format),
        });
    }
    let (table, columns) = database
        .find(&mut window, "messages")
        .map_err(failed)?
        .ok_or_else(lacking)?;
    let [topic, data] = places(&columns, ["topic_id", "data"]).ok_or_else(lacking)?;
    Ok((
        start,
        Rows {
            name: name.to_owned(),
            window,
            table,
            columns: Columns { topic, data },
            topics: Arc::new(topics),
            declared,
            rows: 0,
            ended: false,
        },
    ))
}

fn places<const N: usize>(columns: &[String], names: [&str; N]) -> Option<[usize; N]> {
    let at = names.map(|name| columns.iter().position(|column| column == name));
    let all = at.iter().all(Option::is_some);
    all.then(|| at.map(Option::unwrap_or_default))
}

impl Rows {
    pub(crate) fn progress(&self) -> Progress {
        // Pages stand in no order that tells how many are left.
        Progress {
            done: self.table.bytes_read().min(self.window.len()),
            total: Some(self.window.len()),
        }
    }

    /// The same for who knows the topics.
    pub(crate) fn without_topics(mut self) -> Self {
        self.declared = Vec::new();
        self
    }

    /// The next messages; none at the end.
    pub(crate) fn next(&mut self, losses: &mut Losses) -> Result<Option<Packed>> {
        let mut bytes = std::mem::take(&mut self.declared);
        while !self.ended && bytes.len() < PIECE {
            let met = self.table.next(&mut self.window);
            let met = met.map_err(|e| Error::io(&self.name, "cannot read", e))?;
            let place = Place::file(&self.name).with_row(self.rows);
            match met {
                Met::Row(row, _) => {
                    self.rows += 1;
                    if let Err(why) = self.message(&row, &mut bytes) {
                        losses.add(LossKind::Damaged, "damaged messages", 1, place, why);
                    }
                }
                Met::Damaged(why) => {
                    losses.add(LossKind::Damaged, "damaged pages", 1, place, why);
                }
                Met::Cut => {
                    let what = "pages that the file is too short for";
                    losses.add(LossKind::CutOff, what, 1, place, "");
                }
                Met::End => self.ended = true,
            }
        }
        Ok((!bytes.is_empty()).then_some(Packed {
            container: Container::Db3,
            at: 0,
            size: bytes.len() as u64,
            bytes,
            compression: Compression::None,
            crc: None,
            is_cut: false,
        }))
    }

    /// Adds the record of a message.
    fn message(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), &'static str> {
        const NONSENSE: &str = "it has no topic, or no data";
        let Columns { topic, data } = self.columns;
        let values = values(row, topic.max(data) + 1).ok_or("it makes no sense")?;
        let topic = values
            .get(topic)
            .copied()
            .and_then(Value::integer)
            .ok_or(NONSENSE)?;
        let Some(Value::Blob(data)) = values.get(data).copied() else {
            return Err(NONSENSE);
        };
        // A topic that is not declared has a number that is none.
        let channel = self.topics.get(&topic).copied().unwrap_or(0);
        mcap::message(channel, data, out);
        Ok(())
    }
}

//! An event stream that was found in a file: where its columns stand, and what is known of them.

use evz_core::columns::Role;
use evz_core::{Clock, Error, Loss, Note, Place, Result, SensorSize, TimeUnit};

use crate::column::Column;
use crate::ecf;
use crate::h5::{Dataset, Kind, Names, Scalar, Type};
use crate::row_index::RowIndex;
use crate::stream::Stream;

/// A layout that a document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A column a dataset, whole microseconds, with `t_offset` or an index by milliseconds: [DSEC][1],
    /// [M3ED][2].
    ///
    /// [1]: https://dsec.ifi.uzh.ch/data-format/
    /// [2]: https://m3ed.io/data_overview/datafiles
    Dsec,
    /// Records in `CD/events`: [Prophesee][1].
    ///
    /// [1]: https://docs.prophesee.ai/stable/data/file_formats/hdf5.html
    Prophesee,
    /// N x 4 in `davis/…/events`, seconds: MVSEC.
    Mvsec,
    /// N x 4 in `events`, whole microseconds: v2e.
    V2e,
    /// `events/{xs,ys,ts,ps}`, seconds: [event_cnn_minimal][1] and its kin.
    ///
    /// [1]: https://github.com/TimoStoff/event_cnn_minimal
    Monash,
    /// Columns with the usual names in a group `events`.
    Events,
    /// Columns with the usual names elsewhere, or that were told.
    Other,
}

/// Where a column stands.
#[derive(Clone)]
pub(crate) struct At {
    pub(crate) dataset: Dataset,
    pub(crate) of: Of,
}

/// What of a dataset a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Of {
    /// All of it.
    All,
    /// A field of its records.
    Field(String),
    /// A column of its numbers.
    Number(u64),
}

/// An event stream.
#[derive(Clone)]
pub(crate) struct Found {
    /// Its path, and a name by which it can be chosen.
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) layout: Layout,
    /// In the order of [`Role::ALL`].
    pub(crate) columns: [At; 4],
    /// How it was found which column is which, where names do not say it.
    pub(crate) order: Option<String>,
    /// The unit of the times by an attribute, or how that says none that is known.
    pub(crate) unit: Option<Result<TimeUnit, String>>,
    /// What is added to the times.
    pub(crate) t_offset: i64,
    pub(crate) size: Option<(SensorSize, String)>,
    pub(crate) clock: Clock,
    /// The index of its rows by time.
    pub(crate) index: Option<RowIndex>,
    pub(crate) notes: Vec<Note>,
    pub(crate) losses: Vec<Loss>,
    /// What is said of the lens of its camera, as JSON.
    pub(crate) calibration: Option<String>,
}

impl Layout {
    /// What people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Mvsec => "MVSEC",
            Self::Dsec => "DSEC",
            other => other.name(),
        }
    }

    /// What metadata calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dsec => "dsec",
            Self::Prophesee => "prophesee",
            Self::Mvsec => "mvsec",
            Self::V2e => "v2e",
            Self::Monash => "monash",
            Self::Events | Self::Other => "columns",
        }
    }
}

impl At {
    pub(crate) fn new(dataset: &Dataset, of: Of) -> Self {
        let dataset = dataset.clone();
        Self { dataset, of }
    }

    /// Its path, for messages.
    pub(crate) fn path(&self) -> String {
        let path = &self.dataset.path;
        match &self.of {
            Of::All => path.clone(),
            Of::Field(name) => format!("{path}/{name}"),
            Of::Number(n) => format!("{path}/{n}"),
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place::part(format!("dataset {}", self.path()))
    }

    /// The chunks along the second dimension that it is in.
    pub(crate) fn second(&self) -> u64 {
        match (&self.of, self.dataset.chunk()) {
            (Of::Number(n), Some([_, side, ..])) => n / side,
            _ => 0,
        }
    }

    /// The numbers of the column of a role.
    ///
    /// # Errors
    /// If it has none.
    pub(crate) fn scalar(&self, role: Role) -> Result<Scalar> {
        let of = match (&self.dataset.of, &self.of) {
            (Type::Record(fields, _), Of::Field(name)) => {
                let field = fields.iter().find(|field| field.name == *name);
                field.map(|field| &field.of)
            }
            (of, _) => Some(of),
        };
        let wrong = |what: String| {
            let error = Error::unsupported(self.place(), what);
            Err(error.advise("cast it first"))
        };
        match of {
            Some(Type::Number(scalar)) => match scalar.kind == Kind::Bool && role != Role::Polarity
            {
                true => wrong(format!("it holds {scalar}, and numbers are expected")),
                false => Ok(*scalar),
            },
            Some(other) => wrong(format!("it holds {other}, and a number a row is expected")),
            None => wrong("there is no such field".to_owned()),
        }
    }

    /// How it is read from the pieces of stream `stream`.
    pub(crate) fn column(&self, role: Role, stream: usize) -> Result<Column> {
        let scalar = self.scalar(role)?;
        let column = |stride, offset| Column {
            stream,
            ahead: 0,
            stride,
            offset,
            scalar,
        };
        if self.dataset.is_ecf() {
            // The filter says what events are.
            let i = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
            let (kind, size) = [
                (Kind::Int, 8),
                (Kind::Uint, 2),
                (Kind::Uint, 2),
                (Kind::Uint, 1),
            ][i];
            let scalar = Scalar {
                kind,
                size,
                big_endian: false,
                names: Names::None,
            };
            return Ok(Column {
                ahead: ecf::COLUMNS[i],
                scalar,
                ..column(size, 0)
            });
        }
        let size = self.dataset.of.size();
        Ok(match (&self.of, &self.dataset.of) {
            (Of::Field(name), Type::Record(fields, _)) => {
                let field = fields.iter().find(|field| field.name == *name);
                column(size, field.map_or(0, |field| field.offset))
            }
            (Of::Number(n), _) => {
                let side = match self.dataset.chunk() {
                    Some([_, side, ..]) => *side,
                    _ => self.dataset.space.shape.get(1).copied().unwrap_or(1),
                };
                column(side as usize * size, (n % side) as usize * size)
            }
            _ => column(size, 0),
        })
    }
}

/// The columns of an event stream and the streams of pieces that they are read from.
pub(crate) struct Open {
    pub(crate) streams: Vec<Stream>,
    pub(crate) columns: [Column; 4],
    /// Rows that every column has, and what the longest has.
    pub(crate) rows: u64,
    pub(crate) most: u64,
}

impl Found {
    /// Opens its columns.
    ///
    /// # Errors
    /// If one holds no numbers, or cannot be read.
    pub(crate) fn open(&self) -> Result<Open> {
        let mut streams: Vec<(String, u64, Stream)> = Vec::new();
        let mut columns = Vec::new();
        for (role, at) in Role::ALL.into_iter().zip(&self.columns) {
            let (path, second) = (&at.dataset.path, at.second());
            let known = streams
                .iter()
                .position(|(p, s, _)| (p, *s) == (path, second));
            let column = at.column(role, known.unwrap_or(streams.len()))?;
            if known.is_none() {
                streams.push((path.clone(), second, Stream::open(&at.dataset, second)?));
            }
            columns.push(column);
        }
        let rows = self.columns.iter().map(|at| at.dataset.rows());
        let columns = columns.try_into();
        Ok(Open {
            streams: streams.into_iter().map(|(_, _, stream)| stream).collect(),
            columns: columns.unwrap_or_else(|_| unreachable!("a column for each role")),
            rows: rows.clone().min().unwrap_or(0),
            most: rows.max().unwrap_or(0),
        })
    }
}

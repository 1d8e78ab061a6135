//! The exact shape of a regular text: what a writer prints, and what a reader checks against.

use evz_core::columns::time_name;
use evz_core::{
    Clock, Column, ColumnOrder, ColumnType, Error, ExtraColumn, Header, PolarityStyle, Question,
    Result, SensorSize, Separator, TimeBase, TimeUnit,
};

use crate::{
    columns_remark, header::Header as ParsedHeader, line_columns::Further, remarks::Remarks,
};

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
}

impl LineEnd {
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// How x and y are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CoordinateStyle {
    /// `3`.
    Integer,
    /// With so many zeros after a point: `3.0`.
    Decimals(u8),
    /// With so many digits after the point and an exponent: `3.000000e+00`.
    Scientific(u8),
}

/// The exact shape of a text of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextFormat {
    /// The order of t, x, y and p.
    pub(crate) columns: ColumnOrder,
    /// The further columns.
    pub(crate) further: Further,
    /// What stands between them.
    pub(crate) separator: String,
    /// The unit of the times: one that has a name, or a tick.
    pub(crate) time_unit: TimeBase,
    /// Digits after the point of a time.
    pub(crate) decimals: u8,
    /// How polarity is written.
    pub(crate) polarity: PolarityStyle,
    /// How x and y are written.
    pub(crate) coordinates: CoordinateStyle,
    /// How lines end.
    pub(crate) line_end: LineEnd,
    /// What stands before the events.
    pub(crate) header: Header,
    /// The clock of the times, as far as it is to be said.
    pub(crate) clock: Clock,
    /// What its epoch counts.
    pub(crate) epoch_tick: TimeBase,
    /// Whether a header says what the further columns are.
    pub(crate) says_columns: bool,
    /// Whether the last line ends like the others.
    pub(crate) final_newline: bool,
    /// Whether this is the shape of the text that the events come from.
    pub(crate) of_source: bool,
}

impl TextFormat {
    /// `t x y p` with blanks between them, t in seconds with six decimals, or more if the time
    /// base asks for them, polarity 0/1: the form that most text recordings have, which everybody
    /// reads without being told. Ticks that are no whole number of nanoseconds stay whole numbers.
    pub(crate) fn usual(time_base: TimeBase) -> Self {
        let mut format = Self {
            columns: ColumnOrder::TXYP,
            further: Further::default(),
            separator: " ".to_owned(),
            time_unit: TimeBase::SECONDS,
            decimals: 0,
            polarity: PolarityStyle::ZeroOne,
            coordinates: CoordinateStyle::Integer,
            line_end: LineEnd::Lf,
            header: Header::None,
            clock: Clock::default(),
            epoch_tick: time_base,
            says_columns: true,
            final_newline: true,
            of_source: false,
        };
        match time_base.whole_nanoseconds() {
            Some(_) => format.decimals = format.decimals_for(time_base).max(6),
            None => format.time_unit = time_base,
        }
        format
    }

    /// The fewest decimals of this unit that hold every tick of a time base, at most down to the
    /// nanosecond.
    pub(crate) fn decimals_for(&self, time_base: TimeBase) -> u8 {
        let most = decimals_to_nanosecond(self.time_unit);
        let (_, per) = time_base.ratio_to(self.time_unit);
        (0..most)
            .find(|&d| 10u128.pow(u32::from(d)).is_multiple_of(per))
            .unwrap_or(most)
    }

    /// Prints these further columns: where the text that it came from had them, or else behind t, x, y
    /// and p, and says in a header what they are.
    pub(crate) fn with_further(mut self, columns: &[ExtraColumn]) -> Self {
        if self.of_source && self.further.places.len() == columns.len() {
            self.further.columns = columns.to_vec();
            return self;
        }
        if !columns.is_empty() && self.header == Header::None {
            self.header = Header::Names;
        }
        self.changed(|f| f.further = Further::behind(columns))
    }

    /// Prints the columns in this order.
    pub(crate) fn with_columns(self, columns: ColumnOrder) -> Self {
        self.changed(|f| f.columns = columns)
    }

    /// Prints this between the columns.
    pub(crate) fn with_separator(self, separator: Separator) -> Self {
        self.changed(|f| f.separator = separator.text().to_owned())
    }

    /// Prints times in this unit, with the decimals that the time base needs.
    pub(crate) fn with_time_unit(self, unit: TimeUnit, time_base: TimeBase) -> Self {
        self.changed(|f| {
            f.time_unit = unit.time_base();
            f.decimals = f.decimals_for(time_base);
        })
    }

    /// Prints so many decimals of a time.
    ///
    /// # Errors
    /// If there are more than [`MAX_DECIMALS`].
    pub(crate) fn with_decimals(self, decimals: u8) -> Result<Self> {
        check_decimals(decimals)?;
        Ok(self.changed(|f| f.decimals = decimals))
    }

    /// Writes polarity like this.
    pub(crate) fn with_polarity(self, polarity: PolarityStyle) -> Self {
        self.changed(|f| f.polarity = polarity)
    }

    /// Writes this before the events.
    pub(crate) fn with_header(mut self, header: Header) -> Self {
        self.header = header;
        self
    }

    /// The shape after a change of its columns. A header taken over from a source may name the
    /// columns that were, or the unit that they had, so it gives way to one that names those that
    /// are.
    fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        let before = self.clone();
        change(&mut self);
        if let Header::Verbatim(text) = &self.header
            && self != before
        {
            let said = ParsedHeader::parse(text, before.further.line_len());
            let unit_said = said.geometry || said.v2e || said.unit.is_some();
            if said.columns.is_some() || (unit_said && self.time_unit != before.time_unit) {
                self.header = Header::Names;
            }
        }
        self
    }

    /// The bytes before the events: the header, and remarks on what it does not say.
    pub(crate) fn header_bytes(&self, size: Option<SensorSize>) -> Result<Vec<u8>> {
        let mut bytes = self.header_alone(size)?;
        let said = ParsedHeader::parse(&bytes, self.further.line_len());
        let has_name = TimeUnit::of(self.time_unit).is_some();
        let tick_is_said = match said.remarks.tick {
            Some(tick) => tick == self.time_unit,
            // Names that a time may have too would make those of the columns of no use.
            None if self.says_columns && !self.further.columns.is_empty() && !self.of_source => {
                said.unit == Some(self.time_unit)
            }
            None => has_name || said.unit == Some(self.time_unit),
        };
        let wanted = Remarks {
            tick: (!has_name || !tick_is_said || said.remarks.tick.is_some())
                .then_some(self.time_unit),
            clock: self.clock,
            epoch_tick: Some(self.epoch_tick),
        };
        let worth = |clock: Option<Clock>| {
            let remarks = Remarks {
                clock: clock?,
                ..wanted
            };
            remarks.clock_worth_saying()
        };
        let said_clock = said.remarks.clock_in(self.epoch_tick);
        let clock_is_said = worth(said_clock) == wanted.clock_worth_saying();
        let columns_are_said = self.are_columns_said(&said);
        if !tick_is_said || !clock_is_said || !columns_are_said {
            bytes = Remarks::without(&bytes);
            let line_end = String::from_utf8_lossy(self.line_end.bytes());
            // What the names of columns say need not be said again.
            let named = said.names.as_ref().and_then(|names| names.unit);
            let tick = wanted.tick.filter(|_| named != Some(self.time_unit));
            let remarks = Remarks { tick, ..wanted };
            bytes.extend_from_slice(remarks.lines(&line_end).as_bytes());
            if self.says_columns && !self.further.columns.is_empty() {
                let line = columns_remark::line(self.columns, &self.further);
                bytes.extend_from_slice(line.as_bytes());
                bytes.extend_from_slice(self.line_end.bytes());
            }
        }
        Ok(bytes)
    }

    /// Whether a header says all of the further columns. To be printed as they were read, they need no
    /// more than they had: types that are found from the values, and maybe names.
    fn are_columns_said(&self, said: &ParsedHeader) -> bool {
        let Further { columns, places } = &self.further;
        if !self.says_columns {
            return true;
        }
        if let Some(listed) = &said.listed {
            let same = self.further.line_len() == listed.line.len && *places == listed.line.further;
            return same && listed.order == self.columns && listed.columns == *columns;
        }
        let found = |column: &ExtraColumn| {
            use ColumnType::{Bool, F64, I64, U64};
            let known = matches!(column.column_type, Bool | F64 | I64 | U64);
            known && column.unit.is_empty() && column.description.is_empty()
        };
        let are_names = || {
            let names = said.names.as_ref();
            names.is_none_or(|n| columns.iter().map(|c| &c.name).eq(&n.further))
        };
        columns.is_empty() || (self.of_source && columns.iter().all(found) && are_names())
    }

    fn header_alone(&self, size: Option<SensorSize>) -> Result<Vec<u8>> {
        let sized = |what: &str| {
            size.ok_or_else(|| {
                let what =
                    format!("the header {what} holds the size of the sensor, which is not known");
                Error::invalid(what)
                    .settled_by(Question::Size, [""; 0])
                    .settled_by(Question::Header, ["none", "names"])
            })
        };
        let line = match &self.header {
            Header::None => return Ok(Vec::new()),
            Header::Verbatim(text) => {
                let said = ParsedHeader::parse(text, self.further.line_len()).size;
                return Ok(match size {
                    Some(size) if said.is_some_and(|said| said != size) => {
                        ParsedHeader::with_size(text, size)
                    }
                    _ => text.clone(),
                });
            }
            Header::Names => self.names(),
            Header::Size => sized("size").map(|s| format!("{} {}", s.width, s.height))?,
            Header::Geometry if self.time_unit != TimeBase::MICROSECONDS => {
                return Err(Error::invalid("%geometry means microseconds")
                    .settled_by(Question::TimeUnit, [TimeUnit::Microseconds])
                    .settled_by(Question::Header, ["none", "names", "size"]));
            }
            Header::Geometry => {
                sized("geometry").map(|s| format!("%geometry:{},{}", s.width, s.height))?
            }
        };
        Ok([line.as_bytes(), self.line_end.bytes()].concat())
    }

    /// The names of the columns, the unit with the time so that a reader need not ask for it.
    fn names(&self) -> String {
        let mut columns = self.columns.columns().into_iter();
        let names = self.further.slots().map(|slot| match slot {
            // What would end a name is none of it; the remark has all of it.
            Some(k) => self.further.columns[k].name.replace(
                |c: char| c.is_whitespace() || c.is_control() || ",;\"'".contains(c),
                "_",
            ),
            None => match columns.next() {
                Some(Column::T) | None => time_name(self.time_unit),
                Some(other) => other.letter().to_string(),
            },
        });
        names.collect::<Vec<_>>().join(&self.separator)
    }
}

/// How many decimals of this unit reach down to the nanosecond; a tick has none.
pub(crate) fn decimals_to_nanosecond(unit: TimeBase) -> u8 {
    TimeUnit::of(unit).map_or(0, TimeUnit::decimals_to_nanosecond)
}

/// The most decimals that a time is printed with: 64 bits hold as many.
pub(crate) const MAX_DECIMALS: u8 = 18;

/// The longest that can stand between two columns.
const MAX_SEPARATOR: usize = 8;

/// Whether these bytes can stand between two columns.
pub(crate) fn is_separator(bytes: &[u8]) -> bool {
    let marks = bytes.iter().filter(|b| b",;".contains(b)).count();
    !bytes.is_empty()
        && bytes.len() <= MAX_SEPARATOR
        && marks <= 1
        && bytes.iter().all(|b| b" \t,;".contains(b))
}

/// Refuses more decimals than integers of 64 bits can hold.
pub(crate) fn check_decimals(decimals: u8) -> Result<()> {
    if decimals > MAX_DECIMALS {
        let what = format!("{decimals} decimals are too many; at most {MAX_DECIMALS} are kept");
        return Err(Error::invalid(what));
    }
    Ok(())
}

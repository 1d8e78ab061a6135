//! A source whose events are all kept, and are others.

use evz_core::{
    Error, EventBatch, EventSource, Filter, Next, Note, Place, Question, Report, Result,
    SensorSize, StreamInfo,
};

use super::filtered;

/// A source with pixels that are moved, or the other polarity.
pub(super) struct Changed {
    source: Box<dyn EventSource>,
    info: StreamInfo,
    change: Filter,
    /// The sensor before the change, beyond which pixels have nowhere to go.
    from: Option<SensorSize>,
    /// Its last column if columns are mirrored, and its last row if rows are.
    mirrors: (Option<u16>, Option<u16>),
    name: String,
    /// Events before those that are read next.
    events: u64,
    /// Whether frames came by, which stay as they are.
    has_frames: bool,
}

impl Changed {
    /// # Errors
    /// If nobody says how large the sensor is, and that has to be known; if it is so large that a pixel
    /// would have no place; or if a region lies beyond it.
    pub(super) fn of(
        source: Box<dyn EventSource>,
        filter: &Filter,
        name: &str,
    ) -> Result<Box<dyn EventSource>> {
        let from = source.info().size;
        let mut info = match filter {
            // Who chose the events of the region said so.
            Filter::Crop(_) => source.info().clone(),
            _ => filtered(source.info(), filter),
        };
        info.size = resized(filter, from, name)?;
        let mirrors = mirrored(filter, from, name)?;
        Ok(Box::new(Self {
            info,
            source,
            change: filter.clone(),
            from,
            mirrors,
            name: name.to_owned(),
            events: 0,
            has_frames: false,
        }))
    }

    /// An error if an event lies beyond the sensor.
    fn check(&self, batch: &EventBatch) -> Result<()> {
        let Some(size) = self.from else {
            return Ok(());
        };
        let pixels = batch.x.iter().zip(&batch.y);
        match pixels.clone().position(|(x, y)| !size.contains(*x, *y)) {
            None => Ok(()),
            Some(at) => {
                let place = Place::file(&self.name).with_event(self.events + at as u64);
                let (x, y) = (batch.x[at], batch.y[at]);
                let (what, change) = (format!("its pixel {x},{y} lies"), &self.change);
                let what =
                    format!("{what} beyond the sensor of {size}, and {change} is of its pixels");
                Err(Error::corrupt(place, what).settled_by(Question::Drop, ["outside"]))
            }
        }
    }
}

/// The sensor behind a change.
fn resized(filter: &Filter, from: Option<SensorSize>, name: &str) -> Result<Option<SensorSize>> {
    let turned = |size: SensorSize| SensorSize {
        width: size.height,
        height: size.width,
    };
    match filter {
        Filter::Transpose => Ok(from.map(turned)),
        Filter::FlipX | Filter::FlipY | Filter::Rotate(_) if from.is_none() => {
            let what =
                format!("nothing says how large its sensor is, and {filter} is of its pixels");
            Err(Error::unsupported(name, what).settled_by(Question::Size, [""; 0]))
        }
        Filter::Rotate(90 | 270) => Ok(from.map(turned)),
        Filter::Crop(roi) => {
            let (left, top) = (u32::from(roi.x), u32::from(roi.y));
            let (right, bottom) = from.map_or((1 << 16, 1 << 16), |s| (s.width, s.height));
            if left >= right || top >= bottom {
                let size = from.map(|size| format!(" of {size}")).unwrap_or_default();
                let what = format!("{name}: the region {roi} lies beyond its sensor{size}");
                return Err(Error::invalid(what));
            }
            Ok(Some(SensorSize {
                width: roi.width.min(right - left),
                height: roi.height.min(bottom - top),
            }))
        }
        _ => Ok(from),
    }
}

/// The last column of the sensor if a change mirrors columns, and its last row if it mirrors rows. Pixels
/// have numbers of 16 bits: on a longer side the first ones would have no number behind the change.
fn mirrored(
    filter: &Filter,
    from: Option<SensorSize>,
    name: &str,
) -> Result<(Option<u16>, Option<u16>)> {
    let Some(size) = from else {
        return Ok((None, None));
    };
    let last = |side: u32, pixels: &str| match u16::try_from(side.saturating_sub(1)) {
        Ok(last) => Ok(Some(last)),
        Err(_) => {
            let what = format!(
                "its sensor of {size} has {side} {pixels}, of which {filter} moves the first to where \
                 no pixel has a number, beyond 65535"
            );
            Err(Error::unsupported(name, what)
                .settled_by(Question::Size, [""; 0])
                .advise("crop it to a region before: crop=X,Y,W,H"))
        }
    };
    let columns = || last(size.width, "columns");
    let rows = || last(size.height, "rows");
    Ok(match filter {
        Filter::FlipX | Filter::Rotate(270) => (columns()?, None),
        Filter::FlipY | Filter::Rotate(90) => (None, rows()?),
        Filter::Rotate(_) => (columns()?, rows()?),
        _ => (None, None),
    })
}

impl EventSource for Changed {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let n = match self.source.read_batch(batch)? {
            Next::Events(n) => n,
            Next::Rows(rows) => {
                self.has_frames |= rows.stream.starts_with("frames");
                return Ok(Next::Rows(rows));
            }
            Next::End(_) => return Ok(Next::End(self.report())),
        };
        // What is left of a region lies on the sensor behind it, and a transposed one has no edges.
        if self.mirrors != (None, None) {
            self.check(batch)?;
        }
        self.events += n as u64;
        let (x, y) = (&mut batch.x, &mut batch.y);
        let mirror = |pixels: &mut [u16], last: Option<u16>| {
            if let Some(last) = last {
                pixels.iter_mut().for_each(|at| *at = last - *at);
            }
        };
        mirror(x, self.mirrors.0);
        mirror(y, self.mirrors.1);
        match &self.change {
            Filter::InvertPolarity => batch.p.iter_mut().for_each(|p| *p ^= 1),
            Filter::Transpose | Filter::Rotate(90 | 270) => std::mem::swap(x, y),
            Filter::Crop(roi) => {
                x.iter_mut().for_each(|x| *x -= roi.x);
                y.iter_mut().for_each(|y| *y -= roi.y);
            }
            _ => {}
        }
        Ok(Next::Events(n))
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        if self.has_frames && self.change.moves_pixels() {
            let what = format!(
                "frames are as the camera took them: {} is of events",
                self.change
            );
            report.notes.push(Note::Other(what));
        }
        report
    }

    fn is_whole(&self) -> bool {
        false
    }

    wraps!(source);
}

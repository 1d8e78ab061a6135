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
    name: String,
    /// Events before those that are read next.
    events: u64,
    /// Whether frames came by, which stay as they are.
    has_frames: bool,
}

impl Changed {
    /// # Errors
    /// If nobody says how large the sensor is, and that has to be known; or if a region lies beyond it.
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
        Ok(Box::new(Self {
            info,
            source,
            change: filter.clone(),
            from,
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
        let mirrors = matches!(
            self.change,
            Filter::FlipX | Filter::FlipY | Filter::Rotate(_)
        );
        if mirrors {
            self.check(batch)?;
        }
        self.events += n as u64;
        let (x, y) = (&mut batch.x, &mut batch.y);
        let last = self.from.map_or((0, 0), |s| (s.width - 1, s.height - 1));
        let (right, bottom) = (last.0 as u16, last.1 as u16);
        let mirror =
            |pixels: &mut [u16], last: u16| pixels.iter_mut().for_each(|at| *at = last - *at);
        match &self.change {
            Filter::InvertPolarity => batch.p.iter_mut().for_each(|p| *p ^= 1),
            Filter::FlipX => mirror(x, right),
            Filter::FlipY => mirror(y, bottom),
            Filter::Transpose => std::mem::swap(x, y),
            Filter::Rotate(90) => {
                mirror(y, bottom);
                std::mem::swap(x, y);
            }
            Filter::Rotate(180) => {
                mirror(x, right);
                mirror(y, bottom);
            }
            Filter::Rotate(_) => {
                mirror(x, right);
                std::mem::swap(x, y);
            }
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

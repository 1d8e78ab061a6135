//! Events on the sensor, for who accepts that others are left out.

use evz_core::{
    Error, EventBatch, EventSource, Loss, LossKind, Next, Note, Place, Question, Report, Result,
    SensorSize, StreamInfo,
};

/// A source without the events that lie beyond its sensor.
pub(crate) struct Inside {
    source: Box<dyn EventSource>,
    size: SensorSize,
    scratch: EventBatch,
    kept: Vec<u32>,
    /// Events before those that are read next.
    events: u64,
    left_out: Loss,
}

impl Inside {
    /// The events of a source that lie on a sensor of this size, or on its own.
    ///
    /// # Errors
    /// If nobody says how large the sensor is.
    pub(crate) fn of(
        source: Box<dyn EventSource>,
        told: Option<SensorSize>,
        name: &str,
    ) -> Result<Box<dyn EventSource>> {
        let size = told.or(source.info().size).ok_or_else(|| {
            let what =
                "nothing says how large its sensor is, beyond which events are to be left out";
            Error::unsupported(name, what).settled_by(Question::Size, [""; 0])
        })?;
        let what = format!("events beyond the sensor of {size}");
        Ok(Box::new(Self {
            source,
            size,
            scratch: EventBatch::default(),
            kept: Vec::new(),
            events: 0,
            left_out: Loss::new(LossKind::BeyondSensor, what, 0).agreed(),
        }))
    }

    fn note(&mut self, number: usize) {
        self.left_out.count += 1;
        if self.left_out.examples.len() < Loss::MAX_EXAMPLES {
            let place = Place::default().with_event(self.events + number as u64);
            let (x, y) = (self.scratch.x[number], self.scratch.y[number]);
            self.left_out.examples.push(format!("{place}: {x},{y}"));
        }
    }
}

impl EventSource for Inside {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let n = match self.source.read_batch(batch)? {
            Next::Events(n) => n,
            Next::Rows(rows) => return Ok(Next::Rows(rows)),
            Next::End(_) => return Ok(Next::End(self.report())),
        };
        let SensorSize { width, height } = self.size;
        let on = |i: usize| u32::from(batch.x[i]) < width && u32::from(batch.y[i]) < height;
        if (0..n).all(on) {
            self.events += n as u64;
            return Ok(Next::Events(n));
        }
        self.kept.clear();
        self.kept
            .extend((0..n).filter(|i| on(*i)).map(|i| i as u32));
        std::mem::swap(&mut self.scratch, batch);
        for number in 0..n {
            let (x, y) = (self.scratch.x[number], self.scratch.y[number]);
            if u32::from(x) >= width || u32::from(y) >= height {
                self.note(number);
            }
        }
        self.events += n as u64;
        batch.clear();
        batch.gather(self.scratch.as_slice(), &self.kept);
        Ok(Next::Events(batch.len()))
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        report.agree(LossKind::BeyondSensor);
        report
            .notes
            .retain(|note| !matches!(note, Note::BeyondSensor { .. }));
        if self.left_out.count > 0 {
            report.add_loss(self.left_out.clone());
        }
        report
    }

    fn is_whole(&self) -> bool {
        self.left_out.count == 0 && self.source.is_whole()
    }

    wraps!(source);
}

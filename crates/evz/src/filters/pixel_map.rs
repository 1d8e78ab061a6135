//! A value for each pixel that had an event.

use evz_core::{Error, EventSlice, Place, Result};

/// Values for the pixels from 0,0 to the farthest that had an event, for a frame of one pixel around them,
/// so that every pixel has eight others around it, and for one cell behind the last, so that four follow on
/// the left of every pixel. It grows with what is seen: what a header says of a sensor takes no memory.
#[derive(Debug, Clone)]
pub(super) struct PixelMap<T> {
    cells: Vec<T>,
    /// Pixels in a row, without the frame.
    width: usize,
    height: usize,
    /// What a pixel has that had no event.
    nothing: T,
}

/// Pixels of a map, at most: those of a sensor of 8192 x 8192.
const MAX_PIXELS: usize = 1 << 26;

/// Rows and columns that are added at a time.
const STEP: usize = 64;

impl<T: Copy> PixelMap<T> {
    /// A map without pixels.
    pub(super) fn new(nothing: T) -> Self {
        Self {
            cells: Vec::new(),
            width: 0,
            height: 0,
            nothing,
        }
    }

    /// Makes room for the pixels of these events.
    ///
    /// # Errors
    /// If that is more than any sensor has.
    pub(super) fn reach(&mut self, events: EventSlice<'_>) -> Result<()> {
        let farthest = |pixels: &[u16]| pixels.iter().fold(0, |most, at| most.max(*at));
        let (x, y) = (farthest(events.x), farthest(events.y));
        let (width, height) = (usize::from(x) + 1, usize::from(y) + 1);
        match width > self.width || height > self.height {
            true => self.grow(width, height),
            false => Ok(()),
        }
    }

    fn grow(&mut self, width: usize, height: usize) -> Result<()> {
        let width = width.next_multiple_of(STEP).max(self.width);
        let height = height.next_multiple_of(STEP).max(self.height);
        if width * height > MAX_PIXELS {
            let what = format!(
                "something is kept for each of {MAX_PIXELS} pixels at most, and these events \
                 reach {}x{}",
                width, height
            );
            return Err(Error::limit(Place::default(), what)
                .advise("crop it to a region before: crop=X,Y,W,H"));
        }
        let stride = width + 2;
        let mut cells = vec![self.nothing; stride * (height + 2) + 1];
        for y in 0..self.height {
            let from = self.at(0, y);
            let to = (y + 1) * stride + 1;
            cells[to..to + self.width].copy_from_slice(&self.cells[from..from + self.width]);
        }
        (self.cells, self.width, self.height) = (cells, width, height);
        Ok(())
    }

    /// Cells from one to that below it.
    pub(super) fn stride(&self) -> usize {
        self.width + 2
    }

    fn at(&self, x: usize, y: usize) -> usize {
        (y + 1) * self.stride() + x + 1
    }

    /// The cell of a pixel. One that the map does not reach has none, or that of another.
    #[inline]
    pub(super) fn cell(&self, x: u16, y: u16) -> usize {
        self.at(x.into(), y.into())
    }

    /// The values of all cells; those of the frame stay what they were made.
    pub(super) fn cells(&mut self) -> &mut [T] {
        &mut self.cells
    }

    /// The value of a pixel, which may be out of reach.
    #[inline]
    pub(super) fn get(&self, x: u16, y: u16) -> T {
        match usize::from(x) < self.width && usize::from(y) < self.height {
            true => self.cells[self.cell(x, y)],
            false => self.nothing,
        }
    }

    /// The same map with other values.
    pub(super) fn map<U: Copy>(&self, nothing: U, value: impl Fn(T) -> U) -> PixelMap<U> {
        PixelMap {
            cells: self.cells.iter().map(|cell| value(*cell)).collect(),
            width: self.width,
            height: self.height,
            nothing,
        }
    }

    /// All pixels, row by row: column, row and value.
    pub(super) fn pixels(&self) -> impl Iterator<Item = (u16, u16, T)> + '_ {
        let rows = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        // What is beyond 16 bits is room that no event has a use for.
        rows.filter_map(|(x, y)| {
            let value = self.cells[self.at(x, y)];
            Some((x.try_into().ok()?, y.try_into().ok()?, value))
        })
    }

    /// The values of all pixels and of the frame.
    pub(super) fn values(&self) -> impl Iterator<Item = T> + '_ {
        self.cells.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evz_core::{Event, EventBatch};

    fn at(x: u16, y: u16) -> EventBatch {
        [Event { t: 0, x, y, p: 0 }].into_iter().collect()
    }

    #[test]
    fn values_stay_where_they_are_as_it_grows() {
        let mut map = PixelMap::new(0u32);
        let pixels = [(0, 0), (3, 70), (63, 0), (700, 5), (0, 900)];
        for (n, (x, y)) in pixels.into_iter().enumerate() {
            map.reach(at(x, y).as_slice()).unwrap();
            let cell = map.cell(x, y);
            map.cells()[cell] = n as u32 + 1;
        }
        for (n, (x, y)) in pixels.into_iter().enumerate() {
            assert_eq!(map.get(x, y), n as u32 + 1);
        }
        assert_eq!(map.values().sum::<u32>(), 15);
        assert_eq!(map.get(u16::MAX, 0), 0);
    }

    #[test]
    fn a_map_beyond_all_sensors_is_refused() {
        let mut map = PixelMap::new(0u8);
        assert!(map.reach(at(8_191, 8_191).as_slice()).is_ok());
        let error = map.reach(at(u16::MAX, 8_191).as_slice()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("crop it to a region before: crop=X,Y,W,H"),
            "{error}"
        );
    }
}

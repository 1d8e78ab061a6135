//! Which stretches of a frame were written to.

/// Which stretches of the values were written to: a large frame of which few pixels have events is
/// cheap to clear, and what has none stays out of the caches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks(Vec<u8>);

/// Values of a stretch: one or two cache lines.
pub(crate) const STRETCH: usize = 32;

impl Marks {
    pub(crate) fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(STRETCH)])
    }

    /// Marks where these values are.
    #[inline(always)]
    pub(crate) fn note(&mut self, at: &[u32]) {
        for at in at {
            self.0[*at as usize / STRETCH] = 1;
        }
    }

    /// Marks all of them.
    pub(crate) fn all(&mut self) {
        self.0.fill(1);
    }

    /// The stretches of the values, with their marks.
    pub(crate) fn stretches<'a, T>(
        &'a mut self,
        values: &'a mut [T],
    ) -> impl Iterator<Item = (&'a mut [T], &'a mut u8)> {
        values.chunks_mut(STRETCH).zip(&mut self.0)
    }

    /// Sets what was written to back to `to`, and forgets it.
    pub(crate) fn clear<T: Copy>(&mut self, values: &mut [T], to: T) {
        const MANY: usize = 16;
        let groups = values
            .chunks_mut(STRETCH * MANY)
            .zip(self.0.chunks_mut(MANY));
        // As one number, this is two instructions. The last group may be short.
        let marked = |marks: &[u8]| {
            <[u8; MANY]>::try_from(marks).map_or(true, |m| u128::from_ne_bytes(m) != 0)
        };
        for (values, marks) in groups.filter(|(_, marks)| marked(marks)) {
            for (values, mark) in values.chunks_mut(STRETCH).zip(marks) {
                if std::mem::take(mark) == 0 {
                    continue;
                }
                // Of known length, this is a few instructions.
                match <&mut [T; STRETCH]>::try_from(&mut *values) {
                    Ok(values) => *values = [to; STRETCH],
                    Err(_) => values.fill(to),
                }
            }
        }
    }
}

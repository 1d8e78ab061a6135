//! Which stretches of a frame were written to.

/// Which stretches of the values were written to: a large frame of which few pixels have events is
/// cheap to clear, and what has none stays out of the caches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks(Vec<u8>);

/// Values of a stretch: one or two cache lines.
pub(crate) const STRETCH: usize = 32;

/// Stretches whose marks are looked at together.
const MANY: usize = 16;

/// Whether there may be a mark among these: as one number, this is two instructions. The last group may be short.
fn marked(marks: &[u8]) -> bool {
    <[u8; MANY]>::try_from(marks).map_or(true, |m| u128::from_ne_bytes(m) != 0)
}

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

    /// Does something with the number of each stretch that is marked.
    #[inline(always)]
    pub(crate) fn each_marked(&self, mut act: impl FnMut(usize)) {
        for (group, marks) in self.0.chunks(MANY).enumerate() {
            if marked(marks) {
                for (k, _) in marks.iter().enumerate().filter(|(_, mark)| **mark != 0) {
                    act(group * MANY + k);
                }
            }
        }
    }

    /// Marks all of them.
    pub(crate) fn all(&mut self) {
        self.0.fill(1);
    }

    /// The same of each stretch that is marked here or `before`, which becomes the same as this; and with whether it
    /// is marked here.
    #[inline(always)]
    pub(crate) fn each_of_either(&self, before: &mut Self, mut act: impl FnMut(usize, bool)) {
        before.0.resize(self.0.len(), 0);
        let groups = self.0.chunks(MANY).zip(before.0.chunks_mut(MANY));
        for (group, (now, before)) in groups.enumerate() {
            if !(marked(now) || marked(before)) {
                continue;
            }
            for (k, (now, before)) in now.iter().zip(before).enumerate() {
                let was = std::mem::replace(before, *now);
                if now | was != 0 {
                    act(group * MANY + k, *now != 0);
                }
            }
        }
    }

    /// The stretches of the values, with their marks.
    pub(crate) fn stretches<'a, T>(
        &'a mut self,
        values: &'a mut [T],
    ) -> impl Iterator<Item = (&'a mut [T], &'a mut u8)> {
        values.chunks_mut(STRETCH).zip(&mut self.0)
    }

    /// Copies the values. What was not written to is all the same and is filled in: to read it takes longer than
    /// to write it.
    pub(crate) fn copy<T: Copy>(&self, values: &[T], out: &mut [T]) {
        let blank = self.0.iter().position(|mark| *mark == 0);
        let Some(blank) = blank.map(|at| values[at * STRETCH]) else {
            out.copy_from_slice(values);
            return;
        };
        let groups = values
            .chunks(STRETCH * MANY)
            .zip(out.chunks_mut(STRETCH * MANY))
            .zip(self.0.chunks(MANY));
        for ((values, out), marks) in groups {
            if !marked(marks) {
                out.fill(blank);
                continue;
            }
            let stretches = values.chunks(STRETCH).zip(out.chunks_mut(STRETCH));
            for ((values, out), mark) in stretches.zip(marks) {
                match mark {
                    0 => out.fill(blank),
                    _ => out.copy_from_slice(values),
                }
            }
        }
    }

    /// Sets what was written to back to `to`, and forgets it.
    pub(crate) fn clear<T: Copy>(&mut self, values: &mut [T], to: T) {
        let groups = values
            .chunks_mut(STRETCH * MANY)
            .zip(self.0.chunks_mut(MANY));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_what_was_written_to_and_the_rest_filled_in() {
        for len in [1, 31, 32, 33, 511, 512, 513, 5_000] {
            for step in [1, 7, 40, 600, 9_000] {
                let (mut values, mut marks) = (vec![-1.0f32; len], Marks::new(len));
                for at in (len / 3..len).step_by(step) {
                    values[at] = at as f32;
                    marks.note(&[at as u32]);
                }
                let mut out = vec![9.0; len];
                marks.copy(&values, &mut out);
                assert_eq!(out, values, "{len} values, every {step}");
            }
        }
    }
}

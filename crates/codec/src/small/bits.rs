//! Bits in bytes, the lowest first.

/// Appends bits to bytes.
#[derive(Debug)]
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    pending: u64,
    n_pending: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            pending: 0,
            n_pending: 0,
        }
    }

    /// Appends a number of at most `width <= 64` bits.
    #[inline(always)]
    pub(super) fn put(&mut self, v: u64, width: u32) {
        debug_assert!(v.checked_shr(width).unwrap_or(0) == 0);
        self.pending |= v << self.n_pending;
        let n = self.n_pending + width;
        if n >= 64 {
            self.out.extend_from_slice(&self.pending.to_le_bytes());
            self.pending = v.checked_shr(64 - self.n_pending).unwrap_or(0);
            self.n_pending = n - 64;
        } else {
            self.n_pending = n;
        }
    }

    /// Appends a number by Elias's gamma code of `v + 1`: as many zeros as it has bits behind its
    /// highest, a one, those bits.
    pub(super) fn put_gamma(&mut self, v: u32) {
        let v = u64::from(v) + 1;
        let bits = v.ilog2();
        self.put(1 << bits, bits + 1);
        self.put(v - (1 << bits), bits);
    }

    /// Fills the last byte with zeros.
    pub(super) fn finish(self) {
        let bytes = self.n_pending.div_ceil(8) as usize;
        self.out
            .extend_from_slice(&self.pending.to_le_bytes()[..bytes]);
    }
}

/// Takes bits from bytes.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bits that are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    /// The next bits, 57 at least, with zeros behind the last.
    #[inline(always)]
    fn peek(&self) -> u64 {
        let rest = &self.bytes[self.at / 8..];
        let word = match rest.first_chunk() {
            Some(word) => *word,
            None => std::array::from_fn(|i| rest.get(i).copied().unwrap_or(0)),
        };
        u64::from_le_bytes(word) >> (self.at % 8)
    }

    /// The next `width <= 32` bits, if there are as many.
    #[inline(always)]
    pub(super) fn take(&mut self, width: u32) -> Option<u32> {
        if self.left() < width as usize {
            return None;
        }
        let v = self.peek() & ((1 << width) - 1);
        self.at += width as usize;
        Some(v as u32)
    }

    /// A number that [`BitWriter::put_gamma`] wrote, if it has no more than 20 bits.
    pub(super) fn take_gamma(&mut self) -> Option<u32> {
        let word = self.peek();
        let bits = word.trailing_zeros();
        if bits > 20 || self.left() < 2 * bits as usize + 1 {
            return None;
        }
        self.at += 2 * bits as usize + 1;
        let low = word >> (bits + 1) & ((1 << bits) - 1);
        Some((1 << bits) + low as u32 - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back() {
        let mut out = Vec::new();
        let mut writer = BitWriter::new(&mut out);
        for v in 0..2_000u64 {
            writer.put(v % (1 << (v % 17)), (v % 17) as u32);
            writer.put_gamma(v as u32);
        }
        writer.put(u64::MAX, 64);
        writer.finish();
        let mut reader = BitReader::new(&out);
        for v in 0..2_000u32 {
            assert_eq!(reader.take(v % 17), Some(v % (1 << (v % 17))));
            assert_eq!(reader.take_gamma(), Some(v));
        }
        assert_eq!(reader.take(32), Some(u32::MAX));
        assert_eq!(reader.take(32), Some(u32::MAX));
        assert!(reader.left() < 8);
        assert_eq!(reader.take(8), None);
        assert_eq!(BitReader::new(&[0; 9]).take_gamma(), None);
    }
}

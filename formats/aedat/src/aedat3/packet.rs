//! The head of a packet, and where its events lie.

/// Bytes of the head.
pub(super) const HEAD_LEN: usize = 28;

/// Bytes of a packet: 33 million events. A head that claims more is damaged.
pub(super) const MAX_PACKET: u64 = 256 << 20;

/// What the head of a packet says. All events of a packet are of one kind and of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) kind: i16,
    pub(super) source: i16,
    /// Bytes of an event.
    pub(super) event_len: usize,
    /// How often the clock of 31 bits had wrapped.
    pub(super) overflow: i64,
    /// Events that there is room for; all of that is in the file.
    pub(super) capacity: usize,
    /// Events that are there.
    pub(super) number: usize,
}

impl Head {
    /// The head, or what is wrong with it.
    pub(super) fn read(bytes: &[u8; HEAD_LEN]) -> Result<Self, String> {
        let (kinds, numbers) = bytes.split_at(4);
        let kind = i16::from_le_bytes([kinds[0], kinds[1]]);
        let source = i16::from_le_bytes([kinds[2], kinds[3]]);
        let (numbers, _) = numbers.as_chunks();
        let [len, _, overflow, capacity, number, valid] =
            [0, 1, 2, 3, 4, 5].map(|i| i32::from_le_bytes(numbers[i]));
        if kind < 0 || len < 1 || overflow < 0 || capacity < 0 {
            return Err(format!(
                "kind {kind}, {len} bytes an event, {capacity} events, {overflow} wraps"
            ));
        }
        if !(0..=capacity).contains(&number) || !(0..=number).contains(&valid) {
            return Err(format!(
                "{valid} of {number} events valid where there is room for {capacity}"
            ));
        }
        let head = Self {
            kind,
            source,
            event_len: len as usize,
            overflow: overflow.into(),
            capacity: capacity as usize,
            number: number as usize,
        };
        match kind_len(kind) {
            Some(expected) if expected != head.event_len => Err(format!(
                "{len} bytes an event of kind {kind}, which has {expected}"
            )),
            _ if head.body_len() > MAX_PACKET => Err(format!(
                "{} bytes, where at most {MAX_PACKET} are read",
                head.body_len()
            )),
            _ => Ok(head),
        }
    }

    /// Bytes that follow the head.
    pub(super) fn body_len(&self) -> u64 {
        self.capacity as u64 * self.event_len as u64
    }

    /// A time of 31 bits in 64.
    pub(super) fn time(&self, t: i32) -> i64 {
        (self.overflow << 31) + i64::from(t)
    }
}

pub(super) const SPECIAL: i16 = 0;
pub(super) const POLARITY: i16 = 1;
pub(super) const FRAME: i16 = 2;
pub(super) const IMU6: i16 = 3;
pub(super) const IMU9: i16 = 4;
pub(super) const CONFIG: i16 = 7;

/// Bytes of an event of the kinds that are read, where all of them have as many.
fn kind_len(kind: i16) -> Option<usize> {
    match kind {
        SPECIAL | POLARITY => Some(8),
        IMU6 => Some(36),
        IMU9 => Some(48),
        _ => None,
    }
}

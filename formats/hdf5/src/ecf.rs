//! ECF, how Prophesee compresses chunks of events: filter 0x8ECF. After [hdf5_ecf][1], whose encoder
//! fixes what a chunk looks like; all numbers have the lowest byte first:
//!
//! | bytes | what |
//! | --- | --- |
//! | 4 | the number of events times 4; bit 1: y, x and p are packed together; bit 0: x and p are |
//! | 8 | the time that the first step counts from |
//! | any | times: a byte is a step in its upper half and a run of events in its lower one; a run of 15 is followed by 16 bits that say it; an upper half of 15 is no event, but 4 bits of a longer step, the lowest first |
//! | any | unless packed, y: 11 bits and a run of 5, where 31 is followed by 16 bits that say it |
//! | any | unless packed, x: 11 bits, and a bit for each of the next five columns, the highest first |
//! | any | unless packed, p: 1 bit and a run of 7, where 127 is followed by 16 bits that say it |
//! | 6 for 4 events | x and p packed: 12 bits an event |
//! | 12 for 4 events | y, x and p packed: 24 bits an event |
//!
//! [1]: https://github.com/prophesee-ai/hdf5_ecf

/// Events of a chunk, at most.
const MAX_EVENTS: usize = 65_535;

/// Events that a group may reach beyond the last one.
const SLACK: usize = 8;

/// Bytes of an event in the columns t, x, y and p, and what comes before each.
pub(crate) const EVENT_LEN: usize = 13;
pub(crate) const COLUMNS: [usize; 4] = [0, 8, 10, 12];

/// The events of a chunk as columns one behind the other: t of 8 bytes, x and y of 2, p of 1, all with
/// room for `capacity` events.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) events: usize,
    pub(crate) capacity: usize,
}

/// What is left of a chunk.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    #[inline(always)]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    #[inline(always)]
    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    #[inline(always)]
    fn word(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }
}

/// Decodes a chunk.
///
/// # Errors
/// If it is damaged, in words.
pub(crate) fn decode(chunk: &[u8]) -> Result<Decoded, String> {
    let mut bytes = Bytes(chunk);
    let cut = || "it is shorter than the head of ECF".to_owned();
    let head = bytes.take().map(u32::from_le_bytes).ok_or_else(cut)?;
    let events = (head >> 2) as usize;
    if events > MAX_EVENTS {
        return Err(format!(
            "ECF of {events} events, and {MAX_EVENTS} are the most"
        ));
    }
    let capacity = events + SLACK;
    let mut decoded = Decoded {
        bytes: vec![0; capacity * EVENT_LEN],
        events,
        capacity,
    };
    columns(bytes, head, &mut decoded).ok_or_else(|| "its ECF bytes are damaged".to_owned())?;
    Ok(decoded)
}

/// The columns of a chunk of plain records of 16 bytes, in which t, x, y and p stand at `places`.
pub(crate) fn of_records(chunk: &[u8], places: [usize; 4]) -> Decoded {
    const RECORD: usize = 16;
    let records = chunk.as_chunks::<RECORD>().0;
    let column =
        |at: usize, len: usize| records.iter().flat_map(move |record| &record[at..at + len]);
    let [t, x, y, p] = places;
    let bytes = (column(t, 8).chain(column(x, 2))).chain(column(y, 2).chain(column(p, 1)));
    Decoded {
        bytes: bytes.copied().collect(),
        events: records.len(),
        capacity: records.len(),
    }
}

fn columns(mut bytes: Bytes<'_>, head: u32, decoded: &mut Decoded) -> Option<()> {
    let (events, capacity) = (decoded.events, decoded.capacity);
    let (t, rest) = decoded.bytes.split_at_mut(8 * capacity);
    let (x, rest) = rest.split_at_mut(2 * capacity);
    let (y, p) = rest.split_at_mut(2 * capacity);
    let (t, _) = t.as_chunks_mut::<8>();
    let (x, y) = (x.as_chunks_mut::<2>().0, y.as_chunks_mut::<2>().0);
    let p = p.as_chunks_mut::<1>().0;
    times(&mut bytes, t, events)?;
    if head & 2 != 0 {
        return packed_yxp(&mut bytes, events, x, y, p);
    }
    runs_of_y(&mut bytes, y, events)?;
    if head & 1 != 0 {
        return packed_xp(&mut bytes, events, x, p);
    }
    masks_of_x(&mut bytes, x, events)?;
    runs_of_p(&mut bytes, p, events)
}

/// Writes a value to the next places and returns how many events there are then. Most runs are short,
/// so that as many places as fit are written, whether the run has them or not.
#[inline(always)]
fn run<const N: usize>(
    out: &mut [[u8; N]],
    at: usize,
    len: usize,
    events: usize,
    value: [u8; N],
) -> Option<usize> {
    let end = at + len;
    if end > events {
        return None;
    }
    match out[at..].first_chunk_mut::<SLACK>() {
        Some(places) if len <= SLACK => *places = [value; SLACK],
        _ => out[at..end].fill(value),
    }
    Some(end)
}

fn times(bytes: &mut Bytes<'_>, out: &mut [[u8; 8]], events: usize) -> Option<()> {
    let mut t = bytes.take().map(u64::from_le_bytes)?;
    let mut at = 0;
    while at < events {
        let byte = bytes.byte()?;
        let (step, mut len) = (byte >> 4, usize::from(byte & 15));
        if step == 15 {
            t = t.wrapping_add(long_step(bytes, byte)?);
            continue;
        }
        if len == 15 {
            len = usize::from(bytes.word()?);
        }
        t = t.wrapping_add(step.into());
        at = run(out, at, len, events, t.to_le_bytes())?;
    }
    Some(())
}

/// A step of more than one byte, of which the first was read. Most have two.
#[inline]
fn long_step(bytes: &mut Bytes<'_>, first: u8) -> Option<u64> {
    let mut step = u64::from(first & 15);
    let mut shift = 4;
    while let Some((byte, rest)) = bytes.0.split_first()
        && byte >> 4 == 15
    {
        step |= u64::from(byte & 15).checked_shl(shift)?;
        shift += 4;
        bytes.0 = rest;
    }
    Some(step)
}

fn runs_of_y(bytes: &mut Bytes<'_>, out: &mut [[u8; 2]], events: usize) -> Option<()> {
    let mut at = 0;
    while at < events {
        let word = bytes.word()?;
        let mut len = usize::from(word & 31);
        if len == 31 {
            len = usize::from(bytes.word()?);
        }
        at = run(out, at, len, events, (word >> 5).to_le_bytes())?;
    }
    Some(())
}

fn runs_of_p(bytes: &mut Bytes<'_>, out: &mut [[u8; 1]], events: usize) -> Option<()> {
    let mut at = 0;
    while at < events {
        let byte = bytes.byte()?;
        let mut len = usize::from(byte & 127);
        if len == 127 {
            len = usize::from(bytes.word()?);
        }
        at = run(out, at, len, events, [byte >> 7])?;
    }
    Some(())
}

/// What a mask says beyond the last event means nothing.
fn masks_of_x(bytes: &mut Bytes<'_>, out: &mut [[u8; 2]], events: usize) -> Option<()> {
    let mut at = 0;
    while at < events {
        let word = bytes.word()?;
        let (x, mask) = (word >> 5, word & 31);
        // There is always room for a group of six.
        let places = out[at..].first_chunk_mut::<6>()?;
        places[0] = x.to_le_bytes();
        let mut n = 1;
        for next in 0..5 {
            if let Some(place) = places.get_mut(n) {
                *place = (x + next + 1).to_le_bytes();
            }
            n += usize::from(mask >> (4 - next) & 1);
        }
        at += n;
    }
    Some(())
}

fn packed_xp(
    bytes: &mut Bytes<'_>,
    events: usize,
    x: &mut [[u8; 2]],
    p: &mut [[u8; 1]],
) -> Option<()> {
    let groups = events.div_ceil(4);
    let places = x.as_chunks_mut::<4>().0.iter_mut();
    for (x, p) in places.zip(p.as_chunks_mut::<4>().0).take(groups) {
        let [a, b, c] = [bytes.word()?, bytes.word()?, bytes.word()?];
        let four = [
            a >> 4,
            a & 0xf | b >> 8 << 4,
            b & 0xff | c >> 12 << 8,
            c & 0xfff,
        ];
        *x = four.map(|xp| (xp >> 1).to_le_bytes());
        *p = four.map(|xp| [(xp & 1) as u8]);
    }
    Some(())
}

fn packed_yxp(
    bytes: &mut Bytes<'_>,
    events: usize,
    x: &mut [[u8; 2]],
    y: &mut [[u8; 2]],
    p: &mut [[u8; 1]],
) -> Option<()> {
    let groups = events.div_ceil(4);
    let places = x.as_chunks_mut::<4>().0.iter_mut();
    let places = places.zip(y.as_chunks_mut::<4>().0);
    for ((x, y), p) in places.zip(p.as_chunks_mut::<4>().0).take(groups) {
        let mut word = || bytes.take().map(u32::from_le_bytes);
        let [a, b, c] = [word()?, word()?, word()?];
        let four = [
            a >> 8,
            a & 0xff | b >> 16 << 8,
            b & 0xffff | c >> 24 << 16,
            c & 0xff_ffff,
        ];
        *x = four.map(|yxp| ((yxp >> 1 & 0x7ff) as u16).to_le_bytes());
        *y = four.map(|yxp| ((yxp >> 12 & 0x7ff) as u16).to_le_bytes());
        *p = four.map(|yxp| [(yxp & 1) as u8]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (i64, u16, u16, u8);

    fn rows(chunk: &[u8]) -> Result<Vec<Row>, String> {
        let Decoded {
            bytes,
            events,
            capacity,
        } = decode(chunk)?;
        let value = |column: usize, n: usize, i: usize| {
            let at = COLUMNS[column] * capacity + i * n;
            let mut value = [0; 8];
            value[..n].copy_from_slice(&bytes[at..at + n]);
            i64::from_le_bytes(value)
        };
        let row = |i| {
            let (x, y) = (value(1, 2, i) as u16, value(2, 2, i) as u16);
            (value(0, 8, i), x, y, value(3, 1, i) as u8)
        };
        Ok((0..events).map(row).collect())
    }

    fn head(events: u32, bits: u32, t: u64) -> Vec<u8> {
        [&(events << 2 | bits).to_le_bytes()[..], &t.to_le_bytes()].concat()
    }

    #[test]
    fn columns_of_runs_and_masks() {
        let mut chunk = head(7, 0, 100);
        // Two at once, then 3 later another; 0x123 later a run of four, written at full length.
        chunk.extend([0x02, 0x31, 0xf3, 0xf2, 0xf1, 0x0f, 4, 0]);
        let words = [5u16 << 5 | 3, 6 << 5 | 31, 4];
        chunk.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        // 10, 11 and 15; 300; 20, 21 and 22, and what is behind the last.
        let words = [10u16 << 5 | 0b10001, 300 << 5, 20 << 5 | 0b11011];
        chunk.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        chunk.extend([0x80 | 2, 127, 5, 0]);
        let expected = [
            (100, 10, 5, 1),
            (100, 11, 5, 1),
            (103, 15, 5, 0),
            (394, 300, 6, 0),
            (394, 20, 6, 0),
            (394, 21, 6, 0),
            (394, 22, 6, 0),
        ];
        assert_eq!(rows(&chunk).unwrap(), expected);
        for len in 0..chunk.len() {
            assert!(rows(&chunk[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn packed_columns() {
        let events: Vec<Row> = (0..6u16)
            .map(|i| (9, 2047 - i, 1000 + i, (i % 2) as u8))
            .collect();
        let padded = || (events.iter().map(|&(_, x, y, p)| (x, y, p))).chain([(0, 0, 0); 2]);
        let times = [6u8];
        let mut chunk = [head(6, 2, 9), times.to_vec()].concat();
        let all: Vec<u32> = padded()
            .map(|(x, y, p)| u32::from(y) << 12 | u32::from(x) << 1 | u32::from(p))
            .collect();
        for four in all.chunks(4) {
            let words = [
                four[0] << 8 | four[1] & 0xff,
                four[1] >> 8 << 16 | four[2] & 0xffff,
                four[2] >> 16 << 24 | four[3],
            ];
            chunk.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        }
        assert_eq!(rows(&chunk).unwrap(), events);
        let events: Vec<Row> = events.iter().map(|&(t, x, _, p)| (t, x, 7, p)).collect();
        let mut chunk = [head(6, 1, 9), times.to_vec()].concat();
        chunk.extend((7u16 << 5 | 6).to_le_bytes());
        let all: Vec<u16> = padded().map(|(x, _, p)| x << 1 | u16::from(p)).collect();
        for four in all.chunks(4) {
            let words = [
                four[0] << 4 | four[1] & 0xf,
                four[1] >> 4 << 8 | four[2] & 0xff,
                four[2] >> 8 << 12 | four[3],
            ];
            chunk.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        }
        assert_eq!(rows(&chunk).unwrap(), events);
    }

    #[test]
    fn no_byte_makes_it_panic() {
        let mut chunk = head(200, 0, u64::MAX - 3);
        let mut seed = 1u64;
        chunk.extend((0..900).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 56) as u8
        }));
        for at in 0..chunk.len() {
            for byte in 0..=255 {
                let mut chunk = chunk.clone();
                chunk[at] = byte;
                let _ = rows(&chunk);
            }
        }
        assert!(decode(&head(1 << 29, 0, 0)).is_err());
    }
}

//! Further columns like those that users have, made from a seed.

use evz_codec::extra::ColumnType;

/// A column by name.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) column_type: ColumnType,
    /// Little-endian.
    pub(crate) values: Vec<u8>,
}

/// The generator of `data`, which not every user of this module has.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A value for each of `n` events.
fn column<const N: usize>(
    name: &'static str,
    column_type: ColumnType,
    n: usize,
    mut value: impl FnMut(usize) -> [u8; N],
) -> Column {
    assert_eq!(N, column_type.size());
    let values = (0..n).flat_map(&mut value).collect();
    Column {
        name,
        column_type,
        values,
    }
}

/// Pixels of edges that move over a sensor of 640 by 480, with noise between.
fn pixels(n: usize, random: &mut Random) -> Vec<(u32, u32)> {
    (0..n)
        .map(|i| match random.below(8) {
            0 => (random.below(640) as u32, random.below(480) as u32),
            k => {
                let y = random.below(480) as u32;
                let x = (k as usize * 80 + i / 900 + random.below(6) as usize) % 640;
                (x as u32, y)
            }
        })
        .collect()
}

/// Where a lens moves a pixel.
fn undistorted((x, y): (u32, u32)) -> f64 {
    let (u, v) = (
        (f64::from(x) - 323.1) / 640.0,
        (f64::from(y) - 237.3) / 640.0,
    );
    let r = u * u + v * v;
    323.1 + 640.0 * u * (1.0 - 0.31 * r + 0.09 * r * r)
}

/// The columns, of `n` values each.
pub(crate) fn columns(n: usize, seed: u64) -> Vec<Column> {
    use ColumnType::*;
    let mut random = Random(seed);
    let pixels = pixels(n, &mut random);
    let mut t = 0;
    let times: Vec<u64> = (0..n)
        .map(|_| {
            t += random.below(3) * random.below(20);
            t
        })
        .collect();
    let (mut burst, mut level) = (0, 400);
    let hashes: Vec<u64> = (0..40).map(|_| random.next()).collect();
    vec![
        column("noise", Bool, n, |_| {
            burst = match burst {
                0 if random.below(400) == 0 => random.below(40),
                b => b.max(1) - 1,
            };
            [u8::from(burst > 0)]
        }),
        column("polarity", I8, n, |i| {
            [if pixels[i].0 % 5 < 2 { -1i8 } else { 1 } as u8]
        }),
        column("object", U8, n, |i| {
            [(pixels[i].0 / 80 + pixels[i].1 / 96) as u8]
        }),
        column("object-hash", U64, n, |i| {
            hashes[(pixels[i].0 / 80 + pixels[i].1 / 96) as usize].to_le_bytes()
        }),
        column("frame", U32, n, |i| {
            (1_200 + i as u32 / 5_000).to_le_bytes()
        }),
        column("intensity", U16, n, |_| {
            level = (level + random.below(17) as u16).clamp(8, 1_031) - 8;
            level.to_le_bytes()
        }),
        column("exposure", F32, n, |i| {
            (1.0 / (200 + pixels[i].0) as f32).to_le_bytes()
        }),
        column("x-32", F32, n, |i| {
            (undistorted(pixels[i]) as f32).to_le_bytes()
        }),
        column("x-64", F64, n, |i| undistorted(pixels[i]).to_le_bytes()),
        column("x-widened", F64, n, |i| {
            f64::from(undistorted(pixels[i]) as f32).to_le_bytes()
        }),
        column("x-quarter", F32, n, |i| {
            ((undistorted(pixels[i]) * 4.0).round() as f32 / 4.0).to_le_bytes()
        }),
        column("x-wide", I32, n, |i| {
            (100_000 + i as i32 / 70 - pixels[i].0 as i32).to_le_bytes()
        }),
        column("seconds", F64, n, |i| (times[i] as f64 / 1e6).to_le_bytes()),
        column("nanoseconds", U64, n, |i| {
            (1_700_000_000_000_000_000 + times[i] * 1_000).to_le_bytes()
        }),
        column("relative", I16, n, |i| {
            (pixels[i].0 as i16 - 320).to_le_bytes()
        }),
        column("number", I64, n, |i| (i as i64 - 10).to_le_bytes()),
        column("constant", F64, n, |_| f64::NAN.to_le_bytes()),
        column("random", U64, n, |_| random.next().to_le_bytes()),
    ]
}

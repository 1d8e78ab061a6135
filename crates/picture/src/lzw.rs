//! LZW as GIF has it, for pictures that are mostly ground.
//!
//! The codes are those of "Graphics Interchange Format, Version 89a" (CompuServe, 1990), appendix F, for pixels of 8
//! bits. A run of ground is not walked pixel by pixel: how long the runs are that have a code is known, so that the
//! longest that fits is found at once.

use crate::palette::BACKGROUND;

const CLEAR: u16 = 256;
const END: u16 = 257;
const FIRST: u16 = 258;

/// Codes have 12 bits at most.
const MOST: u16 = 1 << 12;

/// Appends the bits of a pixel and the codes of an image.
pub(crate) fn compress(pixels: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(8);
    let mut out = Codes {
        bytes,
        held: 0,
        n_held: 0,
        width: 9,
        next: FIRST,
    };
    let mut phrases = Phrases::new();
    out.put(CLEAR);
    let mut at = 0;
    let mut run_end = 0;
    'phrases: while let Some(pixel) = pixels.get(at) {
        let mut code = u16::from(*pixel);
        at += 1;
        if *pixel == BACKGROUND {
            if run_end < at {
                let rest = &pixels[at..];
                let run = rest.iter().position(|p| *p != BACKGROUND);
                run_end = at + run.unwrap_or(rest.len());
            }
            let longest = phrases.runs.len().min(run_end - at + 1);
            code = phrases.runs[longest - 1];
            at += longest - 1;
            if at < run_end {
                out.put(code);
                phrases.runs.push(out.next);
                out.count(&mut phrases);
                continue;
            }
        }
        while let Some(pixel) = pixels.get(at) {
            match phrases.find(code, *pixel) {
                Ok(longer) => code = longer,
                Err(free) => {
                    out.put(code);
                    phrases.keep(free, code, *pixel, out.next);
                    out.count(&mut phrases);
                    continue 'phrases;
                }
            }
            at += 1;
        }
        out.put(code);
        out.count(&mut phrases);
    }
    out.put(END);
    out.finish();
}

/// Codes on their way to bytes, the lowest bit first.
struct Codes<'a> {
    bytes: &'a mut Vec<u8>,
    held: u64,
    n_held: u32,
    width: u32,
    /// The code of the next phrase.
    next: u16,
}

impl Codes<'_> {
    fn put(&mut self, code: u16) {
        self.held |= u64::from(code) << self.n_held;
        self.n_held += self.width;
        if self.n_held >= 32 {
            self.bytes
                .extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.n_held -= 32;
        }
    }

    /// A phrase has the next code. Who decodes knows it one code later, and so its width.
    fn count(&mut self, phrases: &mut Phrases) {
        if u32::from(self.next) == 1 << self.width {
            self.width += 1;
        }
        self.next += 1;
        if self.next == MOST {
            self.put(CLEAR);
            phrases.clear();
            (self.width, self.next) = (9, FIRST);
        }
    }

    fn finish(self) {
        let n = self.n_held.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.held.to_le_bytes()[..n]);
    }
}

/// Slots for phrases, of which there are fewer than half as many.
const SLOTS: usize = 1 << 13;

/// The phrases that have a code: each is one that has a code, and a pixel.
struct Phrases {
    /// What a slot holds: the round since the start, the code and the pixel. Round 0 never is.
    keys: Vec<u32>,
    codes: Vec<u16>,
    round: u32,
    /// The codes of one pixel of ground, of two, and so on.
    runs: Vec<u16>,
}

impl Phrases {
    fn new() -> Self {
        let mut phrases = Self {
            keys: vec![0; SLOTS],
            codes: vec![0; SLOTS],
            round: 0,
            runs: Vec::new(),
        };
        phrases.clear();
        phrases
    }

    fn clear(&mut self) {
        self.runs.clear();
        self.runs.push(BACKGROUND.into());
        self.round += 1;
        if self.round == 1 << 12 {
            self.keys.fill(0);
            self.round = 1;
        }
    }

    fn key(&self, code: u16, pixel: u8) -> u32 {
        self.round << 20 | u32::from(code) << 8 | u32::from(pixel)
    }

    /// The code of a phrase, or the slot that is free for it.
    fn find(&self, code: u16, pixel: u8) -> Result<u16, usize> {
        let key = self.key(code, pixel);
        // Knuth's multiplicative hash, of which the upper bits are the best.
        let mut slot = (key.wrapping_mul(0x9e37_79b1) >> 19) as usize;
        loop {
            let there = self.keys[slot];
            if there == key {
                return Ok(self.codes[slot]);
            }
            if there >> 20 != self.round {
                return Err(slot);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    fn keep(&mut self, slot: usize, code: u16, pixel: u8, as_code: u16) {
        self.keys[slot] = self.key(code, pixel);
        self.codes[slot] = as_code;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What another implementation reads: a GIF of so many columns, in `gif`'s decoder.
    fn decoded(pixels: &[u8], width: u16) -> Vec<u8> {
        let height = (pixels.len() / usize::from(width)) as u16;
        let mut buffer = Vec::new();
        compress(pixels, &mut buffer);
        let frame = gif::Frame {
            width,
            height,
            buffer: buffer.into(),
            ..gif::Frame::default()
        };
        let palette = [0; 768];
        let mut encoder = gif::Encoder::new(Vec::new(), width, height, &palette).unwrap();
        encoder.write_lzw_pre_encoded_frame(&frame).unwrap();
        let file = encoder.into_inner().unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::Indexed);
        options.check_lzw_end_code(true);
        let mut decoder = options.read_info(file.as_slice()).unwrap();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        frame.buffer.to_vec()
    }

    fn noise(n: usize, share: u32) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        (0..n)
            .map(|_| {
                if next() % 100 < share {
                    next() as u8
                } else {
                    0
                }
            })
            .collect()
    }

    #[test]
    fn another_decoder_reads_what_went_in() {
        // Some with a table that fills up, once and often, and with runs of every length.
        for share in [0, 1, 10, 50, 100] {
            for n in [1, 2, 3, 255, 256, 257, 3_838, 3_839, 3_840, 65_000] {
                let pixels = noise(n, share);
                assert_eq!(
                    decoded(&pixels, 1),
                    pixels,
                    "{n} pixels, {share}% of them noise"
                );
            }
        }
        let pixels: Vec<u8> = (0..1_500_usize)
            .flat_map(|n| [vec![0; n], vec![9; n % 7]].concat())
            .collect();
        let pixels = &pixels[..pixels.len() / 1_000 * 1_000];
        assert_eq!(decoded(pixels, 1_000), pixels);
    }

    /// The width grows, or the table is full, at the very end.
    #[test]
    fn every_length_ends_well() {
        let pixels = noise(4_200, 100);
        for n in (200..300).chain(3_800..4_200) {
            assert_eq!(decoded(&pixels[..n], 1), &pixels[..n], "{n} pixels");
        }
    }

    #[test]
    fn rounds_go_on_after_the_last_number() {
        let mut phrases = Phrases::new();
        for _ in 0..(1 << 12) + 5 {
            let Err(free) = phrases.find(5, 6) else {
                panic!("a phrase of a round before");
            };
            phrases.keep(free, 5, 6, 300);
            assert_eq!(phrases.find(5, 6), Ok(300));
            phrases.clear();
        }
    }
}

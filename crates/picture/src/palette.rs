//! The 256 colours that a picture is made of.

use std::fmt;
use std::str::FromStr;

use evz_core::{Error, Result};

/// Steps of strength from a trace to full colour.
pub(crate) const STRENGTHS: u8 = 127;

/// The index of a pixel without events.
pub(crate) const BACKGROUND: u8 = 0;

/// The index of text and frames around it.
pub(crate) const INK: u8 = 255;

/// The index of a strength up to [`STRENGTHS`]. A stronger pixel has the greater index, whatever its
/// polarity, so that the strongest of some pixels is their maximum.
#[inline]
pub(crate) fn index(strength: u8, off: bool) -> u8 {
    (2 * strength).saturating_sub(u8::from(off))
}

/// What the colours stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// For a paper or a white page.
    Light,
    /// For a screen.
    #[default]
    Dark,
}

impl Theme {
    /// All themes.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// `light` or `dark`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What values look like, and what tells ON from OFF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// ON is red, OFF is blue.
    #[default]
    RedBlue,
    /// ON is orange, OFF is blue: colours of Okabe and Ito, "Color Universal Design" (2008), made for the
    /// colour-blind too.
    OrangeBlue,
    /// ON is brighter, OFF darker than a grey background. Without polarities from the ground to white, or to
    /// black on a light one.
    Grey,
    /// The map of Smith and van der Walt, "A Better Default Colormap for Matplotlib" (2015), of values without
    /// a polarity.
    Viridis,
}

impl Colors {
    /// All choices of colours.
    pub const ALL: [Self; 4] = [Self::RedBlue, Self::OrangeBlue, Self::Grey, Self::Viridis];

    /// `red-blue`, `orange-blue`, `grey` or `viridis`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RedBlue => "red-blue",
            Self::OrangeBlue => "orange-blue",
            Self::Grey => "grey",
            Self::Viridis => "viridis",
        }
    }

    /// Whether they can show values that have a polarity, or values that have none.
    pub fn show(self, polarity: bool) -> bool {
        match self {
            Self::RedBlue | Self::OrangeBlue => polarity,
            Self::Grey => true,
            Self::Viridis => !polarity,
        }
    }
}

/// Every 17th of the 256 colours of viridis, as matplotlib's `_cm_listed.py` has them; what lies between two is
/// within two of 255 of its own.
const VIRIDIS: [[u8; 3]; 16] = [
    [0x44, 0x01, 0x54],
    [0x48, 0x1a, 0x6c],
    [0x47, 0x2f, 0x7d],
    [0x41, 0x44, 0x87],
    [0x39, 0x56, 0x8c],
    [0x31, 0x68, 0x8e],
    [0x2a, 0x78, 0x8e],
    [0x23, 0x88, 0x8e],
    [0x1f, 0x98, 0x8b],
    [0x22, 0xa8, 0x84],
    [0x35, 0xb7, 0x79],
    [0x54, 0xc5, 0x68],
    [0x7a, 0xd1, 0x51],
    [0xa5, 0xdb, 0x36],
    [0xd2, 0xe2, 0x1b],
    [0xfd, 0xe7, 0x25],
];

fn viridis(share: f32) -> [u8; 3] {
    let place = share * (VIRIDIS.len() - 1) as f32;
    let below = (place as usize).min(VIRIDIS.len() - 2);
    mix(VIRIDIS[below], VIRIDIS[below + 1], place - below as f32)
}

macro_rules! named {
    ($type:ty, $what:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                let found = Self::ALL.into_iter().find(|one| one.name() == text);
                found.ok_or_else(|| {
                    let names = Self::ALL.map(Self::name).join(", ");
                    Error::invalid(format!("no such {} {text:?}; there are {names}", $what))
                })
            }
        }
    };
}

named!(Theme, "theme");
named!(Colors, "colours");

/// The colours of a picture's indices, red, green, blue.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    colours: [[u8; 3]; 256],
    paints: [Paint; 256],
    has_ground: bool,
}

/// A colour that lets the ground through.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Paint {
    color: [u8; 3],
    /// The share of the colour, the rest is ground.
    share: f32,
}

/// How strength becomes colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shades {
    /// Of counts: by the root, for the eye tells strong colours apart less well than weak ones.
    Root,
    /// Of decays and times, where twice as strong is twice as far from the ground.
    Linear,
}

impl Palette {
    /// The colours of counts in a theme.
    pub fn new(theme: Theme, colors: Colors) -> Self {
        match colors {
            Colors::Viridis => Self::without_polarity(theme, colors, Shades::Root),
            _ => Self::of_polarities(theme, colors, Shades::Root),
        }
    }

    /// The colours of values with a polarity; those that show none are red and blue.
    pub(crate) fn of_polarities(theme: Theme, colors: Colors, shades: Shades) -> Self {
        let ground = ground(theme);
        let (ground, on, off) = match (colors, theme) {
            (Colors::OrangeBlue, Theme::Dark) => (ground, [230, 159, 0], [86, 180, 233]),
            (Colors::OrangeBlue, Theme::Light) => (ground, [213, 94, 0], [0, 114, 178]),
            (Colors::Grey, Theme::Dark) => ([80; 3], [255; 3], [0; 3]),
            (Colors::Grey, Theme::Light) => ([176; 3], [255; 3], [0; 3]),
            (_, Theme::Dark) => (ground, [255, 72, 56], [72, 136, 255]),
            (_, Theme::Light) => (ground, [208, 16, 24], [24, 72, 216]),
        };
        Self::of(theme, ground, |strength, is_off| Paint {
            color: if is_off { off } else { on },
            share: shades.of(strength),
        })
    }

    /// The colours of values without a polarity: from the ground to white, or to black on a light one.
    pub(crate) fn without_polarity(theme: Theme, colors: Colors, shades: Shades) -> Self {
        let ground = ground(theme);
        let full = match theme {
            Theme::Dark => [255; 3],
            Theme::Light => [0; 3],
        };
        Self::of(theme, ground, |strength, _| match colors {
            // From its first colour on, and in even steps, which it is made for.
            Colors::Viridis => Paint {
                color: viridis(f32::from(strength - 1) / f32::from(STRENGTHS - 1)),
                share: 1.0,
            },
            _ => Paint {
                color: full,
                share: shades.of(strength),
            },
        })
    }

    fn of(theme: Theme, background: [u8; 3], paint: impl Fn(u8, bool) -> Paint) -> Self {
        let ink = match theme {
            Theme::Dark => [240; 3],
            Theme::Light => [16; 3],
        };
        let mut paints = [Paint {
            color: background,
            share: 0.0,
        }; 256];
        for strength in 1..=STRENGTHS {
            for off in [false, true] {
                paints[usize::from(index(strength, off))] = paint(strength, off);
            }
        }
        paints[usize::from(INK)] = Paint {
            color: ink,
            share: 1.0,
        };
        Self {
            colours: paints.map(|paint| paint.on(background)),
            paints,
            has_ground: false,
        }
    }

    /// The colour of a pixel without events.
    pub fn background(&self) -> [u8; 3] {
        self.colours[usize::from(BACKGROUND)]
    }

    /// The same with another colour of an index.
    pub(crate) fn with_color(mut self, index: u8, color: [u8; 3]) -> Self {
        self.colours[usize::from(index)] = color;
        self
    }

    /// The same for pictures whose ground is what a camera saw.
    pub(crate) fn with_ground(mut self, has_ground: bool) -> Self {
        self.has_ground = has_ground;
        self
    }

    pub(crate) fn has_ground(&self) -> bool {
        self.has_ground
    }

    /// The colour of every index over a grey.
    pub(crate) fn over(&self, grey: u8) -> [[u8; 3]; 256] {
        self.paints.map(|paint| paint.on([grey; 3]))
    }

    /// The colour of every index.
    pub fn colours(&self) -> &[[u8; 3]; 256] {
        &self.colours
    }
}

impl Paint {
    fn on(self, ground: [u8; 3]) -> [u8; 3] {
        mix(ground, self.color, self.share)
    }
}

/// What a pixel without events is, where it is no middle between two.
fn ground(theme: Theme) -> [u8; 3] {
    match theme {
        // Not black, on which single events dazzle.
        Theme::Dark => [0x19; 3],
        Theme::Light => [255; 3],
    }
}

impl Shades {
    fn of(self, strength: u8) -> f32 {
        let share = f32::from(strength) / f32::from(STRENGTHS);
        match self {
            Self::Root => share.sqrt(),
            Self::Linear => share,
        }
    }
}

pub(crate) fn mix(from: [u8; 3], to: [u8; 3], share: f32) -> [u8; 3] {
    std::array::from_fn(|i| {
        let (from, to) = (f32::from(from[i]), f32::from(to[i]));
        (from + (to - from) * share).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_has_one_strength_and_polarity() {
        let mut seen = [false; 256];
        seen[usize::from(BACKGROUND)] = true;
        seen[usize::from(INK)] = true;
        for strength in 1..=STRENGTHS {
            for off in [false, true] {
                let index = usize::from(index(strength, off));
                assert!(!seen[index], "index {index} twice");
                seen[index] = true;
            }
        }
        assert_eq!(seen, [true; 256]);
        assert_eq!(index(0, true), BACKGROUND);
    }

    #[test]
    fn the_weakest_event_differs_from_the_background_in_every_theme() {
        for theme in Theme::ALL {
            for colors in Colors::ALL {
                let palette = Palette::new(theme, colors);
                let colours = palette.colours();
                for off in [false, true] {
                    let weakest = colours[usize::from(index(1, off))];
                    let difference: i32 = (0..3)
                        .map(|i| (i32::from(weakest[i]) - i32::from(colours[0][i])).abs())
                        .sum();
                    assert!(difference >= 20, "{theme} {colors}: {difference}");
                }
            }
        }
    }

    /// Against rows of matplotlib's table that are none of those above.
    #[test]
    fn viridis_is_that_of_matplotlib() {
        let rows: [(f32, [f32; 3]); 4] = [
            (15.0, [0.281924, 0.089666, 0.412415]),
            (78.0, [0.203063, 0.379716, 0.553925]),
            (128.0, [0.127568, 0.566949, 0.550556]),
            (229.0, [0.730889, 0.871916, 0.156029]),
        ];
        for (row, expected) in rows {
            let color = viridis(row / 255.0);
            for (found, expected) in color.into_iter().zip(expected) {
                let away = (f32::from(found) - expected * 255.0).abs();
                assert!(away <= 2.5, "{row}: {color:?}, {expected}");
            }
        }
        assert_eq!(viridis(0.0), [68, 1, 84]);
        assert_eq!(viridis(1.0), [253, 231, 37]);
    }

    #[test]
    fn a_decay_is_linear_in_colour() {
        let palette = Palette::of_polarities(Theme::Light, Colors::RedBlue, Shades::Linear);
        for strength in 1..=STRENGTHS {
            let [r, g, b] = palette.colours()[usize::from(index(strength, false))];
            let share = f32::from(strength) / 127.0;
            let expected = [208.0, 16.0, 24.0].map(|full: f32| 255.0 + (full - 255.0) * share);
            for (found, expected) in [r, g, b].into_iter().zip(expected) {
                assert!((f32::from(found) - expected).abs() <= 0.51);
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for theme in Theme::ALL {
            assert_eq!(theme.name().parse::<Theme>().unwrap(), theme);
        }
        for colors in Colors::ALL {
            assert_eq!(colors.name().parse::<Colors>().unwrap(), colors);
        }
        let error = "pink".parse::<Colors>().unwrap_err().to_string();
        assert_eq!(
            error,
            "no such colours \"pink\"; there are red-blue, orange-blue, grey, viridis"
        );
    }
}

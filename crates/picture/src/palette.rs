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

/// What tells ON from OFF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// ON is red, OFF is blue.
    #[default]
    RedBlue,
    /// ON is brighter, OFF darker than a grey background.
    Grey,
}

impl Colors {
    /// All choices of colours.
    pub const ALL: [Self; 2] = [Self::RedBlue, Self::Grey];

    /// `red-blue` or `grey`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RedBlue => "red-blue",
            Self::Grey => "grey",
        }
    }
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
                    let names = Self::ALL.map(Self::name).join(" and ");
                    Error::invalid(format!("no such {} {text:?}; there are {names}", $what))
                })
            }
        }
    };
}

named!(Theme, "theme");
named!(Colors, "colours");

/// The colours of a picture's indices, red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette([[u8; 3]; 256]);

impl Palette {
    /// The colours of a theme.
    pub fn new(theme: Theme, colors: Colors) -> Self {
        let (background, on, off) = match (colors, theme) {
            (Colors::RedBlue, Theme::Dark) => ([0, 0, 0], [255, 72, 56], [72, 136, 255]),
            (Colors::RedBlue, Theme::Light) => ([255, 255, 255], [208, 16, 24], [24, 72, 216]),
            (Colors::Grey, Theme::Dark) => ([80; 3], [255; 3], [0; 3]),
            (Colors::Grey, Theme::Light) => ([176; 3], [255; 3], [0; 3]),
        };
        Self::of(theme, background, on, off)
    }

    /// The colours of values without a polarity: from the ground to white, or to black on a light one.
    pub(crate) fn without_polarity(theme: Theme) -> Self {
        let (background, full) = match theme {
            Theme::Dark => ([0; 3], [255; 3]),
            Theme::Light => ([255; 3], [0; 3]),
        };
        Self::of(theme, background, full, full)
    }

    fn of(theme: Theme, background: [u8; 3], on: [u8; 3], off: [u8; 3]) -> Self {
        let ink = match theme {
            Theme::Dark => [240; 3],
            Theme::Light => [16; 3],
        };
        let mut colours = [background; 256];
        for strength in 1..=STRENGTHS {
            // The eye tells strong colours apart less well than weak ones.
            let share = (f32::from(strength) / f32::from(STRENGTHS)).sqrt();
            for (full, off) in [(on, false), (off, true)] {
                colours[usize::from(index(strength, off))] = mix(background, full, share);
            }
        }
        colours[usize::from(INK)] = ink;
        Self(colours)
    }

    /// The colour of a pixel without events.
    pub fn background(&self) -> [u8; 3] {
        self.0[usize::from(BACKGROUND)]
    }

    /// The same with another colour of an index.
    pub(crate) fn with_color(mut self, index: u8, color: [u8; 3]) -> Self {
        self.0[usize::from(index)] = color;
        self
    }

    /// The colour of every index.
    pub fn colours(&self) -> &[[u8; 3]; 256] {
        &self.0
    }
}

fn mix(from: [u8; 3], to: [u8; 3], share: f32) -> [u8; 3] {
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
            "no such colours \"pink\"; there are red-blue and grey"
        );
    }
}

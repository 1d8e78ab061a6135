//! The colours of events over the greys of a ground.

use crate::palette::{BACKGROUND, INK, Palette};
use crate::pixels::Picture;

/// The colour of every index over every grey.
#[derive(Debug, Clone)]
pub(crate) struct Over(Vec<[u8; 3]>);

/// Where a colour stands.
fn place(index: u8, grey: u8) -> usize {
    usize::from(grey) << 8 | usize::from(index)
}

impl Over {
    pub(crate) fn of(palette: &Palette) -> Self {
        Self((0..=255).flat_map(|grey| palette.over(grey)).collect())
    }

    /// The same in other terms.
    pub(crate) fn map(self, change: impl Fn([u8; 3]) -> [u8; 3]) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// The colours of a picture that has a ground.
    pub(crate) fn colours<'a>(
        &'a self,
        picture: &'a Picture,
    ) -> impl Iterator<Item = [u8; 3]> + 'a {
        let pixels = picture.indices.iter().zip(&picture.ground);
        pixels.map(|(index, grey)| self.0[place(*index, *grey)])
    }

    pub(crate) fn append_rgb(&self, picture: &Picture, rgb: &mut Vec<u8>) {
        let from = rgb.len();
        rgb.resize(from + 3 * picture.indices.len(), 0);
        let pixels = rgb[from..].as_chunks_mut::<3>().0.iter_mut();
        for (pixel, color) in pixels.zip(self.colours(picture)) {
            *pixel = color;
        }
    }
}

/// Greys that are told apart where there are no more than 256 colours.
const GREY_STEP: u8 = 4;

/// 256 colours that stand for all of them.
#[derive(Debug, Clone)]
pub(crate) struct Reduced {
    pub(crate) colours: [[u8; 3]; 256],
    /// The colour of an index over a grey.
    nearest: Vec<u8>,
}

impl Reduced {
    /// The greys of the ground first, for an eye sees steps in them; then, one after the other, the colour that
    /// is farthest from all before it, after Gonzalez, "Clustering to minimize the maximum intercluster distance"
    /// (1985).
    pub(crate) fn of(palette: &Palette) -> Self {
        let middles = (0..=255 / GREY_STEP).map(|n| n * GREY_STEP + GREY_STEP / 2);
        let all: Vec<[u8; 3]> = middles.flat_map(|grey| palette.over(grey)).collect();
        let mut nearest = vec![0; all.len()];
        let mut away = vec![u32::MAX; all.len()];
        let mut colours = [[0; 3]; 256];
        let greys = (0..all.len()).step_by(256);
        let mut first = greys.map(|grey| grey + usize::from(BACKGROUND));
        let mut ink = Some(usize::from(INK));
        for (number, slot) in (0_u8..=255).zip(&mut colours) {
            let farthest = || (0..all.len()).max_by_key(|n| away[*n]).unwrap_or(0);
            let chosen = first.next().or_else(|| ink.take()).unwrap_or_else(farthest);
            let color = all[chosen];
            *slot = color;
            for ((away, nearest), of) in away.iter_mut().zip(&mut nearest).zip(&all) {
                let distance = distance(color, *of);
                if distance < *away {
                    (*away, *nearest) = (distance, number);
                }
            }
        }
        Self { colours, nearest }
    }

    /// The pixels of a picture that has a ground.
    pub(crate) fn indices(&self, picture: &Picture) -> Vec<u8> {
        let pixels = picture.indices.iter().zip(&picture.ground);
        pixels
            .map(|(index, grey)| self.nearest[place(*index, *grey / GREY_STEP)])
            .collect()
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    (0..3).map(|n| u32::from(a[n].abs_diff(b[n])).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{Colors, Theme};

    #[test]
    fn the_256_colours_are_near_to_all() {
        for colors in Colors::ALL {
            let palette = Palette::new(Theme::Dark, colors);
            let (over, reduced) = (Over::of(&palette), Reduced::of(&palette));
            for grey in 0..=255 {
                for index in 0..=255 {
                    let exact = over.0[place(index, grey)];
                    let near = reduced.nearest[place(index, grey / GREY_STEP)];
                    let near = reduced.colours[usize::from(near)];
                    let most = if index == BACKGROUND { 12 } else { 1_200 };
                    let away = distance(exact, near);
                    assert!(
                        away <= most,
                        "{colors} {index} over {grey}: {exact:?} {near:?}"
                    );
                }
            }
        }
    }
}

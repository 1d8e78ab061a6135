//! Frames of other sizes, against their definitions pixel by pixel.

mod common;

use common::{Recording, all, every};
use evz_core::{Roi, SensorSize};
use evz_render::{
    ArrayType, CountWindows, Frame, Normalization, Pad, Preparation, Prepared, RenderOptions,
    Representation, Resize, ResizeBy, Values, Windows,
};
use proptest::prelude::*;

fn frame(of: Representation, width: usize, height: usize, values: Vec<f32>) -> Frame {
    Frame {
        width,
        height,
        channels: of.channels(),
        window: 3..9,
        first: None,
        n_events: 4,
        values: Values::F32(values),
    }
}

fn floats(values: &Prepared) -> Vec<f32> {
    match values {
        Prepared::U8(v) => v.iter().map(|v| f32::from(*v)).collect(),
        Prepared::I16(v) => v.iter().map(|v| f32::from(*v)).collect(),
        Prepared::U16(v) => v.iter().map(|v| f32::from(*v)).collect(),
        Prepared::F16(v) => v.iter().map(|v| v.to_f32()).collect(),
        Prepared::F32(v) => v.clone(),
    }
}

fn of_frame(values: &Values) -> Vec<f32> {
    match values {
        Values::I16(v) => v.iter().map(|v| f32::from(*v)).collect(),
        Values::U16(v) => v.iter().map(|v| f32::from(*v)).collect(),
        Values::F32(v) => v.clone(),
    }
}

fn size(width: u32, height: u32) -> SensorSize {
    SensorSize { width, height }
}

/// A pixel of `torch.nn.functional.interpolate` of one plane.
fn interpolated(
    old: impl Fn(usize, usize) -> f64,
    from: [usize; 2],
    to: [usize; 2],
    at: [usize; 2],
    by: ResizeBy,
) -> f64 {
    let nearest = |k: usize, half: f32| {
        let scale = from[k] as f32 / to[k] as f32;
        (((at[k] as f32 + half) * scale).floor() as usize).min(from[k] - 1)
    };
    match by {
        ResizeBy::Nearest => old(nearest(0, 0.0), nearest(1, 0.0)),
        ResizeBy::NearestExact => old(nearest(0, 0.5), nearest(1, 0.5)),
        ResizeBy::Area => {
            let covered =
                |k: usize| at[k] * from[k] / to[k]..((at[k] + 1) * from[k]).div_ceil(to[k]);
            let pixels = covered(1).flat_map(|y| covered(0).map(move |x| (x, y)));
            let values: Vec<f64> = pixels.map(|(x, y)| old(x, y)).collect();
            values.iter().sum::<f64>() / values.len() as f64
        }
        ResizeBy::Bilinear => {
            let place = |k: usize| {
                let place = (at[k] as f64 + 0.5) * from[k] as f64 / to[k] as f64 - 0.5;
                place.clamp(0.0, (from[k] - 1) as f64)
            };
            let (x, y) = (place(0), place(1));
            let weight = |a: usize, x: f64| (1.0 - (a as f64 - x).abs()).max(0.0);
            let pixels = (0..from[1]).flat_map(|b| (0..from[0]).map(move |a| (a, b)));
            pixels
                .map(|(a, b)| old(a, b) * weight(a, x) * weight(b, y))
                .sum()
        }
    }
}

proptest! {
    #[test]
    fn resized_frames_are_pytorch_s(
        (width, height) in (1usize..14, 1usize..14),
        (to_width, to_height) in (1u32..33, 1u32..33),
        by in prop::sample::select(ResizeBy::ALL.to_vec()),
        seed in prop::collection::vec(-9i16..=9, 13 * 13 * 3),
    ) {
        let of = Representation::voxel(3);
        let values: Vec<f32> = seed[..3 * width * height].iter().map(|v| f32::from(*v)).collect();
        let mut preparation = Preparation::new();
        preparation.resize = Some(Resize { width: to_width, height: to_height, by });
        let mut preparer = preparation.of(of).unwrap();
        // Memory of an earlier frame is taken again.
        preparer.prepare(&frame(of, 2, 1, vec![7.0; 6]));
        let to = [to_width as usize, to_height as usize];
        let shape = preparer.shape(size(width as u32, height as u32)).unwrap();
        prop_assert_eq!(shape, [3, to[1], to[0]]);
        let found = floats(preparer.prepare(&frame(of, width, height, values.clone())));
        prop_assert_eq!(found.len(), 3 * to[0] * to[1]);
        for (k, found) in found.into_iter().enumerate() {
            let (plane, at) = (k / (to[0] * to[1]), [k % to[0], k / to[0] % to[1]]);
            let old = |x: usize, y: usize| f64::from(values[(plane * height + y) * width + x]);
            let expected = interpolated(old, [width, height], to, at, by);
            prop_assert!((f64::from(found) - expected).abs() < 1e-4, "{} {} {} {:?}", found, expected, by, at);
        }
    }

    #[test]
    fn cropped_and_padded_frames_are_slices_within_a_margin(
        (width, height) in (1u32..14, 1u32..14),
        (x, y) in (0u16..13, 0u16..13),
        (right, below) in (0u32..13, 0u32..13),
        multiple in 1u32..9,
    ) {
        let of = Representation::TimeSurface;
        let (x, y) = (x.min(width as u16 - 1), y.min(height as u16 - 1));
        let crop = Roi {
            x,
            y,
            width: width.saturating_sub(u32::from(x) + right).max(1),
            height: height.saturating_sub(u32::from(y) + below).max(1),
        };
        let old = |channel: u32, x: u32, y: u32| ((channel * height + y) * width + x) as f32;
        let all = (0..2).flat_map(|c| (0..height).flat_map(move |y| (0..width).map(move |x| (c, x, y))));
        let values: Vec<f32> = all.map(|(c, x, y)| old(c, x, y)).collect();
        let mut preparation = Preparation::new();
        (preparation.crop, preparation.pad) = (Some(crop), Some(Pad::Multiple(multiple)));
        let mut preparer = preparation.of(of).unwrap();
        let [_, to_height, to_width] = preparer.shape(size(width, height)).unwrap();
        prop_assert_eq!(to_width, crop.width.next_multiple_of(multiple) as usize);
        prop_assert_eq!(to_height, crop.height.next_multiple_of(multiple) as usize);
        let before = |to: usize, side: u32| (to as u32 - side).div_ceil(2);
        let (left, above) = (before(to_width, crop.width), before(to_height, crop.height));
        let found = floats(preparer.prepare(&frame(of, width as usize, height as usize, values)));
        let mut found = found.into_iter();
        for channel in 0..2 {
            for row in 0..to_height as u32 {
                for column in 0..to_width as u32 {
                    let (x, y) = (column.wrapping_sub(left), row.wrapping_sub(above));
                    let expected = match x < crop.width && y < crop.height {
                        true => old(channel, x + u32::from(crop.x), y + u32::from(crop.y)),
                        // None is -1.
                        false => -1.0,
                    };
                    prop_assert_eq!(found.next(), Some(expected));
                }
            }
        }
        prop_assert_eq!(found.next(), None);
    }
}

/// The example in the documentation of `torch.nn.Upsample`.
#[test]
fn the_example_of_pytorch() {
    let of = Representation::voxel(1);
    let resized = |by| {
        let mut preparation = Preparation::new();
        preparation.resize = Some(Resize {
            width: 4,
            height: 4,
            by,
        });
        let mut preparer = preparation.of(of).unwrap();
        floats(preparer.prepare(&frame(of, 2, 2, vec![1.0, 2.0, 3.0, 4.0])))
    };
    #[rustfmt::skip]
    assert_eq!(resized(ResizeBy::Bilinear), [
        1.0, 1.25, 1.75, 2.0,
        1.5, 1.75, 2.25, 2.5,
        2.5, 2.75, 3.25, 3.5,
        3.0, 3.25, 3.75, 4.0,
    ]);
    #[rustfmt::skip]
    assert_eq!(resized(ResizeBy::Nearest), [
        1.0, 1.0, 2.0, 2.0,
        1.0, 1.0, 2.0, 2.0,
        3.0, 3.0, 4.0, 4.0,
        3.0, 3.0, 4.0, 4.0,
    ]);
}

/// Frames that a rendering prepares, which looks at what is not empty alone where it can.
#[test]
fn rendered_frames_have_the_size_that_is_asked_for() {
    let recording = Recording::in_order(3_000, 51);
    let crop = Roi {
        x: 3,
        y: 1,
        width: 12,
        height: 7,
    };
    // The region is of pixels, and not of cells.
    let of_pixels = |of: &Representation| of.frame_size(size(20, 10)) == size(20, 10);
    for of in every().into_iter().filter(of_pixels) {
        let windows = Windows::Count(CountWindows::new(400, 400).unwrap());
        let mut options = RenderOptions::new(windows, of);
        let mut preparation = Preparation::new();
        preparation.crop = Some(crop);
        preparation.resize = Some(Resize::new(6, 14));
        preparation.pad = Some(Pad::To(9, 14));
        options.preparation = Some(preparation);
        let plain = recording.by_index(options.clone()).unwrap();
        let mut frames = options
            .render_index(std::sync::Arc::new(recording.clone()))
            .unwrap();
        assert_eq!(frames.array_shape(), [of.channels(), 14, 9]);
        let mut margin = None;
        for whole in &plain {
            assert_eq!(frames.next_frame().unwrap().unwrap(), whole);
            assert_eq!(frames.array_type(), ArrayType::from(of.value_type()));
            let found = floats(frames.prepared().unwrap());
            let cropped = whole.cropped(crop).unwrap();
            assert_eq!((cropped.width, cropped.height), (12, 7));
            let cropped = of_frame(&cropped.values);
            for (k, found) in found.iter().enumerate() {
                let (channel, row, column) = (k / (9 * 14), k / 9 % 14, k % 9);
                // Two columns on the left, one on the right.
                match (2..8).contains(&column) {
                    true => {
                        let old = (channel * 7 + row / 2) * 12 + (column - 2) * 2;
                        assert_eq!(*found, cropped[old], "{of:?}");
                    }
                    false => assert_eq!(*margin.get_or_insert(*found), *found, "{of:?}"),
                }
            }
        }
        assert!(all(&mut frames).unwrap().is_empty());
        let none = match of {
            Representation::Tore { .. } => 5_000_001f32.ln() - 151f32.ln(),
            _ if of.facts().holds_times => -1.0,
            _ => 0.0,
        };
        assert!((margin.unwrap() - none).abs() < 1e-5, "{of:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let with = |change: &dyn Fn(&mut Preparation), of: Representation| {
        let mut preparation = Preparation::new();
        change(&mut preparation);
        let shape = preparation.of(of).and_then(|p| p.shape(size(20, 10)));
        shape.map_err(|e| e.to_string())
    };
    let crop = |x, y, width, height| {
        Some(Roi {
            x,
            y,
            width,
            height,
        })
    };
    let by = |by| {
        Some(Resize {
            width: 5,
            height: 5,
            by,
        })
    };
    let voxel = Representation::voxel(5);
    assert_eq!(
        with(&|p| p.crop = crop(0, 0, 20, 10), voxel),
        Ok([5, 10, 20])
    );
    for region in [
        crop(1, 0, 20, 10),
        crop(0, 1, 20, 10),
        crop(0, 0, 0, 1),
        crop(65_535, 0, 1, 1),
    ] {
        let error = with(&|p| p.crop = region, voxel).unwrap_err();
        assert!(
            error.contains("20x10") && error.contains(&region.unwrap().to_string()),
            "{error}"
        );
    }
    let error = with(&|p| p.pad = Some(Pad::To(20, 9)), voxel).unwrap_err();
    assert!(error.contains("20x10") && error.contains("20x9"), "{error}");
    assert!(with(&|p| p.pad = Some(Pad::Multiple(0)), voxel).is_err());
    assert!(with(&|p| p.resize = Some(Resize::new(0, 5)), voxel).is_err());
    assert!(with(&|p| p.resize = Some(Resize::new(65_536, 65_536)), voxel).is_err());
    assert!(with(&|p| p.pad = Some(Pad::Multiple(65_536)), voxel).is_err());
    for averages in [ResizeBy::Area, ResizeBy::Bilinear] {
        let error = with(&|p| p.resize = by(averages), Representation::TimeSurface).unwrap_err();
        assert!(error.contains("-1 is none"), "{error}");
        let normal = |p: &mut Preparation| {
            (p.resize, p.normalize) = (by(averages), Some(Normalization::Max));
        };
        assert!(with(&normal, Representation::TimeSurface).is_ok());
        let typed = |p: &mut Preparation| {
            (p.resize, p.array_type) = (by(averages), Some(ArrayType::U16));
        };
        let error = with(&typed, Representation::Counts).unwrap_err();
        assert!(error.contains("averaged counts"), "{error}");
    }
    assert!(
        with(
            &|p| p.resize = by(ResizeBy::NearestExact),
            Representation::TimeSurface
        )
        .is_ok()
    );
    assert!("cubic".parse::<ResizeBy>().is_err());
    for by in ResizeBy::ALL {
        assert_eq!(by.to_string().parse::<ResizeBy>().unwrap(), by);
    }
}

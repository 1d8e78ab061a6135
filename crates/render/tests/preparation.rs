//! Prepared frames against their definitions, value by value.

mod common;

use std::sync::Arc;

use common::{Recording, every};
use evz_core::SensorSize;
use evz_render::{
    ArrayType, ChannelOrder, CountWindows, Deviation, Frame, Normalization, Preparation, Prepared,
    RenderOptions, Representation, Values, Windows,
};
use proptest::prelude::*;

const SIZE: SensorSize = SensorSize {
    width: 5,
    height: 3,
};

fn frame(representation: Representation, values: Values) -> Frame {
    Frame {
        width: SIZE.width as usize,
        height: SIZE.height as usize,
        channels: representation.channels(),
        window: 3..9,
        first: Some(7),
        n_events: 4,
        values,
    }
}

fn floats(values: &Prepared) -> Vec<f64> {
    match values {
        Prepared::U8(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Prepared::I16(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Prepared::U16(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Prepared::F16(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Prepared::F32(v) => v.iter().map(|v| f64::from(*v)).collect(),
    }
}

/// NumPy's percentile, by sorting.
fn percentile(mut values: Vec<f64>, p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() - 1) as f64 * p / 100.0;
    let (low, high) = (place.floor(), place.ceil());
    let (at_low, at_high) = (values[low as usize], values[high as usize]);
    at_low + (at_high - at_low) * (place - low)
}

fn expected(values: &[f64], how: Normalization) -> Vec<f64> {
    let there: Vec<f64> = values.iter().copied().filter(|v| *v != 0.0).collect();
    if there.is_empty() {
        return values.to_vec();
    }
    let n = there.len() as f64;
    let magnitudes: Vec<f64> = there.iter().map(|v| v.abs()).collect();
    let most = magnitudes.iter().copied().fold(0.0, f64::max);
    match how {
        Normalization::Max => values.iter().map(|v| v / most).collect(),
        Normalization::By(by) => values.iter().map(|v| v / f64::from(by)).collect(),
        Normalization::Percentile(p) => {
            let by = percentile(magnitudes, f64::from(p));
            values.iter().map(|v| (v / by).clamp(-1.0, 1.0)).collect()
        }
        Normalization::NonZero(of) => {
            let mean = there.iter().sum::<f64>() / n;
            let squares = there.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
            let n = if of == Deviation::Sample { n - 1.0 } else { n };
            let deviation = if n == 0.0 { 0.0 } else { (squares / n).sqrt() };
            let by = if deviation > 0.0 { deviation } else { 1.0 };
            let of = |v: &f64| if *v == 0.0 { 0.0 } else { (v - mean) / by };
            values.iter().map(of).collect()
        }
    }
}

fn ways() -> impl Strategy<Value = Normalization> {
    prop_oneof![
        Just(Normalization::NonZero(Deviation::Whole)),
        Just(Normalization::NonZero(Deviation::Sample)),
        Just(Normalization::Max),
        (0f32..=100.0).prop_map(Normalization::Percentile),
        (0.1f32..300.0).prop_map(Normalization::By),
    ]
}

proptest! {
    #[test]
    fn normalised_values_are_those_of_the_definition(
        values in prop::collection::vec(prop_oneof![3 => Just(0i16), 2 => -3i16..=3, 1 => any::<i16>()], 15),
        clip in prop::option::of(prop_oneof![Just(1.0f32), Just(2.5), Just(1000.0)]),
        how in ways(),
        half in any::<bool>(),
    ) {
        let of = Representation::Signed;
        let mut preparation = Preparation::new();
        (preparation.clip, preparation.normalize) = (clip, Some(how));
        preparation.array_type = half.then_some(ArrayType::F16);
        let mut preparer = preparation.of(of).unwrap();
        // Memory of an earlier frame is taken again.
        preparer.prepare(&frame(of, Values::I16(vec![9; 15])));
        let out = preparer.prepare(&frame(of, Values::I16(values.clone())));
        let within = |v: i16| clip.map_or(f64::from(v), |c| f64::from(v).clamp(-f64::from(c), f64::from(c)));
        let clipped: Vec<f64> = values.iter().map(|v| within(*v)).collect();
        let wanted = expected(&clipped, how);
        let type_is = if half { ArrayType::F16 } else { ArrayType::F32 };
        prop_assert_eq!(out.array_type(), type_is);
        for (got, wanted) in floats(out).into_iter().zip(wanted) {
            let most = if half { 2e-3 } else { 1e-5 };
            // A half holds 65504 at most.
            if half && wanted.abs() > 60_000.0 { continue }
            prop_assert!((got - wanted).abs() <= most * wanted.abs().max(1.0), "{got} {wanted}");
        }
    }

    #[test]
    fn counts_are_clipped_cast_and_put_in_order(
        values in prop::collection::vec(prop_oneof![Just(0u16), 0u16..=20, any::<u16>()], 30),
        clip in prop::option::of(1u16..400),
        on_first in any::<bool>(),
        to in prop_oneof![Just(None), Just(Some(ArrayType::U8)), Just(Some(ArrayType::F32))],
    ) {
        let of = Representation::Counts;
        let mut preparation = Preparation::new();
        preparation.clip = clip.map(f32::from);
        preparation.channels = if on_first { ChannelOrder::OnOff } else { ChannelOrder::OffOn };
        preparation.array_type = to;
        let mut preparer = preparation.of(of).unwrap();
        let out = preparer.prepare(&frame(of, Values::U16(values.clone())));
        let most = if to == Some(ArrayType::U8) { 255 } else { u16::MAX };
        let (off, on) = values.split_at(15);
        let ordered = if on_first { [on, off] } else { [off, on] }.concat();
        let held = ordered.iter().map(|v| f64::from((*v).min(clip.unwrap_or(u16::MAX)).min(most)));
        prop_assert_eq!(floats(out), held.collect::<Vec<_>>());
        prop_assert_eq!(out.array_type(), to.unwrap_or(ArrayType::U16));
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let with = |change: &dyn Fn(&mut Preparation), of: Representation| {
        let mut preparation = Preparation::new();
        change(&mut preparation);
        preparation
            .of(of)
            .map(|p| p.array_type())
            .map_err(|e| e.to_string())
    };
    let voxel = Representation::voxel(5);
    let on_off = |p: &mut Preparation| p.channels = ChannelOrder::OnOff;
    assert!(with(&on_off, voxel).is_err());
    assert_eq!(
        with(&on_off, Representation::histogram(3)),
        Ok(ArrayType::U16)
    );
    for bad in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(with(&|p| p.clip = Some(bad), voxel).is_err(), "{bad}");
        assert!(with(&|p| p.normalize = Some(Normalization::By(bad)), voxel).is_err());
    }
    assert!(with(&|p| p.normalize = Some(Normalization::By(1e-35)), voxel).is_err());
    // No whole number lies where these are clipped.
    for (of, told) in [
        (Representation::Counts, None),
        (Representation::Signed, None),
        (Representation::Counts, Some(ArrayType::U8)),
    ] {
        let clipped = |clip| {
            let change = |p: &mut Preparation| (p.clip, p.array_type) = (Some(clip), told);
            with(&change, of)
        };
        let error = clipped(0.5).unwrap_err();
        assert!(
            error.ends_with("clip at a whole number, or take f16 or f32"),
            "{error}"
        );
        assert!(clipped(2.0).is_ok());
    }
    assert!(with(&|p| p.clip = Some(0.5), voxel).is_ok());
    for bad in [-1.0, 100.5, f32::NAN] {
        assert!(
            with(
                &|p| p.normalize = Some(Normalization::Percentile(bad)),
                voxel
            )
            .is_err()
        );
    }
    let to_u8 = |p: &mut Preparation| p.array_type = Some(ArrayType::U8);
    let error = with(&to_u8, Representation::Signed).unwrap_err();
    assert_eq!(
        error,
        "u8 does not hold the i16 values of signed; take i16, f16 or f32"
    );
    assert!(with(&to_u8, voxel).is_err());
    let normal_u8 = |p: &mut Preparation| {
        to_u8(p);
        p.normalize = Some(Normalization::Max);
    };
    assert!(with(&normal_u8, Representation::Counts).is_err());
    let clipped = |p: &mut Preparation| p.clip = Some(1.0);
    assert!(with(&clipped, Representation::TimeSurface).is_err());
    assert_eq!(
        with(&|_| {}, Representation::TimeSurface),
        Ok(ArrayType::F32)
    );
}

#[test]
fn options_are_read_as_they_are_written() {
    for (text, how) in [
        ("nonzero", Normalization::NonZero(Deviation::Whole)),
        ("sample", Normalization::NonZero(Deviation::Sample)),
        ("max", Normalization::Max),
        ("p99.5", Normalization::Percentile(99.5)),
        ("255", Normalization::By(255.0)),
    ] {
        assert_eq!(text.parse::<Normalization>().unwrap(), how, "{text}");
    }
    for bad in ["", "p", "mean", "-"] {
        assert!(bad.parse::<Normalization>().is_err(), "{bad}");
    }
    assert_eq!(
        "on-off".parse::<ChannelOrder>().unwrap(),
        ChannelOrder::OnOff
    );
    assert_eq!("f16".parse::<ArrayType>().unwrap(), ArrayType::F16);
    assert!("i8".parse::<ArrayType>().is_err());
}

/// Frames that are prepared as they are painted, in memory that is used again, are those that are prepared
/// afterwards.
#[test]
fn frames_are_prepared_as_they_are_painted() {
    let recording = Recording::in_order(6_000, 41);
    let ways = [
        (None, None, None, ChannelOrder::OffOn),
        (
            Some(Normalization::NonZero(Deviation::Whole)),
            None,
            None,
            ChannelOrder::OnOff,
        ),
        (
            Some(Normalization::NonZero(Deviation::Sample)),
            Some(1.5),
            None,
            ChannelOrder::OffOn,
        ),
        (
            Some(Normalization::Max),
            None,
            Some(ArrayType::F16),
            ChannelOrder::ByBin,
        ),
        (
            Some(Normalization::Percentile(70.0)),
            None,
            None,
            ChannelOrder::OnOff,
        ),
        (None, Some(2.0), Some(ArrayType::F32), ChannelOrder::OnOff),
    ];
    let mut compared = 0;
    for of in every() {
        for (normalize, clip, array_type, channels) in ways {
            let mut how = Preparation::new();
            how.normalize = normalize;
            how.clip = clip;
            how.array_type = array_type;
            how.channels = channels;
            let Ok(mut alone) = how.of(of) else { continue };
            let windows = Windows::Count(CountWindows::new(70, 70).unwrap());
            let mut options = RenderOptions::new(windows, of);
            let plain = options.clone();
            let mut plain = plain.render_index(Arc::new(recording.clone())).unwrap();
            options.preparation = Some(how);
            let mut frames = options.render_index(Arc::new(recording.clone())).unwrap();
            assert_eq!(frames.array_type(), alone.array_type());
            while frames.next_frame().unwrap().is_some() {
                let expected = floats(alone.prepare(plain.next_frame().unwrap().unwrap()));
                let found = floats(frames.prepared().unwrap());
                assert_eq!(found.len(), expected.len());
                for (a, b) in found.iter().zip(&expected) {
                    assert!(
                        (a - b).abs() <= 2e-6 * b.abs().max(1.0),
                        "{of:?} {how:?}: {a}, not {b}"
                    );
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000);
}

#[test]
fn others_than_the_processor_do_not_tell_zeros_of_voxel_grids() {
    let recording = Recording::in_order(10, 47);
    let by_others = |of, normalization| {
        let windows = Windows::Count(CountWindows::new(10, 10).unwrap());
        let mut preparation = Preparation::new();
        preparation.normalize = Some(normalization);
        let mut options = RenderOptions::new(windows, of);
        options.preparation = Some(preparation);
        options
            .check_by_others(&recording)
            .map_err(|e| e.to_string())
    };
    let grid = Representation::voxel(5);
    for of in [
        Normalization::NonZero(Deviation::Whole),
        Normalization::Percentile(99.0),
    ] {
        let error = by_others(grid, of).unwrap_err();
        assert!(error.contains("weights that cancel"), "{error}");
        assert_eq!(by_others(Representation::Signed, of), Ok(()));
    }
    assert_eq!(by_others(grid, Normalization::Max), Ok(()));
}

//! A frame's channels as one signed value a pixel.

use evz_core::{Error, Result};

use evz_render::{Frame, Representation, Values};

/// Writes one value for each pixel, positive for ON, negative for OFF, 0 for no events. Bins of time
/// are summed. Where both polarities have a channel, the greater shows, ON where they are equal: a
/// difference would hide a pixel that has as many of both. Of a time surface it is the later one.
pub(crate) fn signed(frame: &Frame, of: Representation, out: &mut Vec<f32>) -> Result<()> {
    let len = match &frame.values {
        Values::I16(values) => values.len(),
        Values::U16(values) => values.len(),
        Values::F32(values) => values.len(),
    };
    let pixels = frame.width.checked_mul(frame.height).unwrap_or(0);
    let channels = of.channels();
    if pixels == 0
        || channels == 0
        || frame.channels != channels
        || pixels.checked_mul(channels) != Some(len)
    {
        return Err(Error::invalid(format!(
            "a frame of {}x{} in {} channels with {len} values is none of {channels} channels",
            frame.width, frame.height, frame.channels
        )));
    }
    let facts = of.facts();
    if !facts.is_drawn {
        let what = format!("{} is for arrays, and makes no pictures", facts.name);
        return Err(Error::invalid(what));
    }
    let polarities = facts.polarities();
    let time_or_value = |v: f32| if facts.holds_times { time(v) } else { v };
    out.clear();
    match &frame.values {
        Values::I16(values) => sums(values, pixels, polarities, |v| f32::from(*v), out),
        Values::U16(values) => sums(values, pixels, polarities, |v| f32::from(*v), out),
        Values::F32(values) => sums(values, pixels, polarities, |v| time_or_value(*v), out),
    }
    if polarities == 2 {
        let (off, on) = out.split_at_mut(pixels);
        for (off, on) in off.iter_mut().zip(on) {
            *off = if *off > *on { -*off } else { *on };
        }
        out.truncate(pixels);
    }
    Ok(())
}

/// A time of a time surface as a value: that of an event at the very start is not that of none.
fn time(time: f32) -> f32 {
    if time < 0.0 {
        0.0
    } else {
        time.max(f32::MIN_POSITIVE)
    }
}

/// Appends, for each polarity, the sum of its channels for each pixel.
fn sums<T>(
    values: &[T],
    pixels: usize,
    polarities: usize,
    to_f32: impl Fn(&T) -> f32,
    out: &mut Vec<f32>,
) {
    for channels in values.chunks_exact(values.len() / polarities) {
        let (first, rest) = channels.split_at(pixels);
        let from = out.len();
        out.extend(first.iter().map(&to_f32));
        for channel in rest.chunks_exact(pixels) {
            for (sum, value) in out[from..].iter_mut().zip(channel) {
                *sum += to_f32(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(representation: Representation, values: Values) -> Result<Vec<f32>> {
        let frame = Frame {
            width: 3,
            height: 1,
            channels: representation.channels(),
            window: 0..1,
            first: None,
            n_events: 0,
            values,
        };
        let mut out = Vec::new();
        signed(&frame, representation, &mut out).map(|()| out)
    }

    #[test]
    fn bins_of_time_are_summed() {
        let bins = Values::F32(vec![0.5, -1.0, 0.0, 0.25, -0.5, 0.0]);
        let sums = of(Representation::voxel(2), bins).unwrap();
        assert_eq!(sums, [0.75, -1.5, 0.0]);
    }

    #[test]
    fn the_stronger_polarity_shows() {
        let counts = Values::U16(vec![3, 1, 2, 1, 4, 2]);
        assert_eq!(
            of(Representation::Counts, counts).unwrap(),
            [-3.0, 4.0, 2.0]
        );
    }

    #[test]
    fn a_stacked_histogram_is_summed_by_polarity() {
        let bins = Values::U16(vec![1, 0, 0, 2, 0, 1, 0, 1, 1, 2, 1, 1]);
        let sums = of(Representation::histogram(2), bins).unwrap();
        assert_eq!(sums, [-3.0, 2.0, 2.0]);
    }

    #[test]
    fn the_later_polarity_of_a_time_surface_shows() {
        let times = Values::F32(vec![0.5, -1.0, -1.0, 0.25, 0.0, -1.0]);
        let later = of(Representation::TimeSurface, times).unwrap();
        assert_eq!(later, [-0.5, f32::MIN_POSITIVE, 0.0]);
        let times = Values::F32(vec![0.5, -1.0, 0.0]);
        let merged = of(Representation::MergedTimeSurface, times).unwrap();
        assert_eq!(merged, [0.5, 0.0, f32::MIN_POSITIVE]);
    }

    #[test]
    fn a_frame_of_another_shape_is_refused() {
        let error = of(Representation::Counts, Values::U16(vec![0; 5])).unwrap_err();
        let expected = "a frame of 3x1 in 2 channels with 5 values is none of 2 channels";
        assert_eq!(error.to_string(), expected);
        let none = Representation::voxel(0);
        assert!(of(none, Values::F32(Vec::new())).is_err());
    }
}

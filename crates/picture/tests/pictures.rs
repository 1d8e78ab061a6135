//! Pictures and movies through the public interface. That other programs decode them is tested in
//! Python.

use evz_core::{Result, TimeBase};
use evz_picture::{
    Colors, FrameRate, MovieOptions, Picture, PictureFormat, Scale, Style, Theme, TimeStamp,
};
use evz_render::{Decay, Frame, Representation, Values};

const RED: [u8; 3] = [255, 72, 56];
const BLUE: [u8; 3] = [72, 136, 255];
const GROUND: [u8; 3] = [0x19; 3];

fn frame(width: usize, height: usize, channels: usize, values: Values) -> Frame {
    Frame {
        width,
        height,
        channels,
        window: 20_003..40_000,
        first: None,
        n_events: 1,
        values,
    }
}

/// A sparse frame with both polarities.
fn sample(width: usize, height: usize) -> Frame {
    let value = |i: usize| match i % 17 {
        3 => 1,
        7 => -2,
        _ => 0,
    };
    let values = (0..width * height).map(value).collect();
    frame(width, height, 1, Values::I16(values))
}

fn rgb(style: &Style, frame: &Frame) -> Vec<[u8; 3]> {
    let mut picture = Picture::default();
    style.draw(frame, &mut picture).unwrap();
    let mut bytes = Vec::new();
    picture.append_rgb(&style.palette(), &mut bytes);
    let (pixels, []) = bytes.as_chunks() else {
        panic!("{} bytes", bytes.len());
    };
    pixels.to_vec()
}

#[test]
fn polarity_is_the_colour_and_nothing_is_the_background() {
    let signed = frame(4, 1, 1, Values::I16(vec![0, 5, -5, 0]));
    let style = Style::new(Representation::Signed);
    assert_eq!(rgb(&style, &signed), [GROUND, RED, BLUE, GROUND]);

    let counts = frame(4, 1, 2, Values::U16(vec![0, 1, 5, 0, 0, 5, 1, 0]));
    let style = Style::new(Representation::Counts);
    assert_eq!(rgb(&style, &counts), [GROUND, RED, BLUE, GROUND]);

    let grey = style.with_colors(Colors::Grey).with_theme(Theme::Light);
    assert_eq!(rgb(&grey, &counts), [[176; 3], [255; 3], [0; 3], [176; 3]]);
}

#[test]
fn what_has_no_polarity_has_its_colour_of_none() {
    let totals = frame(5, 1, 1, Values::U16(vec![0, 1, 2, 4, 9]));
    let style = Style::new(Representation::Total).with_scale(Scale::Fixed(4.0));
    for (style, ground, full) in [(style, 25, 255), (style.with_theme(Theme::Light), 255, 0)] {
        let pixels = rgb(&style, &totals);
        assert!(pixels.iter().all(|[r, g, b]| r == g && g == b));
        let away: Vec<u8> = pixels.iter().map(|[r, ..]| r.abs_diff(ground)).collect();
        assert!(
            away[..4].is_sorted() && away[0] < away[1] && away[1] < away[2] && away[2] < away[3]
        );
        assert_eq!((away[0], pixels[3], pixels[4]), (0, [full; 3], [full; 3]));
    }
}

#[test]
fn a_frame_of_small_counts_is_not_dark() {
    let signed = frame(4, 1, 1, Values::I16(vec![1, 0, -1, 0]));
    let pixels = rgb(&Style::new(Representation::Signed), &signed);
    assert_eq!(pixels, [RED, GROUND, BLUE, GROUND]);
}

/// What is so far from the ground to a full colour, within what 127 steps of strength can tell.
#[track_caller]
fn assert_between(pixel: [u8; 3], full: [u8; 3], share: f32) {
    for (found, full) in pixel.into_iter().zip(full) {
        let expected = 25.0 + (f32::from(full) - 25.0) * share;
        let step = (f32::from(full) - 25.0).abs() / 254.0 + 0.51;
        assert!(
            (f32::from(found) - expected).abs() <= step,
            "{pixel:?}: {share} of {full}"
        );
    }
}

#[test]
fn a_decay_is_as_far_from_the_ground_as_it_has_not_faded() {
    let tau = std::time::Duration::from_secs(1);
    let shares = [1.0, 0.75, 0.5, 0.368, 0.1, 0.01, 0.0];
    for of in [
        Representation::ExpDecay(Decay::new(tau)),
        Representation::LinearDecay(Decay::new(tau)),
    ] {
        for (sign, full) in [(1.0, RED), (-1.0, BLUE)] {
            let values = shares.map(|share| sign * share).to_vec();
            let pixels = rgb(&Style::new(of), &frame(7, 1, 1, Values::F32(values)));
            for (pixel, share) in pixels.into_iter().zip(shares) {
                assert_between(pixel, full, share);
            }
        }
    }
}

#[test]
fn a_time_surface_has_even_steps_from_its_first_event_to_its_last() {
    let style = Style::new(Representation::MergedTimeSurface).with_scale(Scale::Fixed(2.0));
    let values = vec![-1.0, 0.0, 0.5, 1.0, 1.5, 2.0];
    let pixels = rgb(&style, &frame(6, 1, 1, Values::F32(values)));
    assert_eq!(pixels[0], GROUND);
    let first = 25.0 / 127.0;
    for (k, pixel) in pixels[1..].iter().enumerate() {
        assert_between(*pixel, [255; 3], first + (1.0 - first) * k as f32 / 4.0);
    }
}

#[test]
fn viridis_goes_from_its_first_colour_to_its_last() {
    let totals = frame(4, 1, 1, Values::U16(vec![0, 1, 50, 100]));
    let style = Style::new(Representation::Total)
        .with_scale(Scale::Fixed(100.0))
        .with_colors(Colors::Viridis);
    let pixels = rgb(&style, &totals);
    assert_eq!(pixels[0], GROUND);
    // Rows 0, 128 and 255 of matplotlib's table, and near them.
    for (pixel, [r, g, b]) in pixels[1..]
        .iter()
        .zip([[69, 5, 89], [33, 145, 140], [253, 231, 37]])
    {
        let away = [
            pixel[0].abs_diff(r),
            pixel[1].abs_diff(g),
            pixel[2].abs_diff(b),
        ];
        assert!(away.iter().all(|away| *away <= 3), "{pixel:?}");
    }
}

#[test]
fn orange_and_blue_are_those_of_okabe_and_ito() {
    let signed = frame(2, 1, 1, Values::I16(vec![1, -1]));
    let style = Style::new(Representation::Signed).with_colors(Colors::OrangeBlue);
    assert_eq!(rgb(&style, &signed), [[230, 159, 0], [86, 180, 233]]);
    let light = style.with_theme(Theme::Light);
    assert_eq!(rgb(&light, &signed), [[213, 94, 0], [0, 114, 178]]);
}

#[test]
fn a_fixed_scale_is_the_same_in_every_frame() {
    let style = Style::new(Representation::Signed).with_scale(Scale::Fixed(4.0));
    let weak = rgb(&style, &frame(2, 1, 1, Values::I16(vec![1, 0])));
    let strong = rgb(&style, &frame(2, 1, 1, Values::I16(vec![1, 4])));
    assert_eq!(weak[0], strong[0]);
    assert!(weak[0][0] > 100 && weak[0][0] < RED[0], "{:?}", weak[0]);
    assert_eq!(strong[1], RED);
}

#[test]
fn a_trace_fades_and_a_first_event_does_not() {
    let scale = Scale::Fixed(1.0);
    let decay = Style::new(Representation::ExpDecay(Decay::new(
        std::time::Duration::from_secs(1),
    )))
    .with_scale(scale);
    let traces = frame(2, 1, 1, Values::F32(vec![1e-4, 1.0]));
    assert_eq!(rgb(&decay, &traces), [GROUND, RED]);

    let times = Style::new(Representation::TimeSurface).with_scale(scale);
    let surface = frame(3, 1, 2, Values::F32(vec![-1.0, -1.0, 1.0, 0.0, -1.0, 0.5]));
    let pixels = rgb(&times, &surface);
    assert!(pixels[0][0] > 0, "{pixels:?}");
    assert_eq!(pixels[1..], [GROUND, BLUE]);
}

#[test]
fn dilation_widens_pixels() {
    let mut values = vec![0; 25];
    values[12] = -1;
    let one = frame(5, 5, 1, Values::I16(values));
    let style = Style::new(Representation::Signed).with_dilation(true);
    let pixels = rgb(&style, &one);
    assert_eq!(pixels.iter().filter(|p| **p == BLUE).count(), 9);
    assert_eq!(pixels[0], GROUND);
}

#[test]
fn the_time_stamp_and_the_scale_bar_change_their_corners_only() {
    let (width, height) = (240, 180);
    let plain = Style::new(Representation::Signed);
    let frame = sample(width, height);
    let before = rgb(&plain, &frame);
    let changed = |style: Style| {
        let after = rgb(&style, &frame);
        let changed: Vec<usize> = (0..after.len())
            .filter(|i| before[*i] != after[*i])
            .collect();
        assert!(!changed.is_empty());
        let rows = changed.iter().map(|i| i / width);
        let columns = changed.iter().map(|i| i % width);
        assert!(columns.max().unwrap() < width * 2 / 3);
        (rows.clone().min().unwrap(), rows.max().unwrap())
    };
    let (_, bottom) = changed(plain.with_time_stamp(TimeStamp::new(TimeBase::MICROSECONDS, 3)));
    assert!(bottom < 12, "{bottom}");
    let (top, _) = changed(plain.with_scale_bar(true));
    assert!(top > height - 12, "{top}");
}

#[test]
fn text_keeps_its_share_of_a_picture_that_is_enlarged() {
    let (width, height) = (240, 180);
    let stamp = TimeStamp::new(TimeBase::MICROSECONDS, 3);
    let plain = Style::new(Representation::Signed).with_upscale(4);
    assert_eq!(plain.picture_size(width, height), (960, 720));
    let frame = frame(width, height, 1, Values::I16(vec![0; width * height]));
    let before = rgb(&plain, &frame);
    let after = rgb(&plain.with_time_stamp(stamp), &frame);
    let ink: Vec<usize> = (0..after.len())
        .filter(|i| after[*i] != before[*i])
        .collect();
    let (top, bottom) = (ink[0] / 960, ink[ink.len() - 1] / 960);
    // Letters have 8 rows of dots, of which capitals and digits take 7.
    assert!((20..=24).contains(&(bottom - top)), "{top} to {bottom}");
}

#[test]
fn what_a_picture_held_before_does_not_show() {
    let style = Style::new(Representation::Signed).with_dilation(true);
    let mut used = Picture::default();
    for (width, height) in [(64, 48), (7, 5), (64, 48)] {
        let mut fresh = Picture::default();
        style.draw(&sample(width, height), &mut used).unwrap();
        style.draw(&sample(width, height), &mut fresh).unwrap();
        assert_eq!(used.indices(), fresh.indices());
        assert_eq!((used.width(), used.height()), (width, height));
    }
}

#[test]
fn a_stream_is_its_pictures_one_after_the_other() -> Result<()> {
    let style = Style::new(Representation::Signed);
    let mut picture = Picture::default();
    style.draw(&sample(6, 4), &mut picture)?;
    let movie = |format| -> Result<Vec<u8>> {
        let options = MovieOptions::new(format, 6, 4, style.palette());
        let mut bytes = Vec::new();
        options.encoder().encode(&picture, &mut bytes)?;
        let mut movie = options.create(Vec::new(), "out")?;
        movie.push(&bytes)?;
        movie.push(&bytes)?;
        movie.finish()
    };
    assert_eq!(movie(PictureFormat::Rgb)?.len(), 2 * 6 * 4 * 3);
    let y4m = movie(PictureFormat::Y4m)?;
    let header = b"YUV4MPEG2 W6 H4 F30:1 Ip A1:1 C444 XCOLORRANGE=LIMITED\n";
    assert_eq!(
        y4m.strip_prefix(header).map(<[u8]>::len),
        Some(2 * (6 + 72))
    );
    Ok(())
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let refused = |format, width, fps: u64| {
        let palette = Style::new(Representation::Signed).palette();
        let rate = FrameRate::new(fps, 1).unwrap();
        let options = MovieOptions::new(format, width, 4, palette).with_frame_rate(rate);
        let movie = options.create(Vec::new(), "out");
        movie
            .and_then(|movie| movie.finish())
            .unwrap_err()
            .to_string()
    };
    for (format, width, fps, expected) in [
        (
            PictureFormat::Gif,
            6,
            60,
            "out: viewers show a GIF at 50 frames a second at most, not 60; ask for fewer, or end the name in .apng or .mp4",
        ),
        (
            PictureFormat::Gif,
            70_000,
            30,
            "out: a GIF has at most 65535 pixels a side, not 70000x4; use .apng",
        ),
        (
            PictureFormat::Rgb,
            0,
            30,
            "out: a movie needs at least one pixel; give the size of the sensor",
        ),
        (
            PictureFormat::Png,
            6,
            30,
            "out: a PNG file holds one picture; end its name in .apng for a movie",
        ),
        (
            PictureFormat::Gif,
            6,
            30,
            "out: there is no picture to put into it",
        ),
        (
            PictureFormat::Apng,
            6,
            30,
            "out: there is no picture to put into it",
        ),
    ] {
        assert_eq!(refused(format, width, fps), expected);
    }
}

#[test]
fn a_picture_of_another_size_is_refused() {
    let style = Style::new(Representation::Signed);
    let mut picture = Picture::default();
    style.draw(&sample(5, 4), &mut picture).unwrap();
    for format in PictureFormat::ALL {
        let encoder = MovieOptions::new(format, 6, 4, style.palette()).encoder();
        let error = encoder.encode(&picture, &mut Vec::new()).unwrap_err();
        let expected = "a picture of 5x4 does not fit a movie of 6x4";
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn bytes_that_are_no_png_do_not_become_an_apng() {
    let style = Style::new(Representation::Signed);
    let options = MovieOptions::new(PictureFormat::Apng, 6, 4, style.palette());
    let mut picture = Picture::default();
    style.draw(&sample(6, 4), &mut picture).unwrap();
    let mut png = Vec::new();
    options.encoder().encode(&picture, &mut png).unwrap();
    // Of a PNG without its end enough is there, from the last byte of IDAT's checksum on.
    for len in 0..png.len() - 12 {
        let mut movie = options.create(Vec::new(), "out").unwrap();
        let error = movie.push(&png[..len]).unwrap_err().to_string();
        assert_eq!(error, "out: the next picture is no PNG", "{len} bytes");
    }
}

//! The numbers at an axis.

/// A step of 1, 2 or 5 times a power of ten, of which `span` has at most `most`.
pub(super) fn step(span: f64, most: f64) -> f64 {
    let least = span / most;
    let power = 10f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|n| n * power);
    // The last is larger than the least, but for what floats round.
    steps.into_iter().find(|s| *s >= least).unwrap_or(steps[3])
}

/// The multiples of a step from `start` to `end`.
pub(super) fn ticks(start: f64, end: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (start / step - 1e-9).ceil();
    let last = (end / step + 1e-9).floor();
    let n = (last - first).clamp(-1.0, 1e3) as i64;
    (0..=n).map(move |i| (first + i as f64) * step)
}

/// A number with as many decimals as its step has.
pub(super) fn decimal(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    // Without the sign of a zero.
    format!("{:.decimals$}", value + 0.0)
}

/// A number with the letter of a power of a thousand, the same for all of an axis that ends there.
pub(super) fn scaled(value: f64, end: f64, step: f64) -> String {
    let letters = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let found = letters.into_iter().find(|(scale, _)| end >= *scale);
    let (scale, letter) = found.unwrap_or((1.0, ""));
    match value {
        0.0 => "0".to_owned(),
        _ => format!("{}{letter}", decimal(value / scale, step / scale)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_round() {
        assert_eq!(
            (step(10.0, 6.0), step(1.0, 5.0), step(70.0, 8.0)),
            (2.0, 0.2, 10.0)
        );
        let at: Vec<String> = ticks(1.5, 2.6, 0.5).map(|t| decimal(t, 0.5)).collect();
        assert_eq!(at, ["1.5", "2.0", "2.5"]);
        assert_eq!(scaled(1_500_000.0, 2e6, 5e5), "1.5 M");
        assert_eq!(scaled(200_000.0, 9e5, 1e5), "200 k");
        assert_eq!(
            (scaled(0.0, 1e9, 1e8), scaled(5.0, 10.0, 5.0)),
            ("0".into(), "5".into())
        );
    }
}

//! Representations as `--mode` names them, out of the library's table of facts.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use evz::render::{Preset, Representation};

/// Time constant of a decay on the screen: a trail is then as long as an eye needs to see which way something
/// moves, where the time constants that networks are given leave a rim.
pub(crate) const TRAIL: Duration = Duration::from_millis(100);

/// A representation by its name, with its defaults.
pub(crate) fn mode_parser() -> impl TypedValueParser<Value = Representation> {
    let names = Representation::ALL.map(|of| of.facts().name);
    PossibleValuesParser::new(names).try_map(|name| {
        let mut all = Representation::ALL.into_iter();
        let found = all.find(|of| of.facts().name == name);
        found.ok_or("it is no representation of this version")
    })
}

/// A preset by its name.
pub(crate) fn preset_parser() -> impl TypedValueParser<Value = Preset> {
    let names = Preset::ALL.map(|of| of.name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Preset>())
}

/// What each preset is: the end of the help of `render`.
pub(crate) fn presets() -> String {
    let row = |of: Preset| format!("\n  {:<13} {:<20} {}", of.name, of.axes, of.line);
    Preset::ALL.map(row).concat()
}

/// What a frame of each holds: the end of the help of `render`.
pub(crate) fn table() -> String {
    let row = |of: Representation| {
        let facts = of.facts();
        let kind = format!("{} [{}]", facts.value_type, facts.channels_text());
        format!("\n  {:<20} {kind:<15} {}", facts.name, facts.line)
    };
    Representation::ALL.map(row).concat()
}

/// The help of `--bins`.
pub(crate) fn bins_help() -> String {
    let with_default = |of: Representation| {
        let default = of.facts().bins?;
        Some(format!("{} [default: {default}]", of.facts().name))
    };
    format!("Bins in time of {}", listed(with_default))
}

/// The help of `--tau`.
pub(crate) fn tau_help() -> String {
    let default = Representation::ALL
        .into_iter()
        .find_map(|of| of.facts().tau);
    let (default, trail) = (default.unwrap_or_default().as_millis(), TRAIL.as_millis());
    format!(
        "Time constant of the decays [default: {default}ms; of a movie {trail}ms of its own time]"
    )
}

/// The help of `--split-polarity`.
pub(crate) fn split_help() -> String {
    format!(
        "Give OFF and ON events channels of their own, both positive: of {}",
        Representation::those_with(|of| of.facts().may_split)
    )
}

fn listed(name: impl Fn(Representation) -> Option<String>) -> String {
    let names: Vec<String> = Representation::ALL.into_iter().filter_map(name).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

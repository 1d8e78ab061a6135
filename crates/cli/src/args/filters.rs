//! What is done to the events while they are read.

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use evz::Filter;

/// Filters, in the order in which they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilterArgs(pub(crate) Vec<Filter>);

/// What each filter is told, and what it does.
const FILTERS: [(&str, &str, &str); Filter::NAMES.len()] = [
    (
        "hot-pixels",
        "RULE",
        "Leave out the events of pixels that have too many: more than so many standard deviations above \
         the mean (5sd, if nothing is told) or a second (500Hz), counted before, or in windows of time, \
         each for the next one (5sd/1s)",
    ),
    (
        "refractory",
        "D",
        "Leave out an event whose pixel had one less than so long before: 1ms",
    ),
    (
        "background",
        "D",
        "Leave out an event if none of the eight pixels around it had one less than so long before: 2ms",
    ),
    ("decimate", "N", "Keep every Nth event of each pixel"),
    ("invert-polarity", "", "Take ON for OFF, and OFF for ON"),
    (
        "crop",
        "X,Y,W,H",
        "Keep a region, whose top left pixel becomes 0,0 (--roi leaves pixels where they are)",
    ),
    (
        "flip",
        "AXIS",
        "Mirror the columns (x, left for right) or the rows (y, top for bottom)",
    ),
    ("rotate", "DEGREES", "Turn clockwise by 90, 180 or 270"),
    ("transpose", "", "Take x for y, and y for x"),
    ("time-shift", "T", "Add this to all times: 1.5s, -20ms"),
];

impl Args for FilterArgs {
    fn augment_args(command: Command) -> Command {
        let command = command.next_help_heading("Filters, in the order in which they are typed");
        FILTERS
            .into_iter()
            .fold(command, |command, (name, told, help)| {
                let parse = move |told: &str| format!("{name}={told}").parse::<Filter>();
                let arg = Arg::new(name)
                    .long(name)
                    .help(help)
                    .action(ArgAction::Append);
                command.arg(match (name, told) {
                    (_, "") => arg
                        .num_args(0)
                        .default_missing_value("")
                        .value_parser(parse),
                    ("hot-pixels", _) => arg
                        .value_name(told)
                        .num_args(0..=1)
                        .require_equals(true)
                        .default_missing_value("")
                        .value_parser(parse),
                    _ => arg
                        .value_name(told)
                        .allow_hyphen_values(true)
                        .value_parser(parse),
                })
            })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FilterArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut filters = Vec::new();
        for name in Filter::NAMES {
            let told = matches.get_many::<Filter>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            filters.extend(places.zip(told.cloned()));
        }
        filters.sort_by_key(|(place, _)| *place);
        Ok(Self(
            filters.into_iter().map(|(_, filter)| filter).collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

//! The table of facts: a row for each representation.

use std::time::Duration;

use evz_core::Columns;

use crate::bin_places::BinPlaces;
use crate::facts::{RepresentationFacts, ValueType};
use crate::representation::{Decay, Representation};
use crate::time_span::TimeSpan;

/// Time constant of a decay.
const TAU: Duration = Duration::from_millis(30);

impl Representation {
    /// Each representation once, in the order in which they are listed, with what it has by default.
    pub const ALL: [Self; 18] = [
        Self::Signed,
        Self::Counts,
        Self::Total,
        Self::Binary,
        Self::ExpDecay(Decay::new(TAU)),
        Self::LinearDecay(Decay::new(TAU)),
        Self::LeakySum(Decay::new(TAU)),
        Self::MeanDecay(Decay::new(TAU)),
        Self::TimeSurface,
        Self::MergedTimeSurface,
        Self::voxel(5),
        Self::histogram(10),
        Self::MixedDensity { bins: 10 },
        Self::Tore { depth: 8 },
        Self::Hats {
            cell: 10,
            side: 7,
            tau: TAU,
        },
        Self::CountsAndTimes,
        Self::Mcts {
            bins: 5,
            tau: TAU,
            span: TimeSpan::Window,
        },
        Self::Tencode {
            tau: TAU,
            span: TimeSpan::Window,
        },
    ];

    /// The row of this one.
    pub const fn facts(self) -> RepresentationFacts {
        const PLAIN: RepresentationFacts = RepresentationFacts::PLAIN;
        match self {
            Self::Signed => RepresentationFacts {
                name: "signed",
                line: "ON events less OFF events",
                ..PLAIN
            },
            Self::Counts => RepresentationFacts {
                name: "counts",
                value_type: ValueType::U16,
                by_polarity: true,
                line: "OFF events, ON events",
                ..PLAIN
            },
            Self::Total => RepresentationFacts {
                name: "total",
                value_type: ValueType::U16,
                columns: Columns {
                    p: false,
                    ..Columns::XYP
                },
                line: "events of both polarities",
                ..PLAIN
            },
            Self::Binary => RepresentationFacts {
                name: "binary",
                line: "latest polarity: 1 ON, -1 OFF, 0 none",
                ..PLAIN
            },
            Self::ExpDecay(of) => RepresentationFacts {
                name: "exp-decay",
                line: "latest polarity, times exp(-age / tau)",
                ..decay(of)
            },
            Self::LinearDecay(of) => RepresentationFacts {
                name: "linear-decay",
                line: "latest polarity, times max(0, 1 - age / tau)",
                ..decay(of)
            },
            Self::LeakySum(of) => RepresentationFacts {
                name: "leaky-sum",
                line: "polarities of all events, each times exp(-age / tau)",
                ..decay(of)
            },
            Self::MeanDecay(of) => RepresentationFacts {
                name: "mean-decay",
                line: "the same, by the number of events of the pixel",
                ..decay(of)
            },
            Self::TimeSurface => RepresentationFacts {
                name: "time-surface",
                by_polarity: true,
                holds_times: true,
                line: "seconds from start to latest event, OFF and ON; -1 none",
                ..PLAIN.of_times()
            },
            Self::MergedTimeSurface => RepresentationFacts {
                name: "merged-time-surface",
                value_type: ValueType::F32,
                columns: Columns {
                    p: false,
                    ..Columns::TXYP
                },
                holds_times: true,
                line: "the same, of both polarities",
                ..PLAIN
            },
            // As many bins as in E2VID.
            Self::Voxel {
                span, by_polarity, ..
            } => RepresentationFacts {
                name: "voxel",
                by_polarity,
                may_split: true,
                bins: Some(5),
                line: "polarities, spread over the two nearest bins in time",
                ..PLAIN.of_times().within(span)
            },
            // As many bins as in RVT.
            Self::Histogram { span, .. } => RepresentationFacts {
                name: "histogram",
                value_type: ValueType::U16,
                by_polarity: true,
                bins: Some(10),
                line: "OFF events by time, ON events by time",
                ..PLAIN.of_times().within(span)
            },
            Self::MixedDensity { .. } => RepresentationFacts {
                name: "mixed-density",
                value_type: ValueType::I16,
                needs_span: true,
                bins: Some(10),
                is_drawn: false,
                line: "signed, of ever longer parts of the window, the last all of it",
                ..PLAIN.of_times()
            },
            // As deep as in the paper.
            Self::Tore { .. } => RepresentationFacts {
                name: "tore",
                by_polarity: true,
                depth: Some(8),
                is_drawn: false,
                line: "logarithms of the ages of the latest events",
                ..PLAIN.of_times()
            },
            Self::Hats { .. } => RepresentationFacts {
                name: "hats",
                by_polarity: true,
                tau: Some(TAU),
                of_cells: true,
                is_drawn: false,
                line: "averaged time surfaces of 7x7 pixels in cells of 10x10",
                ..PLAIN.of_times()
            },
            Self::CountsAndTimes => RepresentationFacts {
                name: "counts-and-times",
                by_polarity: true,
                planes: 2,
                is_drawn: false,
                line: "OFF and ON events, and their latest times from 0 to 1",
                ..PLAIN.of_times()
            },
            Self::Mcts { span, .. } => RepresentationFacts {
                name: "mcts",
                by_polarity: true,
                bins: Some(5),
                tau: Some(TAU),
                is_drawn: false,
                line: "linear decays by time constants from 1 ms to tau, OFF and ON",
                ..PLAIN.of_times().within(span)
            },
            Self::Tencode { span, .. } => RepresentationFacts {
                name: "tencode",
                value_type: ValueType::U16,
                planes: 3,
                tau: Some(TAU),
                is_drawn: false,
                line: "latest event: 255 if ON, age of 255 in tau, 255 if OFF",
                ..PLAIN.of_times().within(span)
            },
        }
    }

    /// [`Voxel`](Self::Voxel) of so many bins, the first at the first event and the last at the last one.
    pub const fn voxel(bins: usize) -> Self {
        Self::Voxel {
            bins,
            places: BinPlaces::Ends,
            span: TimeSpan::Events,
            by_polarity: false,
        }
    }

    /// [`Histogram`](Self::Histogram) of so many bins, from the first event to the last one.
    pub const fn histogram(bins: usize) -> Self {
        let span = TimeSpan::Events;
        Self::Histogram { bins, span }
    }
}

/// What decays have in common.
const fn decay(of: Decay) -> RepresentationFacts {
    RepresentationFacts {
        by_polarity: of.by_polarity,
        may_split: true,
        tau: Some(TAU),
        ..RepresentationFacts::PLAIN.of_times().within(of.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_table() {
        for of in Representation::ALL {
            let facts = of.facts();
            let row = facts.bins.map_or(of, |bins| of.with_bins(bins));
            let row = facts.tau.map_or(row, |tau| row.with_tau(tau));
            let row = facts.depth.map_or(row, |depth| row.with_depth(depth));
            assert_eq!(row, of);
            let named = Representation::ALL.map(|r| r.facts().name == of.facts().name);
            assert_eq!(named.iter().filter(|same| **same).count(), 1, "{of:?}");
        }
    }
}

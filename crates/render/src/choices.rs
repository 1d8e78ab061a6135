//! What can be chosen of a representation.

use std::time::Duration;

use crate::bin_places::BinPlaces;
use crate::representation::{Decay, Representation};
use crate::time_span::TimeSpan;

/// What was chosen of a representation; what was not is as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Choices {
    /// Bins in time.
    pub bins: Option<usize>,
    /// Time constant.
    pub tau: Option<Duration>,
    /// Latest events of each pixel and polarity.
    pub depth: Option<usize>,
    /// Whether OFF and ON events have channels of their own.
    pub split_polarity: Option<bool>,
    /// What the time of a window is.
    pub span: Option<TimeSpan>,
    /// Where the bins of a voxel grid lie.
    pub bin_places: Option<BinPlaces>,
}

impl Choices {
    /// A representation with what was chosen of it.
    pub fn of(self, representation: Representation) -> Representation {
        let mut of = representation;
        of = self.bins.map_or(of, |bins| of.with_bins(bins));
        of = self.tau.map_or(of, |tau| of.with_tau(tau));
        of = self.depth.map_or(of, |depth| of.with_depth(depth));
        of = (self.split_polarity).map_or(of, |split| of.split_by_polarity(split));
        of = self.span.map_or(of, |span| of.within(span));
        self.bin_places.map_or(of, |at| of.with_bin_places(at))
    }

    /// The first choice that a representation does not leave, and the representations that do, for who refuses
    /// it: `("bins", "only voxel, histogram, mixed-density and mcts have bins")`.
    pub fn without_use(&self, of: Representation) -> Option<(&'static str, String)> {
        type Has = fn(Representation) -> bool;
        let choices: [(_, bool, Has, &str); 6] = [
            (
                "bins",
                self.bins.is_some(),
                |of| of.facts().bins.is_some(),
                "have bins",
            ),
            (
                "tau",
                self.tau.is_some(),
                |of| of.facts().tau.is_some(),
                "decay",
            ),
            (
                "depth",
                self.depth.is_some(),
                |of| of.facts().depth.is_some(),
                "has a depth",
            ),
            (
                "split_polarity",
                self.split_polarity.is_some(),
                |of| of.facts().may_split,
                "can be split",
            ),
            (
                "span",
                self.span.is_some(),
                |of| of.facts().may_span,
                "have a span",
            ),
            (
                "bin_places",
                self.bin_places.is_some(),
                |of| matches!(of, Representation::Voxel { .. }),
                "has such bins",
            ),
        ];
        let mut choices = choices.into_iter();
        let (name, _, has, what) = choices.find(|(_, told, has, _)| *told && !has(of))?;
        Some((
            name,
            format!("only {} {what}", Representation::those_with(has)),
        ))
    }
}

impl Representation {
    /// The names of those of which something is so: `voxel and histogram`.
    pub fn those_with(is_so: impl Fn(Self) -> bool) -> String {
        let those = Self::ALL.into_iter().filter(|of| is_so(*of));
        let names: Vec<&str> = those.map(|of| of.facts().name).collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
            None => String::new(),
        }
    }

    /// The same with so many bins, if it has bins.
    pub fn with_bins(mut self, n: usize) -> Self {
        if let Self::Voxel { bins, .. }
        | Self::Histogram { bins, .. }
        | Self::MixedDensity { bins }
        | Self::Mcts { bins, .. } = &mut self
        {
            *bins = n;
        }
        self
    }

    /// The same with so many events of each pixel and polarity, if it has a depth.
    pub fn with_depth(mut self, n: usize) -> Self {
        if let Self::Tore { depth } = &mut self {
            *depth = n;
        }
        self
    }

    /// The same with this time constant, if it has one.
    pub fn with_tau(mut self, time: Duration) -> Self {
        match &mut self {
            Self::Mcts { tau, .. } | Self::Tencode { tau, .. } | Self::Hats { tau, .. } => {
                *tau = time;
            }
            other => {
                if let Some(decay) = other.decay_mut() {
                    decay.tau = time;
                }
            }
        }
        self
    }

    /// The same with channels of each polarity or without, if that can be chosen.
    pub fn split_by_polarity(mut self, split: bool) -> Self {
        match &mut self {
            Self::Voxel { by_polarity, .. } => *by_polarity = split,
            other => {
                if let Some(decay) = other.decay_mut() {
                    decay.by_polarity = split;
                }
            }
        }
        self
    }

    /// The same within this time of a window, if that can be chosen.
    pub fn within(mut self, time: TimeSpan) -> Self {
        match &mut self {
            Self::Voxel { span, .. }
            | Self::Histogram { span, .. }
            | Self::Mcts { span, .. }
            | Self::Tencode { span, .. } => *span = time,
            other => {
                if let Some(decay) = other.decay_mut() {
                    decay.span = time;
                }
            }
        }
        self
    }

    /// The same with bins that lie so in their span, if it is a voxel grid.
    pub fn with_bin_places(mut self, of: BinPlaces) -> Self {
        if let Self::Voxel { places, .. } = &mut self {
            *places = of;
        }
        self
    }

    fn decay_mut(&mut self) -> Option<&mut Decay> {
        match self {
            Self::ExpDecay(of)
            | Self::LinearDecay(of)
            | Self::LeakySum(of)
            | Self::MeanDecay(of) => Some(of),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each choice alone, none of which is a default.
    fn each() -> [Choices; 6] {
        let none = Choices::default;
        [
            Choices {
                bins: Some(3),
                ..none()
            },
            Choices {
                tau: Some(Duration::from_millis(7)),
                ..none()
            },
            Choices {
                depth: Some(3),
                ..none()
            },
            Choices {
                split_polarity: Some(true),
                ..none()
            },
            Choices {
                span: Some(TimeSpan::Events),
                ..none()
            },
            Choices {
                bin_places: Some(BinPlaces::Centers),
                ..none()
            },
        ]
    }

    #[test]
    fn what_changes_nothing_is_without_use() {
        for of in Representation::ALL {
            for choice in each() {
                // Where it is no default.
                let other = of.within(TimeSpan::Window);
                let changes = choice.of(other) != other;
                assert_eq!(
                    choice.without_use(of).is_none(),
                    changes,
                    "{choice:?} of {of:?}"
                );
            }
        }
    }

    #[test]
    fn a_choice_without_use_says_who_has_it() {
        let (name, why) = each()[3].without_use(Representation::Counts).unwrap();
        assert_eq!(name, "split_polarity");
        let those = "exp-decay, linear-decay, leaky-sum, mean-decay and voxel";
        assert_eq!(why, format!("only {those} can be split"));
    }
}

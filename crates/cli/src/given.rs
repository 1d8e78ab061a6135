//! Which options a verb was given: what has a use for few of them refuses all others.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command};
use evz::Result;

use crate::refuse::refuse;

/// The long names of the options that a verb was given, without those that every verb takes.
pub(crate) struct Given(Vec<String>);

impl Given {
    /// Those of a command line of this command.
    pub(crate) fn of(command: &Command, matches: &ArgMatches) -> Self {
        let verb = matches.subcommand();
        let verb = verb.and_then(|(name, given)| Some((command.find_subcommand(name)?, given)));
        let Some((verb, given)) = verb else {
            return Self(Vec::new());
        };
        let told = |arg: &&Arg| {
            given.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
        };
        let own = verb.get_arguments().filter(|arg| !arg.is_global_set());
        Self(own.filter(told).filter_map(long_name).collect())
    }

    /// Refuses the first option that is neither one of these nor says how a recording is read or what of it is
    /// selected.
    pub(crate) fn refuse_but(&self, of_use: &[&str], why: &str) -> Result<()> {
        let of_input = [
            names::<crate::args::ReadingArgs>(),
            names::<crate::args::SelectionArgs>(),
        ];
        let is_of_use = |name: &String| {
            of_use.contains(&name.as_str()) || of_input.iter().any(|names| names.contains(name))
        };
        match self.0.iter().find(|name| !is_of_use(name)) {
            Some(name) => refuse(&[(&format!("--{name}"), true)], why),
            None => Ok(()),
        }
    }
}

fn long_name(arg: &Arg) -> Option<String> {
    arg.get_long().map(str::to_owned)
}

fn names<A: Args>() -> Vec<String> {
    let all = A::augment_args(Command::new("options"));
    all.get_arguments().filter_map(long_name).collect()
}

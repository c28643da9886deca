//! What the server orders on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Limits in the units of `setrlimit`, and the program with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Orders {
    limits: Vec<(Resource, u64)>,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
}

impl Orders {
    /// `--NAME=NUMBER … -- PROGRAM ARGUMENTS`
    pub(super) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        // A dump of memory would be a file of secrets.
        let mut limits = vec![(Resource::Core, 0)];
        loop {
            let argument = arguments.next().ok_or("no program is named")?;
            let text = argument.to_str().ok_or("an order is no text")?;
            if text == "--" {
                break;
            }
            let (name, value) = text.split_once('=').ok_or_else(|| format!("{text} is no order"))?;
            let value = value.parse().map_err(|_| format!("{text} needs a number"))?;
            limits.push((resource(name).ok_or_else(|| format!("{name} is no limit"))?, value));
        }
        let program = PathBuf::from(arguments.next().ok_or("no program is named")?);
        if !program.is_absolute() {
            return Err(format!("{} is no absolute path", program.display()));
        }
        Ok(Self { limits, program, arguments: arguments.collect() })
    }

    /// Sets them for this process and so for all it starts. A limit that is stricter already stays.
    pub(super) fn set_limits(&self) -> Result<(), String> {
        for &(resource, value) in &self.limits {
            let value = getrlimit(resource).maximum.map_or(value, |maximum| maximum.min(value));
            setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })
                .map_err(|error| format!("cannot set the limit {resource:?} to {value}: {error}"))?;
        }
        Ok(())
    }
}

fn resource(name: &str) -> Option<Resource> {
    Some(match name {
        "--processor" => Resource::Cpu,
        "--memory" => Resource::As,
        "--file-size" => Resource::Fsize,
        "--open-files" => Resource::Nofile,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Orders, String> {
        Orders::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn everything_after_the_dashes_belongs_to_the_program() {
        let orders = parse(&["--memory=5", "--", "/bin/echo", "--memory=7", "--", "-x"]).unwrap();
        assert_eq!(orders.limits, [(Resource::Core, 0), (Resource::As, 5)]);
        assert_eq!(orders.program, PathBuf::from("/bin/echo"));
        assert_eq!(orders.arguments, ["--memory=7", "--", "-x"]);
    }

    #[test]
    fn orders_that_are_not_understood_start_nothing() {
        for (arguments, words) in [
            (&["--memory=5"][..], "no program is named"),
            (&["--", "echo"][..], "echo is no absolute path"),
            (&["--memory=much", "--", "/bin/echo"][..], "--memory=much needs a number"),
            (&["--colour=1", "--", "/bin/echo"][..], "--colour is no limit"),
            (&["/bin/echo"][..], "/bin/echo is no order"),
        ] {
            assert_eq!(parse(arguments).unwrap_err(), words);
        }
    }
}

//! What the server orders on the command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::str::FromStr;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::network::{NO_PORT, Network, ORDER};

/// Tells the second supervisor, the one inside the namespaces, from the first.
const INSIDE: &str = "--inside";

/// The system counts ours with the program's: the supervisor and its threads.
const OWN_PROCESSES: u64 = 4;

/// Limits in the units of `setrlimit`, how far apart the program runs, and the program with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Orders {
    limits: Vec<(Resource, u64)>,
    pub(super) network: Network,
    /// `None` when it runs beside us like any other program.
    pub(super) apart: Option<Apart>,
    /// This is the process that becomes the program.
    pub(super) inside: bool,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// All of it as it came.
    given: Vec<OsString>,
}

/// [`crate::Isolation`], as ordered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Apart {
    pub(super) work: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) network: bool,
    pub(super) scratch_bytes: u64,
    pub(super) scratch_files: u64,
    pub(super) processes: u64,
}

impl Orders {
    /// `--NAME=VALUE … -- PROGRAM ARGUMENTS`
    pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let given: Vec<OsString> = arguments.collect();
        let mut arguments = given.iter();
        // A dump of memory would be a file of secrets.
        let mut limits = vec![(Resource::Core, 0)];
        let mut network = Network::Machine;
        let mut apart = None;
        let mut inside = false;
        loop {
            let argument = arguments.next().ok_or("no program is named")?;
            if argument == "--" {
                break;
            }
            if argument == INSIDE {
                inside = true;
                continue;
            }
            let (name, value) = split(argument)?;
            match name.as_str() {
                ORDER if value == NO_PORT => network = Network::Nowhere,
                ORDER => network = Network::Port(number(&name, &value)?),
                "--work" => apart.get_or_insert_with(Apart::default).work = value.into(),
                "--folder" => apart.get_or_insert_with(Apart::default).folder = value.into(),
                "--network" => {
                    apart.get_or_insert_with(Apart::default).network = number::<u64>(&name, &value)? != 0;
                }
                "--scratch-bytes" => {
                    apart.get_or_insert_with(Apart::default).scratch_bytes = number(&name, &value)?;
                }
                "--scratch-files" => {
                    apart.get_or_insert_with(Apart::default).scratch_files = number(&name, &value)?;
                }
                "--processes" => {
                    apart.get_or_insert_with(Apart::default).processes = number(&name, &value)?;
                    let processes = number::<u64>(&name, &value)?.saturating_add(OWN_PROCESSES);
                    limits.push((Resource::Nproc, processes));
                }
                name => {
                    let resource = resource(name).ok_or_else(|| format!("{name} is no limit"))?;
                    limits.push((resource, number(name, &value)?));
                }
            }
        }
        let program = PathBuf::from(arguments.next().ok_or("no program is named")?);
        if !program.is_absolute() {
            return Err(format!("{} is no absolute path", program.display()));
        }
        let arguments = arguments.cloned().collect();
        Ok(Self { limits, network, apart, inside, program, arguments, given })
    }

    /// The same orders for the process inside.
    pub(super) fn for_inside(&self) -> impl Iterator<Item = OsString> {
        std::iter::once(OsString::from(INSIDE)).chain(self.given.iter().cloned())
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

/// A path may hold bytes that are no text; a name may not.
fn split(argument: &OsStr) -> Result<(String, OsString), String> {
    let bytes = argument.as_bytes();
    let refuse = || format!("{} is no order", argument.display());
    let equals = bytes.iter().position(|byte| *byte == b'=').ok_or_else(refuse)?;
    let name = std::str::from_utf8(&bytes[..equals]).map_err(|_| refuse())?;
    Ok((name.to_owned(), OsString::from_vec(bytes[equals + 1..].to_vec())))
}

fn number<Number: FromStr>(name: &str, value: &OsStr) -> Result<Number, String> {
    let value = value.to_string_lossy();
    value.parse().map_err(|_| format!("{name}={value} needs a number"))
}

fn resource(name: &str) -> Option<Resource> {
    Some(match name {
        "--processor" => Resource::Cpu,
        "--memory" => Resource::As,
        "--data" => Resource::Data,
        "--file-size" => Resource::Fsize,
        "--open-files" => Resource::Nofile,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        assert_eq!((orders.apart, orders.inside), (None, false));
    }

    #[test]
    fn where_a_program_may_connect_is_ordered_by_the_port_and_else_the_machines_own() {
        for network in [Network::Machine, Network::Port(4711), Network::Nowhere] {
            let order = network.argument().into_iter().chain(["--", "/bin/echo"].map(OsString::from));
            assert_eq!(Orders::parse(order).unwrap().network, network);
        }
    }

    #[test]
    fn the_process_inside_gets_the_same_orders() {
        let orders =
            parse(&["--work=/a=b", "--processes=9", "--folder=/x", "--", "/bin/echo", "--inside"]).unwrap();
        let inside = Orders::parse(orders.for_inside()).unwrap();
        assert!(inside.inside && !orders.inside);
        assert_eq!((&inside.apart, &inside.limits), (&orders.apart, &orders.limits));
        assert_eq!(inside.arguments, ["--inside"]);
        let apart = inside.apart.unwrap();
        assert_eq!((apart.work.as_path(), apart.processes), (Path::new("/a=b"), 9));
    }

    #[test]
    fn orders_that_are_not_understood_start_nothing() {
        for (arguments, words) in [
            (&["--memory=5"][..], "no program is named"),
            (&["--", "echo"][..], "echo is no absolute path"),
            (&["--memory=much", "--", "/bin/echo"][..], "--memory=much needs a number"),
            (&["--processes=", "--", "/bin/echo"][..], "--processes= needs a number"),
            (&["--tcp=70000", "--", "/bin/echo"][..], "--tcp=70000 needs a number"),
            (&["--colour=1", "--", "/bin/echo"][..], "--colour is no limit"),
            (&["/bin/echo"][..], "/bin/echo is no order"),
        ] {
            assert_eq!(parse(arguments).unwrap_err(), words);
        }
    }
}

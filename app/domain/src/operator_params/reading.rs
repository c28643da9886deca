//! From words to meaning: one check per flag, used by the line and by the form's own fields alike.

use std::collections::BTreeMap;

use super::Flags;
use super::duration::{self, Limits};
use super::flag_table::{self, Effect, Flag, Kind};
use super::words::Argument;
use crate::name::NamespaceName;
use crate::repository::{Branch, RepositoryPath, check_tag_name};
use crate::violation::Rule;

/// Longest `--git-user` in characters: longer ones are not names.
pub(super) const AUTHOR_NAME_MAX: usize = 256;
/// Longest `--git-email` in characters (RFC 5321).
pub(super) const EMAIL_MAX: usize = 254;

/// Reads all arguments into `flags` and tells every fault.
pub(super) fn read(arguments: &[Argument], flags: &mut Flags, refuse: &mut impl FnMut(Rule)) {
    let mut seen: BTreeMap<&str, Value> = BTreeMap::new();
    let mut paths: Vec<&str> = Vec::new();
    for argument in arguments {
        let (flag, value) = match check(argument) {
            Ok(checked) => checked,
            Err(rule) => {
                refuse(rule);
                continue;
            }
        };
        if flag.kind != Kind::List
            && seen.insert(flag.name, value.clone()).is_some_and(|earlier| earlier != value)
        {
            refuse(Rule::ParameterTwice { flag: flag.name.to_owned() });
        }
        match flag.effect {
            Effect::WithoutEffect => flags.without_effect.push(argument.written.clone()),
            Effect::Works if flag.name == "--git-path" => {
                paths.extend(items(argument.value.as_deref().unwrap_or_default()));
            }
            Effect::Works => set(flags, flag.name, value).unwrap_or_else(&mut *refuse),
            Effect::Refused => {}
        }
    }
    flags.git_paths = read_paths(paths, refuse);
}

/// A value of its flag's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Boolean(bool),
    Text(String),
    Seconds(u64),
    List(Vec<String>),
}

/// Whether there is such a flag, it is not refused, and its value is of its kind.
fn check(argument: &Argument) -> Result<(&'static Flag, Value), Rule> {
    let name = argument.name.as_str();
    if !name.starts_with('-') || name.trim_start_matches('-').is_empty() {
        return Err(Rule::ParameterNotFlag { word: argument.written.clone() });
    }
    let flag = flag_table::find(name).ok_or_else(|| Rule::ParameterUnknown { flag: name.to_owned() })?;
    if flag.effect == Effect::Refused {
        return Err(Rule::ParameterRefused { flag: name.to_owned() });
    }
    let value = match (flag.kind, argument.value.as_deref().map(str::trim)) {
        (Kind::Boolean, None) => Value::Boolean(true),
        (Kind::Boolean, Some(value)) => {
            let refused = || Rule::ParameterBoolean { flag: name.to_owned(), value: value.to_owned() };
            Value::Boolean(boolean(value).ok_or_else(refused)?)
        }
        (_, None) => return Err(Rule::ParameterValueMissing { flag: name.to_owned() }),
        (Kind::Text, Some(value)) => Value::Text(value.to_owned()),
        (Kind::List, Some(value)) => Value::List(items(value).map(str::to_owned).collect()),
        (Kind::Duration(limits), Some(value)) => Value::Seconds(read_duration(name, value, limits)?),
    };
    Ok((flag, value))
}

fn set(flags: &mut Flags, name: &str, value: Value) -> Result<(), Rule> {
    match (name, value) {
        ("--git-branch", Value::Text(text)) => flags.git_branch = Branch::parse(&given(name, text)?)?,
        ("--git-user", Value::Text(text)) => flags.git_user = Some(check_author_name(given(name, text)?)?),
        ("--git-email", Value::Text(text)) => flags.git_email = Some(check_email(given(name, text)?)?),
        ("--git-label", Value::Text(text)) => {
            flags.git_label = Some(text).filter(|text| !text.is_empty());
            flags.git_label.as_deref().map_or(Ok(()), check_tag_name)?;
        }
        ("--git-sync-tag", Value::Text(text)) => {
            flags.git_sync_tag = given(name, text)?;
            check_tag_name(&flags.git_sync_tag)?;
        }
        ("--git-set-author", Value::Boolean(value)) => flags.git_set_author = value,
        ("--git-readonly", Value::Boolean(value)) => flags.git_readonly = value,
        ("--git-poll-interval", Value::Seconds(seconds)) => flags.git_poll_interval_seconds = seconds,
        ("--git-timeout", Value::Seconds(seconds)) => flags.git_timeout_seconds = seconds,
        ("--sync-interval", Value::Seconds(seconds)) => flags.sync_interval_seconds = seconds,
        ("--sync-timeout", Value::Seconds(seconds)) => flags.sync_timeout_seconds = seconds,
        ("--sync-garbage-collection", Value::Boolean(value)) => flags.sync_garbage_collection = value,
        ("--sync-garbage-collection-dry", Value::Boolean(value)) => flags.sync_garbage_collection_dry = value,
        ("--manifest-generation", Value::Boolean(value)) => flags.manifest_generation = value,
        ("--k8s-allow-namespace" | "--k8s-namespace-whitelist", Value::List(names)) => {
            for name in names {
                let name = NamespaceName::parse(&name)?;
                if !flags.allowed_namespaces.contains(&name) {
                    flags.allowed_namespaces.push(name);
                }
            }
        }
        ("--k8s-default-namespace", Value::Text(text)) => {
            flags.default_namespace = if text.is_empty() { None } else { Some(NamespaceName::parse(&text)?) };
        }
        // The table's own tests hold that every flag that works has its line above.
        _ => {}
    }
    Ok(())
}

fn given(flag: &str, text: String) -> Result<String, Rule> {
    if text.is_empty() { Err(Rule::ParameterValueMissing { flag: flag.to_owned() }) } else { Ok(text) }
}

/// The paths meant by a list: empty for the whole repository, which `.` means too, also beside others.
pub(super) fn read_paths<'a>(
    items: impl IntoIterator<Item = &'a str>,
    refuse: &mut impl FnMut(Rule),
) -> Vec<RepositoryPath> {
    let mut paths = Vec::new();
    let mut whole = false;
    for item in items {
        if matches!(item, "." | "./") {
            whole = true;
        } else {
            RepositoryPath::parse(item).map_or_else(&mut *refuse, |path| paths.push(path));
        }
    }
    if whole { Vec::new() } else { paths }
}

/// Seconds of a duration within its flag's limits.
pub(crate) fn read_duration(flag: &str, text: &str, limits: Limits) -> Result<u64, Rule> {
    let nanoseconds = duration::parse(text)
        .ok_or_else(|| Rule::ParameterDuration { flag: flag.to_owned(), value: text.to_owned() })?;
    if limits.contain(nanoseconds) {
        Ok(duration::whole_seconds(nanoseconds))
    } else {
        let Limits { min_seconds, max_seconds } = limits;
        Err(Rule::ParameterDurationRange { flag: flag.to_owned(), min_seconds, max_seconds })
    }
}

/// A name that Git can write into `Name <e-mail>`.
pub(super) fn check_author_name(text: String) -> Result<String, Rule> {
    if text.chars().count() > AUTHOR_NAME_MAX {
        return Err(Rule::TooLong { max: AUTHOR_NAME_MAX });
    }
    if text.contains(|character: char| character.is_control() || "<>".contains(character)) {
        return Err(Rule::AuthorName);
    }
    Ok(text)
}

/// Something before and after one `@`; whether it exists is not our concern.
pub(super) fn check_email(text: String) -> Result<String, Rule> {
    if text.chars().count() > EMAIL_MAX {
        return Err(Rule::TooLong { max: EMAIL_MAX });
    }
    let forbidden =
        |character: char| character.is_control() || character.is_whitespace() || "<>@".contains(character);
    let part = |part: &str| !part.is_empty() && !part.contains(forbidden);
    match text.split_once('@') {
        Some((user, host)) if part(user) && part(host) => Ok(text),
        _ => Err(Rule::EmailAddress),
    }
}

/// What Go's `strconv.ParseBool` takes.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The items of a comma list; empty ones say nothing.
pub(super) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

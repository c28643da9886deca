//! The parameters that have a field of their own in the form, both ways between line and fields.

use super::duration::{self, Limits};
use super::flag_table::Kind;
use super::words::{self, Argument};
use super::{Flags, reading};
use crate::configuration::ParameterFields;
use crate::repository::{Branch, RepositoryPath, check_tag_name};
use crate::violation::{Field, Rule, Violations};

impl ParameterFields {
    /// The fields that show what a line means.
    pub fn from_flags(flags: &Flags) -> Self {
        let checked = |value: bool| if value { "true".to_owned() } else { String::new() };
        let paths: Vec<&str> = flags.git_paths.iter().map(RepositoryPath::as_str).collect();
        Self {
            git_branch: flags.git_branch.as_str().to_owned(),
            git_path: paths.join(","),
            git_poll_interval: duration::format(flags.git_poll_interval_seconds),
            git_readonly: checked(flags.git_readonly),
            sync_garbage_collection: checked(flags.sync_garbage_collection),
            manifest_generation: checked(flags.manifest_generation),
            git_label: flags.git_label.clone().unwrap_or_default(),
            git_user: flags.git_user.clone().unwrap_or_default(),
            git_email: flags.git_email.clone().unwrap_or_default(),
        }
    }

    /// The line with what the fields say in place of what it said. Everything else in it stays, in its order; a
    /// flag that says the same already stays as written; a default is written only where the flag was given.
    /// A line with an open quote comes back as it is, for its own fault to be shown.
    pub fn merge_into(&self, line: &str) -> String {
        let line = words::unwrap_quotes(line);
        let Ok(mut arguments) = words::arguments(line) else { return line.to_owned() };
        let mut changed = false;
        for own in self.flags() {
            changed |= own.replace(&mut arguments);
        }
        if !changed {
            return line.to_owned();
        }
        let words: Vec<String> = arguments.into_iter().map(rewritten).collect();
        words.join(" ")
    }

    /// Every fault of the fields, each at its own field.
    pub fn violations(&self) -> Violations {
        let mut violations = Violations::default();
        for own in self.flags() {
            let value = own.value.trim();
            if value.is_empty() {
                continue;
            }
            let mut refuse = |rule| violations.push(own.field, rule);
            match own.field {
                Field::GitBranch => Branch::parse(value).map_or_else(refuse, drop),
                Field::GitPath => drop(reading::read_paths(reading::items(value), &mut refuse)),
                Field::GitLabel => check_tag_name(value).unwrap_or_else(refuse),
                Field::GitUser => reading::check_author_name(value.to_owned()).map_or_else(refuse, drop),
                Field::GitEmail => reading::check_email(value.to_owned()).map_or_else(refuse, drop),
                Field::GitPollInterval => {
                    reading::read_duration(own.flag, value, Limits::INTERVAL).map_or_else(refuse, drop);
                }
                _ if checkbox(value).is_none() => {
                    refuse(Rule::ParameterBoolean { flag: own.flag.to_owned(), value: value.to_owned() });
                }
                _ => {}
            }
        }
        violations
    }

    fn flags(&self) -> [OwnFlag<'_>; 9] {
        let Self {
            git_branch,
            git_path,
            git_poll_interval,
            git_readonly,
            sync_garbage_collection,
            manifest_generation,
            git_label,
            git_user,
            git_email,
        } = self;
        let own = |field, flag, kind, value| OwnFlag { field, flag, kind, value };
        let interval = Kind::Duration(Limits::INTERVAL);
        let line = Field::OperatorParams;
        [
            own(line, "--git-readonly", Kind::Boolean, git_readonly),
            own(Field::GitBranch, "--git-branch", Kind::Text, git_branch),
            own(Field::GitPath, "--git-path", Kind::List, git_path),
            own(Field::GitPollInterval, "--git-poll-interval", interval, git_poll_interval),
            own(Field::GitLabel, "--git-label", Kind::Text, git_label),
            own(Field::GitUser, "--git-user", Kind::Text, git_user),
            own(Field::GitEmail, "--git-email", Kind::Text, git_email),
            own(line, "--sync-garbage-collection", Kind::Boolean, sync_garbage_collection),
            own(line, "--manifest-generation", Kind::Boolean, manifest_generation),
        ]
    }
}

/// A flag with a field of its own, and what the field says.
struct OwnFlag<'a> {
    /// Where its faults belong; the boxes have none of their own.
    field: Field,
    flag: &'static str,
    kind: Kind,
    value: &'a str,
}

impl OwnFlag<'_> {
    /// Makes the line say what the field says; whether something had to be changed.
    fn replace(&self, arguments: &mut Vec<Argument>) -> bool {
        let given: Vec<Option<&str>> = arguments
            .iter()
            .filter(|argument| argument.name == self.flag)
            .map(|argument| argument.value.as_deref())
            .collect();
        if self.meaning(&given).is_some_and(|meaning| meaning == self.wanted()) {
            return false;
        }
        let at = arguments.iter().position(|argument| argument.name == self.flag);
        arguments.retain(|argument| argument.name != self.flag);
        if let Some(argument) = self.argument() {
            // Arc puts it in front too.
            let front = if self.flag == "--git-readonly" { 0 } else { arguments.len() };
            arguments.insert(at.unwrap_or(front).min(arguments.len()), argument);
        }
        true
    }

    /// What the field says, in a form that can be compared.
    fn wanted(&self) -> String {
        let value = self.value.trim();
        let value = match self.kind {
            Kind::Boolean => return checkbox(value).unwrap_or_default().to_string(),
            _ if value.is_empty() => return self.default(),
            _ => value,
        };
        self.comparable(value)
    }

    /// What the line says, in the same form; `None` when it contradicts itself or lacks a value.
    fn meaning(&self, given: &[Option<&str>]) -> Option<String> {
        if self.kind == Kind::Boolean {
            let given: Option<Vec<bool>> = given
                .iter()
                .map(|value| value.map_or(Some(true), |text| reading::boolean(text.trim())))
                .collect();
            let given = given?;
            let first = given.first().copied().unwrap_or_default();
            return given.iter().all(|value| *value == first).then(|| first.to_string());
        }
        let given: Option<Vec<&str>> = given.iter().copied().collect();
        let given = given?;
        if self.kind == Kind::List {
            return Some(self.comparable(&given.join(",")));
        }
        let mut meanings = given.into_iter().map(|value| self.comparable(value.trim()));
        let Some(first) = meanings.next() else { return Some(self.default()) };
        meanings.all(|meaning| meaning == first).then_some(first)
    }

    fn comparable(&self, value: &str) -> String {
        match self.kind {
            Kind::Duration(_) => duration::parse(value).map_or_else(
                || value.to_owned(),
                |nanoseconds| duration::whole_seconds(nanoseconds).to_string(),
            ),
            Kind::List => {
                let mut faulty = false;
                let paths = reading::read_paths(reading::items(value), &mut |_| faulty = true);
                let paths: Vec<&str> = paths.iter().map(RepositoryPath::as_str).collect();
                if faulty { value.to_owned() } else { paths.join(",") }
            }
            Kind::Text | Kind::Boolean => value.to_owned(),
        }
    }

    /// What Flux v1 does without the flag, in the same form.
    fn default(&self) -> String {
        match self.flag {
            "--git-branch" => Branch::flux_default().as_str().to_owned(),
            "--git-poll-interval" => Flags::default().git_poll_interval_seconds.to_string(),
            _ => String::new(),
        }
    }

    /// The flag as it is written into a line; `None` where it needs not be.
    fn argument(&self) -> Option<Argument> {
        let value = self.value.trim();
        let name = self.flag.to_owned();
        if self.kind == Kind::Boolean {
            let written = name.clone();
            return checkbox(value).unwrap_or_default().then_some(Argument { name, value: None, written });
        }
        let written = format!("{name}={}", words::quote(value));
        (!value.is_empty()).then(|| Argument { name, value: Some(value.to_owned()), written })
    }
}

/// What a box sends: nothing when it is not checked.
fn checkbox(value: &str) -> Option<bool> {
    match value {
        "" => Some(false),
        "on" => Some(true),
        value => reading::boolean(value),
    }
}

/// A word as it was, unless it begins with a quote: as first and last word such a line would be taken for one
/// with a pair of quotes around everything.
fn rewritten(argument: Argument) -> String {
    if !argument.written.starts_with(['\'', '"']) {
        return argument.written;
    }
    match argument.value {
        Some(value) => format!("{}={}", argument.name, words::quote(&value)),
        None => words::quote(&argument.name),
    }
}

#[cfg(test)]
mod tests;

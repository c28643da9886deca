use proptest::prelude::*;

use super::*;
use crate::operator_params::OperatorParams;
use crate::operator_params::tests::{flags, line, params};

#[test]
fn the_fields_show_what_the_line_means() {
    let fields = ParameterFields::from_flags(&flags(
        "--git-path=a --git-path=b --sync-garbage-collection --git-poll-interval=90s",
    ));
    let expected = ParameterFields {
        git_branch: "master".to_owned(),
        git_path: "a,b".to_owned(),
        git_poll_interval: "1m30s".to_owned(),
        git_readonly: "true".to_owned(),
        sync_garbage_collection: "true".to_owned(),
        ..ParameterFields::default()
    };
    assert_eq!(fields, expected);
}

fn merged(line: &str, edit: impl FnOnce(&mut ParameterFields)) -> String {
    let params = params(line);
    let mut fields = ParameterFields::from_flags(params.flags());
    edit(&mut fields);
    fields.merge_into(params.line())
}

#[test]
fn an_edited_field_changes_its_flag_alone() {
    let line = "--git-readonly  --git-path a --listen=:1 --git-branch=main";
    let merged = |edit: fn(&mut ParameterFields)| merged(line, edit);
    assert_eq!(merged(|_| {}), line);
    assert_eq!(
        merged(|fields| fields.git_branch = "dev".to_owned()),
        "--git-readonly --git-path a --listen=:1 --git-branch=dev"
    );
    assert_eq!(merged(|fields| fields.git_branch = String::new()), "--git-readonly --git-path a --listen=:1");
    assert_eq!(
        merged(|fields| fields.git_branch = "master".to_owned()),
        "--git-readonly --git-path a --listen=:1 --git-branch=master"
    );
    assert_eq!(
        merged(|fields| fields.git_path = "a, b c".to_owned()),
        "--git-readonly --git-path=\"a, b c\" --listen=:1 --git-branch=main"
    );
    assert_eq!(merged(|fields| fields.git_path = "a/".to_owned()), line, "says the same");
    assert_eq!(
        merged(|fields| fields.git_readonly = String::new()),
        "--git-path a --listen=:1 --git-branch=main"
    );
    assert_eq!(
        merged(|fields| fields.git_poll_interval = "1m".to_owned()),
        "--git-readonly --git-path a --listen=:1 --git-branch=main --git-poll-interval=1m"
    );
    assert_eq!(
        merged(|fields| fields.sync_garbage_collection = "on".to_owned()),
        "--git-readonly --git-path a --listen=:1 --git-branch=main --sync-garbage-collection"
    );
}

#[test]
fn fields_of_a_new_form_write_no_defaults() {
    let fields = ParameterFields {
        git_branch: "master".to_owned(),
        git_poll_interval: "5m".to_owned(),
        ..ParameterFields::default()
    };
    assert_eq!(fields.merge_into(""), "");
    let fields = ParameterFields { git_readonly: "on".to_owned(), git_path: "releases".to_owned(), ..fields };
    assert_eq!(
        fields.merge_into("--sync-timeout=2m"),
        "--git-readonly --sync-timeout=2m --git-path=releases"
    );
}

#[test]
fn a_field_wins_over_a_line_that_contradicts_itself() {
    let fields = ParameterFields { git_branch: "c".to_owned(), ..ParameterFields::default() };
    assert_eq!(fields.merge_into("--git-branch=a --git-branch=b --git-path"), "--git-branch=c");
    assert_eq!(fields.merge_into("--git-user='A"), "--git-user='A", "an open quote stays to be shown");
}

#[test]
fn a_word_in_quotes_left_alone_is_not_taken_for_a_line_in_quotes() {
    let line = ParameterFields { git_user: "A B".to_owned(), ..ParameterFields::default() }
        .merge_into("\"--git-user=A B\" --git-branch=main");
    assert_eq!(line, "--git-user=\"A B\"");
}

proptest! {
    #[test]
    fn line_to_fields_to_line_is_stable(line in line()) {
        if let Ok(params) = OperatorParams::parse(&line) {
            let fields = ParameterFields::from_flags(params.flags());
            prop_assert_eq!(fields.merge_into(params.line()), params.line());
            prop_assert!(fields.violations().is_empty());
        }
    }

    #[test]
    fn whatever_the_line_says_the_fields_win(line in line(), other in line()) {
        if let (Ok(line), Ok(other)) = (OperatorParams::parse(&line), OperatorParams::parse(&other)) {
            let fields = ParameterFields::from_flags(other.flags());
            let merged = OperatorParams::parse(&fields.merge_into(line.line()));
            let shown = |params: &OperatorParams| {
                let mut shown = ParameterFields::from_flags(params.flags());
                // Without an author the line may say read-only although the box is empty.
                if shown.git_user.is_empty() || shown.git_email.is_empty() {
                    shown.git_readonly.clear();
                }
                shown
            };
            prop_assert_eq!(merged.as_ref().map(shown), Ok(shown(&other)));
        }
    }

    #[test]
    fn nothing_a_form_can_send_brings_the_parser_down(line in r#"[-=a-z,'" é./]{0,40}"#, value in r#"[-=a-z,'" é./]{0,12}"#) {
        let fields = ParameterFields { git_branch: value.clone(), git_path: value.clone(), git_user: value, ..ParameterFields::default() };
        let merged = fields.merge_into(&line);
        if let Ok(params) = OperatorParams::parse(&merged) {
            prop_assert_eq!(OperatorParams::parse(params.line()), Ok(params.clone()));
        }
    }
}

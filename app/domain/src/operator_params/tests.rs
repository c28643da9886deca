use proptest::prelude::*;

use super::flag_table::{Effect, FLAGS, Kind};
use super::*;

pub(super) fn params(line: &str) -> OperatorParams {
    OperatorParams::parse(line).expect(line)
}

pub(super) fn flags(line: &str) -> Flags {
    params(line).flags
}

fn rules(line: &str) -> Vec<Rule> {
    let violations = OperatorParams::parse(line).expect_err(line);
    assert!(violations.0.iter().all(|violation| violation.field == Field::OperatorParams));
    violations.0.into_iter().map(|violation| violation.rule).collect()
}

fn paths(flags: &Flags) -> Vec<&str> {
    flags.git_paths.iter().map(RepositoryPath::as_str).collect()
}

#[test]
fn without_flags_everything_is_as_in_flux_but_read_only() {
    let params = params("");
    assert_eq!(params.line(), "--git-readonly");
    assert_eq!(params.flags(), &Flags { git_readonly: true, ..Flags::default() });
}

#[test]
fn each_flag_that_works_changes_what_the_line_means() {
    for flag in FLAGS.iter().filter(|flag| flag.effect == Effect::Works) {
        let line = match (flag.name, flag.kind) {
            ("--git-email", _) => "--git-email=a@b".to_owned(),
            ("--git-readonly", _) => "--git-readonly --git-user=a --git-email=a@b".to_owned(),
            (name, Kind::Boolean) => name.to_owned(),
            (name, Kind::Duration(_)) => format!("{name} 59s"),
            (name, Kind::Text | Kind::List) => format!("{name}=other"),
        };
        let without = line.replace(flag.name, "--git-ci-skip-message");
        let without = if flag.kind == Kind::Boolean { without.replace("-message", "") } else { without };
        let meaning = |line: &str| Flags { without_effect: Vec::new(), ..flags(line) };
        assert_ne!(meaning(&line), meaning(&without), "{line}");
    }
}

#[test]
fn the_nine_parameters_of_the_tutorial_are_read() {
    let flags = flags(
        "--git-branch=main --git-path=releases,apps/prod --git-readonly --manifest-generation=true \
         --git-poll-interval=1m --sync-garbage-collection --git-label=prod --git-user=\"Weave Flux\" \
         --git-email=flux@example.com",
    );
    assert_eq!(flags.git_branch.as_str(), "main");
    assert_eq!(paths(&flags), ["releases", "apps/prod"]);
    assert!(flags.git_readonly && flags.manifest_generation && flags.sync_garbage_collection);
    assert_eq!(flags.git_poll_interval_seconds, 60);
    assert_eq!(flags.git_label.as_deref(), Some("prod"));
    assert_eq!(flags.git_user.as_deref(), Some("Weave Flux"));
    assert_eq!(flags.git_email.as_deref(), Some("flux@example.com"));
}

#[test]
fn a_value_may_stand_behind_a_blank_and_everything_in_one_pair_of_quotes() {
    let expected = flags("--git-readonly --git-poll-interval=1m --git-path=a");
    for line in [
        "--git-readonly --git-poll-interval 1m --git-path a",
        "'--git-readonly --git-poll-interval 1m --git-path=a'",
        "\"--git-readonly --git-poll-interval=1m --git-path 'a'\"",
        "  --git-readonly   --git-poll-interval   1m --git-path=\"a\"  ",
        "--git-poll-interval=60s --git-path=a/",
    ] {
        assert_eq!(flags(line), expected, "{line}");
    }
}

#[test]
fn read_only_is_put_in_front_unless_user_and_email_are_given() {
    assert_eq!(params(" --git-path=a ").line(), "--git-readonly --git-path=a");
    assert_eq!(params("'--git-path=a'").line(), "--git-readonly --git-path=a");
    assert_eq!(params("--git-user=a").line(), "--git-readonly --git-user=a");
    assert_eq!(params("--git-path=a --git-readonly").line(), "--git-path=a --git-readonly");
    let pushing = params("--git-user=a --git-email=a@b");
    assert_eq!(pushing.line(), "--git-user=a --git-email=a@b");
    assert!(!pushing.flags().git_readonly);
    assert!(!flags("--git-readonly=false").git_readonly, "said so is said so");
}

#[test]
fn paths_are_collected_from_lists_and_repetitions() {
    assert_eq!(paths(&flags("--git-path=a,b --git-path c/")), ["a", "b", "c"]);
    assert_eq!(paths(&flags("--git-path=a,,b,")), ["a", "b"]);
    for whole in
        ["--git-path=", "--git-path=.", "--git-path=./", "--git-path=.,a", "--git-path=a --git-path=."]
    {
        assert!(flags(whole).git_paths.is_empty(), "{whole}");
    }
}

#[test]
fn both_names_of_the_allowed_namespaces_count() {
    let flags = flags("--k8s-allow-namespace=a,b --k8s-namespace-whitelist=b,c --k8s-default-namespace=d");
    let names: Vec<&str> = flags.allowed_namespaces.iter().map(NamespaceName::as_str).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(flags.default_namespace.as_ref().map(NamespaceName::as_str), Some("d"));
}

#[test]
fn flags_without_effect_are_accepted_and_named_as_written() {
    let flags =
        flags("--registry-disable-scanning --registry-exclude-image '*' --git-readonly --listen=:3031");
    assert_eq!(
        flags.without_effect,
        ["--registry-disable-scanning", "--registry-exclude-image '*'", "--listen=:3031"]
    );
}

#[test]
fn every_flag_of_the_table_is_accepted_or_refused_by_name() {
    for flag in FLAGS {
        let line = match flag.kind {
            Kind::Boolean => flag.name.to_owned(),
            Kind::Duration(_) => format!("{} 30s", flag.name),
            Kind::Text if flag.name == "--git-email" => format!("{} a@b", flag.name),
            Kind::Text | Kind::List => format!("{} a", flag.name),
        };
        match flag.effect {
            Effect::Refused => {
                assert_eq!(rules(&line), [Rule::ParameterRefused { flag: flag.name.to_owned() }]);
            }
            Effect::Works => assert!(flags(&line).without_effect.is_empty(), "{line}"),
            Effect::WithoutEffect => assert_eq!(flags(&line).without_effect, [line]),
        }
    }
}

#[test]
fn all_faults_of_a_line_are_told_at_once() {
    let flag = |flag: &str| flag.to_owned();
    assert_eq!(
        rules(
            "word --git-url=x --git-brunch main --git-branch=a..b --git-path=/etc,../x --git-path=ok \
             --git-readonly=maybe --git-poll-interval=soon --git-timeout=1h --sync-interval=500ms --git-label=a:b \
             --git-user=a<b> --git-email=nobody --k8s-default-namespace=A --memcached-timeout=x --git-sync-tag"
        ),
        [
            Rule::ParameterNotFlag { word: flag("word") },
            Rule::ParameterRefused { flag: flag("--git-url") },
            Rule::ParameterUnknown { flag: flag("--git-brunch") },
            Rule::BranchName,
            Rule::ParameterBoolean { flag: flag("--git-readonly"), value: flag("maybe") },
            Rule::ParameterDuration { flag: flag("--git-poll-interval"), value: flag("soon") },
            Rule::ParameterDurationRange { flag: flag("--git-timeout"), min_seconds: 1, max_seconds: 600 },
            Rule::ParameterDurationRange {
                flag: flag("--sync-interval"),
                min_seconds: 1,
                max_seconds: 86_400
            },
            Rule::TagName,
            Rule::AuthorName,
            Rule::EmailAddress,
            Rule::NamespaceName { name: flag("A") },
            Rule::ParameterDuration { flag: flag("--memcached-timeout"), value: flag("x") },
            Rule::ParameterValueMissing { flag: flag("--git-sync-tag") },
            Rule::RepositoryPath { path: flag("/etc") },
            Rule::RepositoryPath { path: flag("../x") },
        ]
    );
}

#[test]
fn a_branch_or_path_that_would_do_harm_is_refused() {
    for branch in ["--upload-pack=x", "-x", "refs/heads/../../x", "HEAD^{/x}", "'a b'", "@{-1}"] {
        assert_eq!(rules(&format!("--git-branch={branch}")), [Rule::BranchName], "{branch}");
    }
    for path in ["../..", "/etc", "a/../../b", "%2e%2e/", ".git", ".git/config"] {
        let rule = Rule::RepositoryPath { path: path.to_owned() };
        assert_eq!(rules(&format!("--git-path={path}")), [rule], "{path}");
    }
    for bad in ["--git-branch=a\0b", "--git-path=a\nb", "--git-path=a\0"] {
        assert_eq!(rules(bad), [Rule::ControlCharacter], "{bad:?}");
    }
    assert_eq!(rules(&format!("--git-path={}", "a".repeat(4096))), [Rule::TooLong { max: 1024 }]);
}

#[test]
fn one_flag_says_one_thing() {
    let twice = |flag: &str| vec![Rule::ParameterTwice { flag: flag.to_owned() }];
    assert_eq!(rules("--git-branch=a --git-branch b"), twice("--git-branch"));
    assert_eq!(rules("--git-readonly --git-readonly=false"), twice("--git-readonly"));
    assert_eq!(
        flags("--git-branch=a --git-branch a --git-poll-interval=1m --git-poll-interval=60s")
            .git_branch
            .as_str(),
        "a"
    );
}

#[test]
fn what_is_no_flag_is_named() {
    let word = |word: &str| vec![Rule::ParameterNotFlag { word: word.to_owned() }];
    let unknown = |flag: &str| vec![Rule::ParameterUnknown { flag: flag.to_owned() }];
    assert_eq!(rules("\u{2013}git-branch"), word("\u{2013}git-branch"));
    assert_eq!(rules("--"), word("--"));
    assert_eq!(rules("--git-readonly false"), word("false"));
    assert_eq!(rules("-git-branch=main"), unknown("-git-branch"));
    assert_eq!(rules("--git-Branch main"), unknown("--git-Branch"));
    assert_eq!(
        rules("--git-branch --git-readonly"),
        [Rule::ParameterValueMissing { flag: "--git-branch".to_owned() }]
    );
    assert_eq!(rules("--git-user='A B"), [Rule::ParameterQuote]);
    assert_eq!(rules(&"a".repeat(8193)), [Rule::TooLong { max: 8192 }]);
}

#[test]
fn the_flag_that_arc_puts_in_front_counts_for_the_length() {
    let line = |length: usize| format!("--git-branch={:length$}--git-timeout=30s", "main");
    let put_in_front = "--git-readonly ".len();
    let rest = line(0).len() - "main".len();
    let longest = params(&line(8192 - rest - put_in_front));
    assert_eq!(longest.line().len(), 8192);
    assert_eq!(OperatorParams::parse(longest.line()).as_ref(), Ok(&longest));
    assert_eq!(rules(&line(8192 - rest - put_in_front + 1)), [Rule::TooLong { max: 8192 }]);
}

#[test]
fn operator_params_read_back_from_storage_are_parsed_again() {
    let params = params("--git-branch=main");
    let json = serde_json::to_string(&params).expect("a string");
    assert_eq!(json, r#""--git-readonly --git-branch=main""#);
    assert_eq!(serde_json::from_str::<OperatorParams>(&json).ok(), Some(params));
    assert!(serde_json::from_str::<OperatorParams>(r#""--git-path=../..""#).is_err());
}

/// Words that come together to lines that are valid for the most part.
pub(super) fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "--git-branch[= ](main|'rel/1'|master)",
        "--git-path[= ](a|a/b/|\"c d\"|\\./x,y|\\.|'')",
        "--git-poll-interval[= ](5m|300s|90s|1\\.5h|5500ms)",
        "--git-user[= ](ada|\"A B\"|'say \"hi\"')",
        "--git-email[= ]a@b",
        "--git-label=(|prod)",
        "(--git-readonly|--manifest-generation|--sync-garbage-collection)(|=true|=F)",
        "(--listen :1|--registry-trace|--sync-timeout=2m|\"--git-ci-skip-message=a b\")",
    ];
    let lines = proptest::collection::vec(word, 0..6).prop_map(|words| words.join("  "));
    (lines, "['\"]?").prop_map(|(line, quote)| format!("{quote}{line}{quote}"))
}

proptest! {
    #[test]
    fn a_stored_line_is_parsed_to_itself(line in line()) {
        if let Ok(params) = OperatorParams::parse(&line) {
            prop_assert_eq!(OperatorParams::parse(params.line()), Ok(params.clone()));
        }
    }
}

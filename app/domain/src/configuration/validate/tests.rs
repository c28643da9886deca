use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::configuration::ParameterFields;

const URL: &str = "https://github.com/Azure/arc-k8s-demo";

fn draft(edit: impl FnOnce(&mut ConfigurationDraft)) -> ConfigurationDraft {
    let mut draft = ConfigurationDraft {
        name: "cluster-config".to_owned(),
        repository_url: URL.to_owned(),
        ..ConfigurationDraft::default()
    };
    edit(&mut draft);
    draft
}

fn spec(edit: impl FnOnce(&mut ConfigurationDraft)) -> ConfigurationSpec {
    draft(edit).validate().expect("valid")
}

fn faults(edit: impl FnOnce(&mut ConfigurationDraft)) -> Vec<(Field, Rule)> {
    let violations = draft(edit).validate().expect_err("faults");
    violations.0.into_iter().map(|violation| (violation.field, violation.rule)).collect()
}

/// Each case: what is typed into a field, and what is said there; `None` when it is allowed.
fn check(field: Field, set: fn(&mut ConfigurationDraft, String), cases: &[(&str, Option<Rule>)]) {
    for (text, rule) in cases {
        let found = draft(|draft| set(draft, (*text).to_owned())).validate().err().unwrap_or_default();
        let expected: Vec<(Field, Rule)> = rule.iter().map(|rule| (field, rule.clone())).collect();
        let found: Vec<(Field, Rule)> =
            found.0.into_iter().map(|violation| (violation.field, violation.rule)).collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn a_name_and_a_url_are_enough() {
    let spec = spec(|_| {});
    assert_eq!(spec.name.as_str(), "cluster-config");
    assert_eq!(spec.operator_instance_name.as_str(), "cluster-config");
    assert_eq!(spec.operator_namespace.as_str(), "default");
    assert_eq!(spec.operator_scope, OperatorScope::Cluster);
    assert_eq!(spec.repository_url.as_str(), URL);
    assert_eq!(spec.operator_params.line(), "--git-readonly");
    assert_eq!((spec.ssh_known_hosts, spec.helm_operator), (None, None));
}

#[test]
fn an_empty_draft_lacks_a_name_and_a_url_and_nothing_else() {
    let violations = ConfigurationDraft::default().validate().expect_err("faults");
    let fields: Vec<Field> = violations.0.iter().map(|violation| violation.field).collect();
    assert_eq!(fields, [Field::ConfigurationName, Field::RepositoryUrl]);
    assert!(violations.0.iter().all(|violation| violation.rule == Rule::Required));
}

#[test]
fn a_name_is_at_most_63_lower_case_letters_digits_and_hyphens() {
    let set = |draft: &mut ConfigurationDraft, text| {
        draft.name = text;
        draft.operator_instance_name = "operator".to_owned();
    };
    check(
        Field::ConfigurationName,
        set,
        &[
            (&"a".repeat(63), None),
            (" a-1 ", None),
            (&"a".repeat(64), Some(Rule::TooLong { max: 63 })),
            ("", Some(Rule::Required)),
            ("-a", Some(Rule::LowercaseName)),
            ("a-", Some(Rule::LowercaseName)),
            ("A", Some(Rule::LowercaseName)),
            ("a_b", Some(Rule::LowercaseName)),
        ],
    );
}

#[test]
fn instance_name_and_namespace_have_at_most_23_characters() {
    let cases = [
        ("a".repeat(23), None),
        ("a".repeat(24), Some(Rule::TooLong { max: 23 })),
        (String::new(), None),
        ("a.b".to_owned(), Some(Rule::LowercaseName)),
        ("a-".to_owned(), Some(Rule::LowercaseName)),
    ];
    let cases: Vec<(&str, Option<Rule>)> =
        cases.iter().map(|(text, rule)| (text.as_str(), rule.clone())).collect();
    check(Field::OperatorInstanceName, |draft, text| draft.operator_instance_name = text, &cases);
    check(Field::OperatorNamespace, |draft, text| draft.operator_namespace = text, &cases);
}

#[test]
fn a_long_name_that_the_instance_follows_breaks_the_instance_name() {
    let long = faults(|draft| draft.name = "a".repeat(24));
    assert_eq!(long, [(Field::OperatorInstanceName, Rule::TooLong { max: 23 })]);
    let wrong = faults(|draft| draft.name = "A".to_owned());
    assert_eq!(wrong, [(Field::ConfigurationName, Rule::LowercaseName)]);
}

#[test]
fn scope_type_and_switch_are_one_of_their_words() {
    let scope = Some(one_of(&["cluster", "namespace"]));
    let cases = [("", None), ("cluster", None), ("Namespace", None), ("all", scope)];
    check(Field::OperatorScope, |draft, text| draft.operator_scope = text, &cases);
    let cases = [("", None), ("Flux", None), ("flux", None), ("argo", Some(one_of(&["Flux"])))];
    check(Field::OperatorType, |draft, text| draft.operator_type = text, &cases);
    let cases = [
        ("", None),
        ("on", None),
        ("true", None),
        ("False", None),
        ("yes", Some(one_of(&["true", "false"]))),
    ];
    check(Field::EnableHelmOperator, |draft, text| draft.enable_helm_operator = text, &cases);
    assert_eq!(
        spec(|draft| draft.operator_scope = "NAMESPACE".to_owned()).operator_scope,
        OperatorScope::Namespace
    );
}

#[test]
fn repositories_are_reached_by_http_ssh_and_git() {
    check(
        Field::RepositoryUrl,
        |draft, text| draft.repository_url = text,
        &[
            (URL, None),
            ("http://127.0.0.1:8080/demo.git", None),
            ("https://org@dev.azure.com/org/project/_git/demo", None),
            ("ssh://git@github.com/Azure/demo", None),
            ("git@github.com:Azure/demo", None),
            ("git://github.com/Azure/demo", None),
            ("https://user:pw@host/x", Some(Rule::RepositoryUrlPassword)),
            ("ext::sh -c x", Some(Rule::RepositoryUrlScheme { scheme: "ext".to_owned() })),
        ],
    );
}

#[test]
fn known_hosts_are_base64_of_host_key_lines_and_go_with_ssh_only() {
    let good = STANDARD
        .encode("host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n");
    let with = |url: &str, known_hosts: &str| {
        faults(|draft| {
            draft.repository_url = url.to_owned();
            draft.ssh_known_hosts = known_hosts.to_owned();
        })
    };
    assert_eq!(with(URL, &good), [(Field::SshKnownHosts, Rule::KnownHostsWithHttp)]);
    let ssh = "git@host:x";
    let kept = spec(|draft| {
        draft.repository_url = ssh.to_owned();
        draft.ssh_known_hosts = good.clone();
    });
    assert_eq!(kept.ssh_known_hosts, Some(good));
    assert_eq!(with(ssh, "host ssh-ed25519"), [(Field::SshKnownHosts, Rule::Base64Text)]);
    let line = STANDARD.encode("# one\nhost\n");
    assert_eq!(with(ssh, &line), [(Field::SshKnownHosts, Rule::KnownHostsLine { line: 2 })]);
}

#[test]
fn the_helm_operator_has_a_default_version_and_is_nothing_when_switched_off() {
    let helm = spec(|draft| draft.enable_helm_operator = "on".to_owned()).helm_operator;
    assert_eq!(helm, Some(HelmOperator { chart_version: "1.2.0".to_owned(), chart_values: String::new() }));
    let off = spec(|draft| {
        draft.chart_version = "nonsense".to_owned();
        draft.chart_values = "nonsense".to_owned();
    });
    assert_eq!(off.helm_operator, None);
    let wrong = faults(|draft| {
        draft.enable_helm_operator = "true".to_owned();
        draft.chart_version = "1.1.0".to_owned();
        draft.chart_values = "a=b".to_owned();
    });
    let min = "1.2.0".to_owned();
    assert_eq!(
        wrong,
        [
            (Field::ChartVersion, Rule::ChartVersionTooOld { min }),
            (Field::ChartValues, Rule::ChartValues { word: "a=b".to_owned() }),
        ]
    );
}

#[test]
fn all_faults_are_told_at_once_each_at_its_field() {
    let found = faults(|draft| {
        draft.name = "A".to_owned();
        draft.operator_instance_name = "B".to_owned();
        draft.operator_namespace = "C".to_owned();
        draft.operator_scope = "D".to_owned();
        draft.operator_type = "E".to_owned();
        draft.repository_url = "F".to_owned();
        draft.operator_params = "G".to_owned();
        draft.ssh_known_hosts = "H".to_owned();
        draft.enable_helm_operator = "true".to_owned();
        draft.chart_version = "I".to_owned();
        draft.chart_values = "J".to_owned();
    });
    let fields: Vec<Field> = found.into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        fields,
        [
            Field::ConfigurationName,
            Field::OperatorInstanceName,
            Field::OperatorNamespace,
            Field::OperatorScope,
            Field::OperatorType,
            Field::RepositoryUrl,
            Field::OperatorParams,
            Field::SshKnownHosts,
            Field::ChartVersion,
            Field::ChartValues,
        ]
    );
}

#[test]
fn fields_of_the_form_win_over_the_line() {
    let spec = spec(|draft| {
        draft.operator_params = "--git-branch=a..b --git-path --sync-timeout=2m".to_owned();
        draft.parameters =
            Some(ParameterFields { git_branch: "main".to_owned(), ..ParameterFields::default() });
    });
    assert_eq!(spec.operator_params.line(), "--git-readonly --git-branch=main --sync-timeout=2m");
}

#[test]
fn a_fault_of_a_parameter_field_is_told_there() {
    let found = faults(|draft| {
        draft.operator_params = "--git-url=x".to_owned();
        draft.parameters = Some(ParameterFields {
            git_branch: "-x".to_owned(),
            git_path: "/etc,ok,../x".to_owned(),
            git_poll_interval: "500ms".to_owned(),
            git_readonly: "perhaps".to_owned(),
            git_label: "a b".to_owned(),
            git_user: "a\nb".to_owned(),
            git_email: "nobody".to_owned(),
            ..ParameterFields::default()
        });
    });
    let path = |path: &str| (Field::GitPath, Rule::RepositoryPath { path: path.to_owned() });
    let flag = "--git-poll-interval".to_owned();
    let boolean = Rule::ParameterBoolean { flag: "--git-readonly".to_owned(), value: "perhaps".to_owned() };
    assert_eq!(
        found,
        [
            (Field::OperatorParams, boolean),
            (Field::GitBranch, Rule::BranchName),
            path("/etc"),
            path("../x"),
            (
                Field::GitPollInterval,
                Rule::ParameterDurationRange { flag, min_seconds: 1, max_seconds: 86_400 }
            ),
            (Field::GitLabel, Rule::TagName),
            (Field::GitUser, Rule::AuthorName),
            (Field::GitEmail, Rule::EmailAddress),
            (Field::OperatorParams, Rule::ParameterRefused { flag: "--git-url".to_owned() }),
        ]
    );
}

#[test]
fn a_spec_shown_in_a_form_and_saved_again_is_the_same() {
    let spec = spec(|draft| {
        draft.operator_params = "--git-path=a --git-path=b --listen=:1".to_owned();
        draft.operator_scope = "namespace".to_owned();
        draft.operator_namespace = "itops".to_owned();
        draft.enable_helm_operator = "on".to_owned();
        draft.chart_version = "1.4.0".to_owned();
        draft.chart_values = "--set helm.versions=v3".to_owned();
    });
    let again = ConfigurationDraft::from_spec(&spec).validate();
    assert_eq!(again.as_ref(), Ok(&spec));
    let json = serde_json::to_string(&spec).expect("text");
    assert_eq!(serde_json::from_str(&json).ok(), Some(spec));
}

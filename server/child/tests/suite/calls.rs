use std::path::Path;

use child::{ChildError, Launcher, Program};

use crate::{launcher, shell, text};

#[tokio::test]
async fn arguments_reach_the_program_literally() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark").display().to_string();
    let arguments = [
        format!(";touch {mark}"),
        format!("$(touch {mark})"),
        format!("`touch {mark}`"),
        format!("|touch {mark}"),
        format!("&& touch {mark}"),
        "--post-renderer=touch".into(),
        "a b\tc".into(),
        "line\nline".into(),
        "'\"\\".into(),
        "*".into(),
        String::new(),
        "--".into(),
        "--memory=1".into(),
    ];
    let printf = Program::find("printf").unwrap();
    let output = launcher().command(&printf).arg("<%s>").args(&arguments).run().await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("<{}>", arguments.join("><")));
    assert!(!Path::new(&mark).exists());
}

#[tokio::test]
async fn only_the_given_environment_reaches_the_program() {
    let env = Program::find("env").unwrap();
    let output = launcher().command(&env).env("LC_ALL", "C").run().await.unwrap();
    let mut names: Vec<_> = text(&output.stdout)
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["HOME", "LC_ALL", "PATH", "TMPDIR"]);
}

#[tokio::test]
async fn the_home_is_private_and_goes_with_the_call() {
    let homes = tempfile::tempdir().unwrap();
    let launcher = launcher().with_homes(homes.path());
    let script = "echo secret > \"$HOME/file\" && pwd && stat -c %a . file && ls \"$HOME\"";
    let output = launcher.command(&Program::find("sh").unwrap()).args(["-c", script]).run().await.unwrap();
    let answer = text(&output.stdout);
    let lines: Vec<_> = answer.lines().collect();
    assert!(Path::new(lines[0]).starts_with(homes.path().canonicalize().unwrap()));
    assert_eq!(lines[1..], ["700", "600", "file"]);
    assert_eq!(std::fs::read_dir(homes.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_call_starts_in_the_folder_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let output = shell("pwd").folder(folder.path()).run().await.unwrap();
    assert_eq!(Path::new(&text(&output.stdout)), folder.path().canonicalize().unwrap());
}

#[tokio::test]
async fn input_reaches_the_program_and_ends() {
    // More than a pipe holds, so that reading and writing have to go on side by side.
    let input: Vec<u8> = (0..400_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let cat = Program::find("cat").unwrap();
    let output = launcher().command(&cat).input(input.clone()).run().await.unwrap();
    assert!(output.stdout == input, "{} bytes came back", output.stdout.len());
}

#[tokio::test]
async fn a_program_that_ignores_its_input_is_no_error() {
    let output = shell("exit 3").input(vec![b'x'; 400_000]).run().await.unwrap();
    assert_eq!(output.status.code(), Some(3));
}

#[tokio::test]
async fn standard_error_and_exit_code_come_back() {
    let output = shell("echo out; echo err >&2; exit 128").run().await.unwrap();
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("out".into(), "err".into()));
    assert_eq!(output.status.code(), Some(128));
}

#[tokio::test]
async fn there_is_no_terminal_to_ask_on() {
    let output = shell("(: < /dev/tty) 2>/dev/null && echo terminal || echo none").run().await.unwrap();
    assert_eq!(text(&output.stdout), "none");
}

#[tokio::test]
async fn a_file_that_is_no_program_is_named_in_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken");
    std::fs::write(&path, "\u{7f}ELF but not really").unwrap();
    assert!(matches!(Program::at(&path), Err(ChildError::NotFound { .. })));
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let error = launcher().command(&Program::at(&path).unwrap()).run().await.unwrap_err();
    let ChildError::NotStarted { program, detail } = error else { panic!("{error}") };
    assert_eq!(program, "broken");
    assert!(detail.contains("Exec format error"), "{detail}");
}

#[tokio::test]
async fn a_missing_program_and_a_missing_launcher_are_told_apart() {
    let error = Program::find("fairlead-no-such-program").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the program fairlead-no-such-program was not found: install it, or put its folder on PATH"
    );
    let launcher = Launcher::new(Path::new("/nowhere/fairlead"));
    let error = launcher.command(&Program::find("true").unwrap()).run().await.unwrap_err();
    assert!(matches!(error, ChildError::NotStarted { .. }), "{error}");
}

#[test]
fn the_tests_of_other_crates_find_the_launcher() {
    assert!(Launcher::for_tests().is_ok());
}

//! Generators at their worst.

use std::net::TcpListener;
use std::time::Instant;

use engine::load::GenerationProblem;

use super::*;

fn shell(script: &str) -> MemoryTree {
    let command = format!("sh -c '{script}'");
    MemoryTree::new(&[("a/.flux.yaml", &flux_yaml(&[&command])), ("a/kustomization.yaml", KUSTOMIZATION)])
}

#[tokio::test]
async fn one_that_hangs_is_ended_at_its_time_or_at_that_of_the_sync() {
    let started = Instant::now();
    let hangs = shell("trap : TERM; while :; do sleep 600; done");
    let error = generate_with(&generator(), hangs, &["a"], Duration::from_secs(1)).await.unwrap_err();
    assert!(error.to_string().ends_with("sh did not end within 1 seconds"), "{error}");
    let own = "version: 1\ncommandUpdated: {generators: [{command: sleep 600, timeout: 1s}]}\n";
    let settings = Settings { programs: Settings::programs("sleep").unwrap(), ..settings() };
    let tree = MemoryTree::new(&[("a/.flux.yaml", own)]);
    let error = generate_with(&with(settings), tree, &["a"], PATIENCE).await.unwrap_err();
    assert!(error.to_string().ends_with("sleep did not end within 1 seconds"), "{error}");
    assert!(started.elapsed() < PATIENCE);
}

#[tokio::test]
async fn one_that_only_forks_is_stopped_and_named() {
    let error = failure(shell("i=0; while [ $i -lt 2000 ]; do sleep 60 & i=$((i+1)); done"), &["a"]).await;
    assert!(error.to_lowercase().contains("fork"), "{error}");
}

#[tokio::test]
async fn one_that_prints_a_gigabyte_is_cut() {
    let error = failure(shell("head -c 1000000000 /dev/zero"), &["a"]).await;
    assert!(error.ends_with("sh wrote more than 33554432 bytes"), "{error}");
    let error = failure(shell("head -c 1000000000 /dev/zero >&2"), &["a"]).await;
    assert!(error.ends_with("sh wrote more than 33554432 bytes"), "{error}");
}

#[tokio::test]
async fn one_that_wants_all_memory_or_all_disk_gets_neither() {
    let error = failure(shell("tail -n 1 /dev/zero"), &["a"]).await;
    assert!(error.contains("memory exhausted"), "{error}");
    let error = failure(shell("head -c 100000000 /dev/zero > $HOME/x"), &["a"]).await;
    assert!(error.contains("ended"), "{error}");
}

#[tokio::test]
async fn no_connection_leaves_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("exec bash -c \"echo x > /dev/tcp/127.0.0.1/{port}\"");
    let error = failure(shell(&script), &["a"]).await;
    assert!(error.contains("unreachable") || error.contains("not found"), "{error}");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_program_that_is_not_listed_and_a_shell_line_are_refused_by_name() {
    // S-B2
    for (command, words) in [
        ("touch /tmp/pwned", "the program touch is not run here"),
        ("kustomize build . | tee x", "without a shell"),
        ("kustomize build --enable-exec .", "--enable-exec is not allowed here"),
    ] {
        let tree = MemoryTree::new(&[("a/.flux.yaml", &flux_yaml(&[command]))]);
        let error = generate(tree, &["a"]).await.unwrap_err();
        let LoadError::Generation { file, command: named, problem: GenerationProblem::Refused(sentence) } =
            error
        else {
            panic!("{error}")
        };
        assert_eq!((file.as_str(), named.as_str()), ("a/.flux.yaml:4", command));
        assert!(sentence.contains(words), "{sentence}");
    }
}

#[tokio::test]
async fn what_it_prints_of_its_own_is_not_told_when_it_fails() {
    let error = failure(shell("echo canary; echo why >&2; exit 3"), &["a"]).await;
    assert_eq!(
        error,
        "a/.flux.yaml:4: sh -c 'echo canary; echo why >&2; exit 3': sh ended with exit code 3\nwhy"
    );
}

#[tokio::test]
async fn without_isolation_it_runs_when_the_administrator_accepts_that() {
    let settings = Settings { without_isolation: true, ..settings() };
    let tree = shell("cat kustomization.yaml");
    let generation = generate_with(&with(settings), tree, &["a"], PATIENCE).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&generation.generated[0].bytes), KUSTOMIZATION);
}

#[tokio::test]
async fn without_a_renderer_the_sentence_says_who_can_help() {
    let settings = Settings { renderer: None, ..settings() };
    let tree = MemoryTree::new(&[("a/.flux.yaml", &flux_yaml(&["kustomize build ."])), ("a/x", "")]);
    let error = generate_with(&with(settings), tree, &["a"], PATIENCE).await.unwrap_err();
    assert!(error.to_string().contains("ask the administrator"), "{error}");
}

#[tokio::test]
async fn more_files_than_a_generator_gets_are_a_limit_with_its_number() {
    let tree = (0..20_001).fold(shell("true"), |tree, number| tree.file(&format!("f/{number}"), ""));
    let error = failure(tree, &["a"]).await;
    assert!(error.ends_with("more than 20000 files for a generator"), "{error}");
}

#[tokio::test]
async fn its_folder_goes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { folder: folder.path().to_path_buf(), ..settings() };
    let generator = with(settings);
    generate_with(&generator, shell("true"), &["a"], PATIENCE).await.unwrap();
    generate_with(&generator, shell("false"), &["a"], PATIENCE).await.unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

//! What a program apart can and cannot do. A shell stands for the worst that a generator could be.

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use child::{ChildError, Command, Isolation, Limits, WORK};
use tempfile::TempDir;

use crate::{shell, text};

const MEBIBYTE: u64 = 1024 * 1024;

fn work() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("inner")).expect("a folder inside");
    std::fs::write(folder.path().join("inner/file"), "content").expect("a file");
    folder
}

pub(super) fn isolation(work: &Path) -> Isolation {
    Isolation {
        work: work.to_path_buf(),
        network: false,
        scratch_bytes: MEBIBYTE,
        scratch_files: 50,
        processes: 40,
        data: 64 * MEBIBYTE,
    }
}

fn apart(work: &Path, script: &str) -> Command {
    shell(script).isolated(isolation(work))
}

async fn told(work: &Path, script: &str) -> String {
    let output = apart(work, script).run().await.expect("it runs");
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn it_sees_the_folder_it_works_on_and_a_home_of_its_own() {
    let work = work();
    let output = apart(
        work.path(),
        "pwd; cat inner/file; echo; echo $HOME $TMPDIR; id -u; echo x > $HOME/y; cat /tmp/y",
    )
    .run()
    .await
    .unwrap();
    assert_eq!(
        text(&output.stdout).lines().collect::<Vec<_>>(),
        [WORK, "content", "/apart/scratch /apart/scratch", "0", "x"],
        "{}",
        text(&output.stderr)
    );
    let inner = Path::new(WORK).join("inner");
    let output = apart(work.path(), "cat file").folder(&inner).run().await.unwrap();
    assert_eq!(text(&output.stdout), "content");
}

#[tokio::test]
async fn it_sees_no_other_file_of_the_machine() {
    let work = work();
    let secret = tempfile::tempdir().unwrap();
    let secret_file = secret.path().join("secret");
    std::fs::write(&secret_file, "canary").unwrap();
    let secret_file = secret_file.display();
    let told = told(
        work.path(),
        &format!(
            "cat {secret_file}; cat /etc/passwd /etc/hostname /proc/self/environ /proc/1/environ; ls -A / /apart /etc \
             /root /home /proc /sys /var"
        ),
    )
    .await;
    assert!(!told.contains("canary") && !told.contains("root:"), "{told}");
    let shown: Vec<&str> =
        told.lines().skip_while(|line| *line != "/:").skip(1).take_while(|line| !line.is_empty()).collect();
    for entry in &shown {
        let known = ["apart", "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "tmp", "usr"];
        assert!(known.contains(entry), "{entry} is in {told}");
    }
    assert!(shown.contains(&"usr") && shown.contains(&"apart"), "{told}");
}

#[tokio::test]
async fn it_changes_nothing_outside_of_its_home() {
    let work = work();
    let script = "for place in /x /usr/x /etc/x /dev/x /apart/x ./x inner/file; do
        (echo x > $place) 2>/dev/null && echo $place
    done
    mount -t tmpfs none /usr 2>/dev/null && echo mounted
    mount -o remount,rw / 2>/dev/null && echo remounted
    echo x > /dev/null && echo device";
    assert_eq!(told(work.path(), script).await, "device");
    assert_eq!(std::fs::read_to_string(work.path().join("inner/file")).unwrap(), "content");
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn it_has_no_network_not_even_this_machine() {
    let work = work();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!(
        "command -v bash >/dev/null || {{ echo no bash; exit; }}
        bash -c 'echo x > /dev/tcp/127.0.0.1/{port}' 2>&1 && echo connected"
    );
    let told = told(work.path(), &script).await;
    assert!(told.contains("unreachable") || told == "no bash", "{told}");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn it_has_no_privilege_although_it_is_root_to_itself() {
    let work = work();
    let script = "hostname x 2>/dev/null && echo hostname; chroot /usr true 2>/dev/null && echo chroot
        mknod $HOME/n c 1 3 2>/dev/null && echo mknod; unshare -U true 2>/dev/null && echo namespace; echo end";
    let told = told(work.path(), script).await;
    // A further user namespace would be no way out either, but gives what was just taken away.
    assert!(told == "end" || told == "namespace\nend", "{told}");
}

#[tokio::test]
async fn a_program_that_only_starts_others_is_stopped_at_its_number() {
    let work = work();
    let script = "i=0; while [ $i -lt 2000 ]; do sleep 60 & i=$((i + 1)); done; echo all";
    let output = apart(work.path(), script).run().await.unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).to_lowercase().contains("fork"), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}

#[tokio::test]
async fn a_bomb_of_processes_ends_with_its_time_and_leaves_none() {
    let work = work();
    let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
    let mark = format!("{}", 900_000 + std::process::id());
    let script = format!("b() {{ b | b & sleep {mark}; }}; b; sleep {mark}");
    // Where the number is small, the first of them gives up by itself.
    match apart(work.path(), &script).limits(limits).run().await {
        Err(error) => assert!(matches!(error, ChildError::TimedOut { .. }), "{error}"),
        Ok(output) => assert!(text(&output.stderr).contains("Cannot fork"), "{output:?}"),
    }
    let left = std::fs::read_dir("/proc").unwrap().flatten().filter(|process| {
        let mut line = Vec::new();
        let _ = std::fs::File::open(process.path().join("cmdline"))
            .and_then(|mut file| file.read_to_end(&mut line));
        String::from_utf8_lossy(&line).contains(&mark)
    });
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn memory_files_and_their_bytes_are_bounded() {
    let work = work();
    let script = "head -c 3000000 /dev/zero > $HOME/large; i=0
        while [ $i -lt 100 ]; do true > $HOME/f$i || break; i=$((i + 1)); done 2>/dev/null
        [ $i -lt 60 ] && echo few; tail -n 1 /dev/zero";
    let output = apart(work.path(), script).run().await.unwrap();
    assert_eq!(text(&output.stdout), "few");
    let said = text(&output.stderr);
    assert!(said.contains("No space left") && said.contains("memory exhausted"), "{said}");
}

#[tokio::test]
async fn its_exit_code_is_told_and_endless_output_is_cut() {
    let work = work();
    let output = apart(work.path(), "echo out; echo err >&2; exit 7").run().await.unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str(), text(&output.stderr).as_str()),
        (Some(7), "out", "err")
    );
    let limits = Limits { output: 100_000, ..Limits::default() };
    let error = apart(work.path(), "exec yes").limits(limits).run().await.unwrap_err();
    assert!(matches!(error, ChildError::OutputLimit { limit: 100_000, .. }), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_starts_nothing() {
    let work = work();
    let error =
        apart(work.path(), "echo x").folder(&Path::new(WORK).join("missing")).run().await.unwrap_err();
    assert!(matches!(error, ChildError::NotIsolated { .. }), "{error}");
    assert!(error.to_string().contains("missing cannot be entered"), "{error}");
}

#[test]
fn where_the_kernel_gives_no_namespace_nothing_is_started() {
    // A user namespace in which there may be no other stands for such a kernel.
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" \"$@\"";
    let started = std::process::Command::new("unshare")
        .args(["-U", "-r", "sh", "-c", script, env!("CARGO_BIN_EXE_fairlead-child"), child::SUBCOMMAND])
        .args(["--work=/usr", "--folder=/apart/work", "--processes=9", "--", "/bin/echo", "started"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let Ok(mut supervisor) = started else {
        println!("left out: there is no program `unshare` to take the namespaces away");
        return;
    };
    // No input, and the lifeline stays until the end.
    let mut lifeline = supervisor.stdin.take().unwrap();
    std::io::Write::write_all(&mut lifeline, &[0; 8]).unwrap();
    let output = supervisor.wait_with_output().unwrap();
    drop(lifeline);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(126), ""), "{said}");
    assert!(said.starts_with("fairlead child: the kernel gives no user namespace"), "{said}");
}

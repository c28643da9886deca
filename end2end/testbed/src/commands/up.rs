//! `testbed up`: for work by hand.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use testbed::Environment;

use super::signal::Ends;

/// `testbed up`
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Also write the lines to this file.
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// The name of the repository that gets the sample.
    #[arg(long, value_name = "NAME", default_value = "team/sample")]
    repository: String,
}

/// Starts everything and waits.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { env_file, repository } = arguments;
    let mut ends = Ends::new()?;
    let started = async {
        let environment = Environment::start().await?;
        let repository = environment.git().repository_named(&repository).await?;
        repository.commit_sample().await?;
        let ssh = environment.git().over_ssh().await;
        Ok::<_, testbed::TestbedError>((environment, repository, ssh))
    };
    let (environment, repository, ssh) = tokio::select! {
        started = started => started?,
        () = ends.wait() => return Ok(ExitCode::SUCCESS),
    };

    let mut variables = vec![
        ("KUBECONFIG", environment.kubeconfig().display().to_string()),
        ("GIT_URL", repository.url().to_owned()),
    ];
    // Nothing else needs SSH, so a machine without its server still gets the rest.
    match &ssh {
        Ok(ssh) => {
            let key = environment.write("ssh-key", ssh.private_key())?;
            let known_hosts = environment.write("known-hosts", &ssh.known_hosts())?;
            variables.push(("GIT_SSH_URL", ssh.url_of(&repository)));
            variables.push((
                "GIT_SSH_COMMAND",
                format!(
                    "ssh -F none -i {} -o IdentitiesOnly=yes -o UserKnownHostsFile={}",
                    key.display(),
                    known_hosts.display()
                ),
            ));
        }
        Err(error) => eprintln!("testbed: no Git over SSH: {error}"),
    }
    variables.extend(environment.variables());

    let lines = lines(&variables);
    print(&lines);
    let file = environment.write("env", &lines)?;
    if let Some(path) = &env_file {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(path, &lines).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let file = env_file.as_ref().unwrap_or(&file);
    eprintln!(
        "testbed: running; in another terminal: `set -a; . {}; set +a`. Ctrl-C ends it.",
        file.display()
    );
    ends.wait().await;
    eprintln!("testbed: ending");
    Ok(ExitCode::SUCCESS)
}

/// `KEY='value'`, as a shell reads it.
fn lines(variables: &[(&str, String)]) -> String {
    variables.iter().fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{key}='{}'", value.replace('\'', r"'\''"));
        text
    })
}

#[expect(clippy::print_stdout, reason = "these lines are what the command is for")]
fn print(lines: &str) {
    print!("{lines}");
}

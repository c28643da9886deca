//! Chart repositories over HTTP and HTTPS.

use std::time::Duration;

use domain::outbound::Narrowing;
use engine::port::helm::{ChartAccess, ChartRequest};
use helm::charts::ChartError;
use outbound::Policy;
use testbed::{ChartAnswer, ChartFiles, ChartRepository, ChartRepositoryOptions};

use crate::{Fixture, as_ada, request, trusting};

fn redirect(location: String) -> ChartAnswer {
    ChartAnswer { status: 302, location: Some(location), body: String::new() }
}

async fn protected() -> ChartRepository {
    let basic_auth = Some(("ada".to_owned(), "a word".to_owned()));
    let options = ChartRepositoryOptions { tls: false, basic_auth };
    ChartRepository::start_with(options).await.unwrap()
}

#[tokio::test]
async fn a_chart_is_fetched_once_and_its_index_as_old_as_one_takes_it() {
    let (fixture, repository) = (Fixture::new(), ChartRepository::start().await.unwrap());
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let wanted = request(repository.url(), "web", "^1");
    let first = fixture.charts.fetch(&wanted).await.unwrap();
    assert_eq!((first.name.as_str(), first.version.as_str()), ("web", "1.0.0"));
    assert_eq!(fixture.text(&first, "values.yaml"), "greeting: hello\n");
    assert_eq!(fixture.charts.fetch(&wanted).await, Ok(first));
    assert_eq!((repository.requests_for("index.yaml"), repository.requests_for("web-1.0.0.tgz")), (1, 1));

    repository.add(&ChartFiles::named("web", "1.1.0")).await.unwrap();
    assert_eq!(fixture.charts.version(&wanted).await.unwrap(), "1.0.0");
    let fresh = ChartRequest { index_age: Duration::ZERO, ..wanted.clone() };
    assert_eq!(fixture.charts.version(&fresh).await.unwrap(), "1.1.0");
    // Nothing is new: the host says so, and the index counts as asked for now.
    assert_eq!(fixture.charts.version(&fresh).await.unwrap(), "1.1.0");
    let statuses: Vec<_> = repository
        .requests()
        .iter()
        .filter(|asked| asked.path == "/index.yaml")
        .map(|asked| asked.status)
        .collect();
    assert_eq!(statuses, [200, 200, 304]);
    assert_eq!(fixture.charts.version(&request(repository.url(), "web", "1.0.7")).await.unwrap(), "1.0.7");
    assert_eq!(repository.requests_for("index.yaml"), 3, "an exact version needs nobody");
}

#[tokio::test]
async fn those_who_come_at_once_share_one_fetch() {
    let (fixture, repository) = (Fixture::new(), ChartRepository::start().await.unwrap());
    let versions = (0..10).map(|number| format!("1.0.{number}")).collect::<Vec<_>>();
    for version in &versions {
        repository.add(&ChartFiles::named("web", version)).await.unwrap();
    }
    // Some come when the others have just got theirs: at each version somebody else.
    for version in &versions {
        let wanted = request(repository.url(), "web", version);
        let fetched = futures::future::join_all((0..20).map(|_| fixture.charts.fetch(&wanted))).await;
        assert!(fetched.iter().all(Result::is_ok));
        assert_eq!(repository.requests_for(&format!("web-{version}.tgz")), 1, "{version}");
    }
    assert_eq!(repository.requests_for("index.yaml"), 1);
}

#[tokio::test]
async fn tenants_and_credentials_share_nothing() {
    let (fixture, repository) = (Fixture::new(), protected().await);
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let url = repository.url();
    let right = as_ada(request(url, "web", "1"), "a word", url);
    assert!(fixture.charts.fetch(&right).await.is_ok());
    for other in [as_ada(request(url, "web", "1"), "another", url), request(url, "web", "1")] {
        let refused = fixture.charts.fetch(&other).await.unwrap_err();
        assert!(matches!(refused, ChartError::Unauthorized { .. }), "{refused}");
        assert!(!refused.to_string().contains("another"), "{refused}");
    }
    let access = ChartAccess { tenant: "other".into(), ..right.access.clone() };
    let before = repository.requests_for("web-1.0.0.tgz");
    assert!(fixture.charts.fetch(&ChartRequest { access, ..right }).await.is_ok());
    assert_eq!(repository.requests_for("web-1.0.0.tgz"), before + 1);
}

// S-E1
#[tokio::test]
async fn a_credential_does_not_follow_a_redirect_or_a_url_to_another_host() {
    let (fixture, repository, other) =
        (Fixture::new(), protected().await, ChartRepository::start().await.unwrap());
    for repository in [&repository, &other] {
        repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
        repository.add(&ChartFiles::named("shop", "1.0.0")).await.unwrap();
    }
    repository.answer("web-1.0.0.tgz", redirect(format!("{}/web-1.0.0.tgz", other.url())));
    let url = repository.url();
    // The other repository's archive is another one: helm notes the time in it. The digest says so.
    let wanted = as_ada(request(url, "web", "1"), "a word", url);
    let fetched = fixture.charts.fetch(&wanted).await;
    assert!(matches!(fetched, Ok(_) | Err(ChartError::Digest { .. })), "{fetched:?}");
    let elsewhere = repository.index().unwrap().replace("- shop-1", &format!("- {}/shop-1", other.url()));
    repository.serve_index(&elsewhere);
    let wanted = ChartRequest { name: "shop".into(), index_age: Duration::ZERO, ..wanted };
    let fetched = fixture.charts.fetch(&wanted).await;
    assert!(matches!(fetched, Ok(_) | Err(ChartError::Digest { .. })), "{fetched:?}");
    let seen = other.requests();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen.iter().all(|request| !request.with_credential), "{seen:?}");
    assert!(repository.requests().iter().all(|request| request.with_credential));
}

// S-E5
#[tokio::test]
async fn the_list_of_a_subscription_holds_also_for_what_others_fetched_and_for_open_connections() {
    let (fixture, repository) = (Fixture::new(), ChartRepository::start().await.unwrap());
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let wanted = request(repository.url(), "web", "^1");
    assert!(fixture.charts.fetch(&wanted).await.is_ok());
    let before = repository.requests();
    let listing = |entry: &str| {
        let outbound = Narrowing::parse(&[entry]).unwrap();
        ChartRequest { access: ChartAccess { outbound, ..wanted.access.clone() }, ..wanted.clone() }
    };
    let elsewhere = listing("charts.example.com");
    let refused = fixture.charts.fetch(&elsewhere).await.unwrap_err();
    assert!(refused.to_string().contains("an owner of the subscription can add it"), "{refused}");
    let url = format!("{}/index.yaml", repository.url());
    let refused = fixture.charts.document(&url, 10_000, &elsewhere.access.outbound).await.unwrap_err();
    assert!(refused.to_string().contains("an owner of the subscription can add it"), "{refused}");
    assert_eq!(repository.requests(), before, "nobody was asked");
    assert!(fixture.charts.fetch(&listing("127.0.0.0/8")).await.is_ok());
}

// S-E1
#[tokio::test]
async fn refused_addresses_get_no_connection_however_one_comes_to_them() {
    let repository = ChartRepository::start().await.unwrap();
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let nothing = Fixture::under(Policy::default());
    let refused = nothing.charts.fetch(&request(repository.url(), "web", "1")).await.unwrap_err();
    assert!(refused.to_string().contains("is not allowed"), "{refused}");
    let refused = nothing
        .charts
        .document(&format!("{}/x", repository.url()), 10, &Narrowing::default())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("is not allowed"), "{refused}");
    assert_eq!(repository.requests(), []);
    // One address is allowed; where it leads is judged anew.
    let hidden = ChartRepository::start().await.unwrap();
    let allowed = repository.url().strip_prefix("http://").unwrap();
    let one = Fixture::under(Policy::allowing(&[allowed]).unwrap());
    for answer in
        [redirect(format!("{}/index.yaml", hidden.url())), redirect("http://169.254.169.254/x".to_owned())]
    {
        repository.answer("index.yaml", answer);
        let refused = one.charts.fetch(&request(repository.url(), "web", "1")).await.unwrap_err();
        assert!(refused.to_string().contains("is not allowed"), "{refused}");
    }
    repository
        .serve_index(&repository.index().unwrap().replace("- web-1", &format!("- {}/web-1", hidden.url())));
    let refused = one.charts.fetch(&request(repository.url(), "web", "1")).await.unwrap_err();
    assert!(refused.to_string().contains("is not allowed"), "{refused}");
    assert_eq!(hidden.requests(), []);
}

#[tokio::test]
async fn tls_is_checked_by_the_authorities_that_are_given() {
    let options = ChartRepositoryOptions { tls: true, basic_auth: None };
    let (fixture, repository) = (Fixture::new(), ChartRepository::start_with(options).await.unwrap());
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let wanted = request(repository.url(), "web", "1");
    assert!(fixture.charts.fetch(&trusting(wanted.clone(), repository.ca_pem().unwrap())).await.is_ok());
    let refused = fixture.charts.fetch(&wanted).await.unwrap_err();
    assert!(
        matches!(&refused, ChartError::Connection { reason, .. } if reason.contains("certificate")),
        "{refused}"
    );
    repository
        .answer("index.yaml", redirect(format!("{}/index.yaml", repository.url().replace("https", "http"))));
    let fresh = ChartRequest { index_age: Duration::ZERO, ..trusting(wanted, repository.ca_pem().unwrap()) };
    let refused = fixture.charts.fetch(&fresh).await.unwrap_err();
    assert!(matches!(refused, ChartError::Redirect { .. }), "{refused}");
}

#[tokio::test]
async fn what_a_repository_does_wrong_is_one_sentence() {
    let (fixture, repository) = (Fixture::new(), ChartRepository::start().await.unwrap());
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let url = repository.url();
    let host = url.strip_prefix("http://").unwrap();
    let fresh =
        |name: &str, version: &str| ChartRequest { index_age: Duration::ZERO, ..request(url, name, version) };
    let said = async |wanted: ChartRequest| fixture.charts.fetch(&wanted).await.unwrap_err().to_string();
    assert_eq!(
        said(fresh("shop", "1")).await,
        format!("there is no chart \"shop\" in {url}/, which has web")
    );
    assert_eq!(
        said(fresh("web", "2")).await,
        format!("there is no version \"2\" of web in {url}/, which has 1.0.0")
    );
    repository.serve_index("entries:\n  web: [\n");
    let broken = said(fresh("web", "1")).await;
    assert!(broken.starts_with(&format!("the index of {url}/ cannot be read, line ")), "{broken}");
    let digest = "0".repeat(64);
    let (promised, _) = repository
        .index()
        .unwrap()
        .split_once("digest: ")
        .map(|(head, rest)| (head.to_owned(), rest.to_owned()))
        .unwrap();
    let rest = repository.index().unwrap();
    let rest = &rest[promised.len() + "digest: ".len() + 64..];
    repository.serve_index(&format!("{promised}digest: {digest}{rest}"));
    let other = said(fresh("web", "1")).await;
    assert_eq!(other, format!("{url}/web-1.0.0.tgz is not what was promised: its SHA-256 is another one"));
    repository.answer("index.yaml", redirect(format!("{url}/index.yaml")));
    let circle = said(fresh("web", "1")).await;
    assert!(circle.ends_with("after three redirects there is still no answer"), "{circle}");
    repository.answer("index.yaml", ChartAnswer { status: 500, location: None, body: "secret".into() });
    assert_eq!(said(fresh("web", "1")).await, format!("{host} answered 500 for the index of {url}/"));
    let large = fixture.charts.document(&format!("{url}/web-1.0.0.tgz"), 10, &Narrowing::default()).await;
    let large = large.unwrap_err();
    assert_eq!(large.to_string(), format!("{url}/web-1.0.0.tgz is larger than 10 bytes"));
}

#[tokio::test]
async fn an_archive_without_a_digest_is_kept_as_long_as_its_index() {
    let (fixture, repository) = (Fixture::new(), ChartRepository::start().await.unwrap());
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    let index = |time: &str| {
        format!("generated: {time}\nentries:\n  web: [{{version: 1.0.0, urls: [web-1.0.0.tgz]}}]\n")
    };
    let wanted = ChartRequest { index_age: Duration::ZERO, ..request(repository.url(), "web", "1.0.0") };
    for (time, fetched) in [("1", 1), ("1", 1), ("2", 2)] {
        repository.serve_index(&index(time));
        fixture.charts.fetch(&wanted).await.unwrap();
        assert_eq!(repository.requests_for("web-1.0.0.tgz"), fetched);
    }
}

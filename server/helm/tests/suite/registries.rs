//! Charts in registries.

use std::net::SocketAddr;
use std::time::Duration;

use engine::port::helm::ChartRequest;
use helm::charts::ChartError;
use outbound::Policy;
use testbed::{
    Authority, ChartFiles, ChartRegistry, ChartRegistryOptions, ChartRepository, FaultProxy, RegistryAccess,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{Fixture, as_ada, request, trusting};

async fn registry(tls: bool, access: RegistryAccess) -> ChartRegistry {
    let registry = ChartRegistry::start_with(ChartRegistryOptions { tls, access }).await.unwrap();
    for version in ["1.0.0", "1.1.0+build.5", "2.0.0-rc.1"] {
        registry.push("team", &ChartFiles::named("web", version)).await.unwrap();
    }
    registry
}

#[tokio::test]
async fn a_chart_is_pulled_by_version_and_by_range_and_kept() {
    let (fixture, registry) = (Fixture::new(), registry(false, RegistryAccess::Anyone).await);
    let url = registry.url("team");
    for (wish, version) in [
        ("1.0.0", "1.0.0"),
        ("^1", "1.1.0+build.5"),
        ("1.1.0+build.5", "1.1.0+build.5"),
        (">=2.0.0-0", "2.0.0-rc.1"),
    ] {
        let package = fixture.charts.fetch(&request(&url, "web", wish)).await.unwrap();
        assert_eq!(package.version, version, "{wish}");
        assert!(fixture.text(&package, "Chart.yaml").contains(&format!("version: {version}")));
    }
    let asked = || registry.requests("GET /v2/").unwrap();
    let before = asked();
    fixture.charts.fetch(&request(&url, "web", "^1")).await.unwrap();
    assert_eq!(asked(), before);
    let fresh = ChartRequest { index_age: Duration::ZERO, ..request(&url, "web", "1.0.0") };
    fixture.charts.fetch(&fresh).await.unwrap();
    assert_eq!(asked(), before + 1, "the tag is looked at, and its layer is there");
}

#[tokio::test]
async fn a_credential_opens_a_registry_itself_or_by_a_token() {
    let word = || ("ada".to_owned(), "a word".to_owned());
    for (tls, token) in [(false, false), (true, false), (false, true)] {
        let (name, secret) = word();
        let access =
            if token { RegistryAccess::Token(name, secret) } else { RegistryAccess::Basic(name, secret) };
        let (fixture, registry) = (Fixture::new(), registry(tls, access).await);
        let url = registry.url("team");
        let plain = match registry.ca_pem() {
            Some(pem) => trusting(request(&url, "web", "^1"), pem),
            None => request(&url, "web", "^1"),
        };
        let package = fixture.charts.fetch(&as_ada(plain.clone(), "a word", &url)).await.unwrap();
        assert_eq!(package.version, "1.1.0+build.5");
        for other in [
            as_ada(plain.clone(), "another", &url),
            as_ada(plain.clone(), "a word", "oci://elsewhere.example"),
            plain,
        ] {
            let refused = fixture.charts.fetch(&other).await.unwrap_err();
            assert!(matches!(refused, ChartError::Unauthorized { .. }), "{tls} {token}: {refused}");
        }
    }
}

#[tokio::test]
async fn what_a_registry_does_not_have_is_said_with_what_it_has() {
    let (fixture, registry) = (Fixture::new(), registry(false, RegistryAccess::Anyone).await);
    let url = registry.url("team");
    let there = "which has 2.0.0-rc.1, 1.1.0+build.5, 1.0.0";
    for (name, version, said) in [
        ("web", "1.5.0", format!("there is no version \"1.5.0\" of web in {url}/web, {there}")),
        ("web", "^3", format!("there is no version \"^3\" of web in {url}/web, {there}")),
    ] {
        let error = fixture.charts.fetch(&request(&url, name, version)).await.unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    let error = fixture.charts.fetch(&request(&url, "shop", "1.0.0")).await.unwrap_err();
    assert!(matches!(error, ChartError::NoChart { .. }), "{error}");
    let error = fixture.charts.fetch(&request(&url, "../x", "1.0.0")).await.unwrap_err();
    assert!(matches!(error, ChartError::Address { .. }), "{error}");
}

// S-E1
#[tokio::test]
async fn a_server_of_tokens_at_a_refused_address_gets_no_connection() {
    let access = RegistryAccess::Token("ada".to_owned(), "a word".to_owned());
    let registry = registry(false, access).await;
    // Its tokens come from another port.
    let fixture = Fixture::under(Policy::allowing(&[registry.host()]).unwrap());
    let url = registry.url("team");
    let refused =
        fixture.charts.fetch(&as_ada(request(&url, "web", "1.0.0"), "a word", &url)).await.unwrap_err();
    assert!(refused.to_string().contains("is not allowed"), "{refused}");
}

// S-O4
#[tokio::test]
async fn a_registry_with_a_certificate_that_nobody_vouches_for_is_told_nothing() {
    let access = RegistryAccess::Basic("ada".to_owned(), "a word".to_owned());
    let (fixture, registry) = (Fixture::new(), registry(true, access).await);
    let (url, pem) = (registry.url("team"), registry.ca_pem().unwrap());
    let wanted = as_ada(request(&url, "web", "1.0.0"), "a word", &url);
    let before = registry.requests("GET /v2/").unwrap();
    let stranger = Authority::new("somebody else").unwrap();
    let unknown = trusting(wanted.clone(), stranger.certificate());
    let refused = fixture.charts.fetch(&unknown).await.unwrap_err();
    assert!(is_about_a_certificate(&refused), "{refused}");
    assert_eq!(registry.requests("GET /v2/").unwrap(), before);
    fixture.charts.fetch(&trusting(wanted, pem)).await.unwrap();
    assert!(registry.requests("GET /v2/").unwrap() > before);
}

// S-O4
#[tokio::test]
async fn a_server_of_tokens_with_a_certificate_that_nobody_vouches_for_gets_no_credential() {
    let (fixture, behind) = (Fixture::new(), registry(true, RegistryAccess::Anyone).await);
    // Whatever is asked of them, it would be heard there.
    let unknown = FaultProxy::to(&format!("https://{}", behind.host()), behind.ca_pem()).unwrap();
    let open = FaultProxy::to("http://127.0.0.1:9", None).unwrap();
    for (tokens, is_asked) in [(&unknown, false), (&open, true)] {
        let url = format!("oci://{}/team", sends_for_tokens(tokens.url()).await);
        let wanted = as_ada(request(&url, "web", "1.0.0"), "a word", &url);
        let refused = fixture.charts.fetch(&wanted).await.unwrap_err();
        assert_eq!(is_about_a_certificate(&refused), !is_asked, "{refused}");
        assert_eq!(!tokens.requests().is_empty(), is_asked, "{:?}", tokens.requests());
    }
}

fn is_about_a_certificate(error: &ChartError) -> bool {
    matches!(error, ChartError::Connection { reason, .. } if reason.contains("certificate"))
}

/// A registry that lets nobody in without a token from there; its `host:port`.
async fn sends_for_tokens(tokens: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer realm=\"{tokens}/token\",service=\"x\"\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n"
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

#[tokio::test]
async fn an_index_may_name_a_registry() {
    let (fixture, registry) = (Fixture::new(), registry(false, RegistryAccess::Anyone).await);
    let repository = ChartRepository::start().await.unwrap();
    let url = registry.url("team/web:1.1.0_build.5");
    repository.serve_index(&format!("entries:\n  web: [{{version: 1.1.0+build.5, urls: ['{url}']}}]\n"));
    let package = fixture.charts.fetch(&request(repository.url(), "web", "1")).await.unwrap();
    assert_eq!(package.version, "1.1.0+build.5");
}

//! The portal over a made-up world, to look at every page without a cluster:
//! `cargo leptos build && cargo run -p app --features ssr --example portal`, then sign in as `ada`.

use std::net::SocketAddr;

use leptos::config::LeptosOptions;
use tower_http::services::ServeDir;

mod access;
mod accounts;
mod clusters;
mod configurations;
mod embed;
mod releases;
mod sample;
mod world;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: SocketAddr =
        std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3100".to_owned()).parse()?;
    let options =
        LeptosOptions::builder().output_name("fairlead").site_root("target/site").site_addr(address).build();
    let listener = tokio::net::TcpListener::bind(address).await?;
    eprintln!("http://{} · user ada · password {}", listener.local_addr()?, sample::PASSWORD);
    let site = axum::Router::new()
        .nest_service("/pkg", ServeDir::new("target/site/pkg"))
        .route_service("/favicon.svg", tower_http::services::ServeFile::new("public/favicon.svg"));
    axum::serve(listener, site.merge(sample::router(&options))).await?;
    Ok(())
}

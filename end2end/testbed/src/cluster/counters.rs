//! What the API server counts about itself.

use std::collections::BTreeMap;

use super::Cluster;
use crate::TestbedError;

/// Since the API server's start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters {
    /// Answered requests of all clients by verb: `APPLY`, `PATCH`, `GET`, `LIST`, `WATCH`, `POST`, `PUT`, `DELETE`.
    pub requests: BTreeMap<String, u64>,
    /// Time on a processor, seconds.
    pub cpu_seconds: f64,
}

impl Counters {
    /// All requests.
    pub fn all(&self) -> u64 {
        self.requests.values().sum()
    }

    /// What was counted since an earlier look.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |verb: &String| earlier.requests.get(verb).copied().unwrap_or_default();
        let requests =
            self.requests.iter().map(|(verb, count)| (verb.clone(), count.saturating_sub(before(verb))));
        Self { requests: requests.collect(), cpu_seconds: self.cpu_seconds - earlier.cpu_seconds }
    }
}

impl Cluster {
    /// Reads them from `/metrics`.
    pub async fn counters(&self) -> Result<Counters, TestbedError> {
        let unusable =
            |error: http::Error| TestbedError::Url { url: "/metrics".to_owned(), reason: error.to_string() };
        let request = http::Request::get("/metrics").body(Vec::new()).map_err(unusable)?;
        let text = self.client()?.request_text(request).await;
        Ok(read(&text.map_err(TestbedError::kubernetes("read the API server's metrics"))?))
    }
}

fn read(metrics: &str) -> Counters {
    let mut counters = Counters::default();
    for line in metrics.lines() {
        let Some((name, value)) = line.rsplit_once(' ') else { continue };
        let value = value.parse::<f64>().unwrap_or_default();
        if name == "process_cpu_seconds_total" {
            counters.cpu_seconds = value;
        } else if let Some(labels) = name.strip_prefix("apiserver_request_total{") {
            let verb =
                labels.split("verb=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            *counters.requests.entry(verb.to_owned()).or_default() += whole(value);
        }
    }
    counters
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count that Prometheus writes as a float"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_added_up_by_verb() {
        let metrics = "# HELP x\napiserver_request_total{code=\"200\",verb=\"GET\"} 3\n\
                       apiserver_request_total{code=\"404\",verb=\"GET\"} 2\nprocess_cpu_seconds_total 1.5\n";
        let counters = read(metrics);
        assert_eq!(counters.requests["GET"], 5);
        assert_eq!(counters.since(&Counters::default()), counters);
        assert_eq!(counters.since(&counters).all(), 0);
    }
}

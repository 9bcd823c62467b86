//! Settings of exported traces.

use url::Url;

use super::reader::Reader;
use crate::kernel::secret::Secret;

/// Where traces are exported to.
#[derive(Clone, Debug)]
pub struct OtlpConfig {
    /// Address that spans are posted to.
    pub endpoint: Url,
    /// Headers of each request: name and value, which may be a token.
    pub headers: Vec<(String, Secret<String>)>,
    /// Which part of all requests, syncs and jobs is recorded, 0 to 1.
    pub ratio: f64,
    /// `service.name`.
    pub service_name: String,
    /// `service.instance.id`; `None`: a random one.
    pub service_instance: Option<String>,
    /// The `traceparent` of requests is gone on with.
    pub trust_traceparent: bool,
}

impl Reader<'_> {
    /// Reads the settings of exported traces; `None`: none are.
    pub fn otlp(&mut self) -> Option<OtlpConfig> {
        let ratio = self.ratio("telemetry", "sample_ratio");
        let headers = self.otlp_headers();
        let base = self.text("telemetry", "otlp_endpoint");
        if base.is_empty() {
            return None;
        }
        let address = format!("{}/v1/traces", base.trim_end_matches('/'));
        let parsed = Url::parse(&address).ok();
        let parsed = parsed.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let parsed = parsed.filter(|url| url.username().is_empty() && url.password().is_none());
        let Some(endpoint) = parsed.filter(|url| url.query().is_none() && url.fragment().is_none()) else {
            self.fault("telemetry.otlp_endpoint must be a URL such as http://127.0.0.1:4318, without user name, password or query");
            return None;
        };
        let name = self.text("telemetry", "service_name");
        let instance = self.text("telemetry", "service_instance");
        Some(OtlpConfig {
            endpoint,
            headers,
            ratio,
            service_name: if name.is_empty() { "menjin".to_owned() } else { name },
            service_instance: (!instance.is_empty()).then_some(instance),
            trust_traceparent: self.yes("telemetry", "trust_traceparent"),
        })
    }

    /// Faults name the line and never what stands there.
    fn otlp_headers(&mut self) -> Vec<(String, Secret<String>)> {
        let file = self.text("telemetry", "otlp_headers_file");
        if file.is_empty() {
            return Vec::new();
        }
        let content = match std::fs::read_to_string(&file) {
            Ok(content) => content,
            Err(error) => {
                self.fault(format!("telemetry.otlp_headers_file: {file}: {error}"));
                return Vec::new();
            }
        };
        let mut headers = Vec::new();
        for (number, line) in content.lines().enumerate() {
            match header(line) {
                _ if line.trim().is_empty() => {}
                Some(header) => headers.push(header),
                None => self.fault(format!(
                    "telemetry.otlp_headers_file: line {} of {file} is not \"name: value\"",
                    number + 1
                )),
            }
        }
        headers
    }
}

fn header(line: &str) -> Option<(String, Secret<String>)> {
    let (name, value) = line.split_once(':')?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let (name, value) = (name.trim(), value.trim());
    let fits = !name.is_empty() && name.bytes().all(token) && value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    fits.then(|| (name.to_owned(), Secret::new(value.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        let (name, value) = header("Authorization:  Bearer a:b ").unwrap();
        assert_eq!(
            (name.as_str(), value.expose().as_str()),
            ("Authorization", "Bearer a:b")
        );
        for wrong in ["", "Authorization", ": x", "two words: x", "x: line\u{7}"] {
            assert!(header(wrong).is_none(), "{wrong}");
        }
    }
}

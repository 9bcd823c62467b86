//! Clients that keep the server waiting, and clients that come with many connections.

use std::{net::Ipv4Addr, time::Duration};

use menjin::config::Config;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{fixture::Fixture, scenario};

/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(20);

/// Clients are waited for as short as can be. The HTTP service looks at the clock twice a second, so a head has one.
fn impatient(config: &mut Config) {
    config.connections.head_timeout = Duration::from_secs(1);
    config.connections.body_timeout = Duration::from_millis(200);
    config.connections.minimum_rate = 1_000_000;
}

/// A connection from this address.
async fn connect(base: &str, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    // What a client does not read shall not lie in its own buffers.
    socket.set_recv_buffer_size(4096).unwrap();
    let address = base.strip_prefix("http://").unwrap().parse().unwrap();
    socket.connect(address).await.unwrap()
}

/// What comes until the server closes; it must close.
async fn to_the_end(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let ended = timeout(FAR, stream.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "still open after {read:?}");
    String::from_utf8_lossy(&read).into_owned()
}

/// Asks for a page and keeps the connection. True if it is answered.
async fn is_served(stream: &mut TcpStream) -> bool {
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    if stream.write_all(request).await.is_err() {
        return false;
    }
    let mut read = [0; 4096];
    match timeout(FAR, stream.read(&mut read)).await.expect("no answer") {
        Ok(count) => read[..count].starts_with(b"HTTP/1.1 200"),
        Err(_) => false,
    }
}

/// Until a new connection from this address is served again.
async fn served_again(base: &str, from: Ipv4Addr) {
    let again = async { while !is_served(&mut connect(base, from).await).await {} };
    timeout(FAR, again).await.expect("never served again");
}

scenario!(
    a_body_that_does_not_come_is_not_waited_for,
    |fixture: Fixture| async move {
        let server = fixture.serve_with(impatient).await;
        let form = "content-type: application/x-www-form-urlencoded";
        let json = "content-type: application/json";
        let (token, admin) = (crate::fixture::ADMIN_TOKEN, "/api/v1/users");
        let mut read = 0;
        for (method, path, headers) in [
            ("POST", "/oauth2/token", form.to_owned()),
            ("POST", "/oauth2/introspect", form.to_owned()),
            ("POST", "/oauth2/register", json.to_owned()),
            ("POST", admin, format!("{json}\r\nauthorization: Bearer {token}")),
            ("POST", "/wecom/events/nowhere", "content-type: text/xml".to_owned()),
            ("GET", "/healthz", String::from("accept: */*")),
            ("POST", "/nowhere", form.to_owned()),
            ("DELETE", "/healthz", form.to_owned()),
        ] {
            for (framing, part) in [
                ("content-length: 60000", "grant_type="),
                ("content-length: 60000", ""),
                ("transfer-encoding: chunked", "b\r\ngrant_type=\r\n"),
                ("transfer-encoding: chunked", "b\r\ngrant"),
                ("transfer-encoding: chunked", ""),
            ] {
                let mut stream = connect(&server.base, Ipv4Addr::LOCALHOST).await;
                let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n{framing}\r\n\r\n{part}");
                stream.write_all(request.as_bytes()).await.unwrap();
                let answer = to_the_end(&mut stream).await;
                assert!(answer.starts_with("HTTP/1.1 "), "{path}, {framing}: {answer}");
                if answer.starts_with("HTTP/1.1 408") {
                    assert!(answer.contains("WB-120"), "{answer}");
                    read += 1;
                }
            }
        }
        assert!(read >= 15, "so few bodies were waited for: {read}");
    }
);

scenario!(
    a_head_that_does_not_come_is_not_waited_for,
    |fixture: Fixture| async move {
        let server = fixture.serve_with(impatient).await;
        for begun in ["", "GET /healthz HTT", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-more: "] {
            let mut fresh = connect(&server.base, Ipv4Addr::LOCALHOST).await;
            fresh.write_all(begun.as_bytes()).await.unwrap();
            to_the_end(&mut fresh).await;
        }
        for begun in ["G", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-more: "] {
            let mut used = connect(&server.base, Ipv4Addr::LOCALHOST).await;
            assert!(is_served(&mut used).await);
            used.write_all(begun.as_bytes()).await.unwrap();
            to_the_end(&mut used).await;
        }
    }
);

scenario!(
    a_client_that_takes_no_answer_is_cut_off,
    |fixture: Fixture| async move {
        let server = fixture.serve_with(impatient).await;
        let mut stream = connect(&server.base, Ipv4Addr::LOCALHOST).await;
        let request = b"GET /.well-known/openid-configuration HTTP/1.1\r\nhost: x\r\n\r\n";
        let asking = async { while stream.write_all(request).await.is_ok() {} };
        timeout(FAR, asking).await.expect("it is still written to");
    }
);

scenario!(
    one_address_has_a_bounded_number_of_connections,
    |fixture: Fixture| async move {
        let server = fixture
            .serve_with(|config| {
                config.trusted_proxies = Vec::new();
                config.connections.most_per_address = 3;
            })
            .await;
        let (greedy, other) = (Ipv4Addr::new(127, 0, 0, 7), Ipv4Addr::new(127, 0, 0, 8));
        let mut held = Vec::new();
        for _ in 0..3 {
            let mut stream = connect(&server.base, greedy).await;
            assert!(is_served(&mut stream).await);
            held.push(stream);
        }
        for _ in 0..5 {
            assert!(
                !is_served(&mut connect(&server.base, greedy).await).await,
                "one too many"
            );
        }
        let mut refused = connect(&server.base, greedy).await;
        assert!(to_the_end(&mut refused).await.starts_with("HTTP/1.1 503"));
        assert!(
            is_served(&mut connect(&server.base, other).await).await,
            "somebody else"
        );
        held.pop();
        served_again(&server.base, greedy).await;
    }
);

scenario!(
    a_named_proxy_has_as_many_connections_as_there_are,
    |fixture: Fixture| async move {
        let server = fixture
            .serve_with(|config| {
                config.connections.most_per_address = 1;
                config.connections.most = 40;
            })
            .await;
        let (proxy, stranger) = (Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 9));
        let mut held = Vec::new();
        for _ in 0..10 {
            let mut stream = connect(&server.base, proxy).await;
            assert!(is_served(&mut stream).await);
            held.push(stream);
        }
        for _ in 0..30 {
            held.push(connect(&server.base, proxy).await);
        }
        // It takes them in its own time.
        for from in [proxy, stranger] {
            let refused = async { while is_served(&mut connect(&server.base, from).await).await {} };
            timeout(FAR, refused).await.expect("there is no bound in all");
        }
        held.clear();
        served_again(&server.base, stranger).await;
    }
);

//! Which addresses the demo binds, and under which it is told to browsers, phones and containers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};

/// Highest first port: three in a row are bound.
const LAST_PORT: u16 = u16::MAX - 2;
/// An address of documentation (RFC 5737): towards it goes what leaves this machine. Nothing is sent there.
const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// Reads `--listen`.
///
/// # Errors
/// A sentence that says what is taken.
pub fn parse_listen(text: &str) -> Result<IpAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().map_err(|_| {
        "it takes an address of this machine without a port, as 127.0.0.1, 0.0.0.0 or 192.168.1.5".to_owned()
    })
}

/// What is bound, and how it is called.
pub struct Addresses {
    /// Scheme, host and port of the portals.
    pub portals_url: String,
    /// The same server as Menjin calls it on this machine: a loopback address.
    pub portals_inside: String,
    /// `public_url` of Menjin.
    pub menjin_url: String,
    /// The portals' listeners: the second one, on loopback, where the first has another address of this machine.
    pub portals: Vec<TcpListener>,
    /// Menjin's listener.
    pub menjin: TcpListener,
    /// What the simulated WeCom is to bind.
    pub wecom: SocketAddr,
    /// Host of every URL, an IPv6 address in brackets.
    pub host: String,
    /// Whether others than this machine can reach it.
    pub open: bool,
}

impl Addresses {
    /// Binds portals and Menjin on `port` and the next one (0: any free ones).
    ///
    /// # Errors
    /// A sentence: the port is too high or taken, the address is not of this machine, or the host is none.
    pub fn bind(port: u16, listen: IpAddr, host: Option<&str>) -> Result<Self, String> {
        if port > LAST_PORT {
            return Err(format!(
                "--port takes up to {LAST_PORT}, because three ports in a row are used"
            ));
        }
        let host = told_host(listen, host)?;
        let at = |offset: u16| if port == 0 { 0 } else { port.saturating_add(offset) };
        let mut portals = vec![bind(listen, at(0))?];
        let menjin = bind(listen, at(1))?;
        let portals_port = port_of(portals.first())?;
        let inside = if listen.is_loopback() {
            listen
        } else {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        };
        if !listen.is_loopback() && !listen.is_unspecified() {
            portals.push(bind(inside, portals_port)?);
        }
        let menjin_port = port_of(Some(&menjin))?;
        (host.as_str(), menjin_port).to_socket_addrs().map_err(|_| {
            format!(
                "this machine does not know the host {host}, and by it the portals call Menjin: choose another --host"
            )
        })?;
        Ok(Self {
            portals_url: format!("http://{host}:{portals_port}"),
            portals_inside: format!("http://{}", SocketAddr::new(inside, portals_port)),
            menjin_url: format!("http://{host}:{menjin_port}"),
            portals,
            menjin,
            wecom: SocketAddr::new(listen, at(2)),
            host,
            open: !listen.is_loopback(),
        })
    }
}

fn bind(address: IpAddr, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((address, port)).map_err(|error| {
        format!("{address} port {port} cannot be used: {error} (choose others with --listen and --port)")
    })
}

fn port_of(listener: Option<&TcpListener>) -> Result<u16, String> {
    let address = listener.map(TcpListener::local_addr);
    let address = address.ok_or("nothing is bound")?;
    address.map(|address| address.port()).map_err(|error| error.to_string())
}

/// The host of the URLs: what was asked for, else the address that is bound, else that of this machine in its network.
fn told_host(listen: IpAddr, host: Option<&str>) -> Result<String, String> {
    if let Some(host) = host {
        let wrong =
            || format!("--host takes a name or an address as browsers type it, without a port; {host:?} is neither");
        let parsed = match host.parse::<Ipv6Addr>() {
            Ok(address) => url::Host::Ipv6(address),
            Err(_) => url::Host::parse(host).map_err(|_| wrong())?,
        };
        let nowhere = match &parsed {
            url::Host::Domain(name) => name.contains('_'),
            url::Host::Ipv4(address) => address.is_unspecified(),
            url::Host::Ipv6(address) => address.is_unspecified(),
        };
        return if nowhere { Err(wrong()) } else { Ok(parsed.to_string()) };
    }
    let address = if listen.is_unspecified() {
        own_address().ok_or("no address of this machine in a network was found: name one with --host")?
    } else {
        listen
    };
    Ok(match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    })
}

/// The address from which packets leave this machine. Connecting a UDP socket chooses it and sends nothing.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn wrong_input_gets_a_sentence() {
        for text in ["", "everywhere", "127.0.0.1:8400", "256.0.0.1"] {
            assert!(parse_listen(text).unwrap_err().contains("0.0.0.0"), "{text}");
        }
        assert_eq!(parse_listen("[::1]"), Ok(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        for host in ["", "a b", "http://a", "a:80", "0.0.0.0", "::", "a_b"] {
            let told = Addresses::bind(0, HERE, Some(host)).map(drop);
            assert!(told.unwrap_err().contains("--host"), "{host:?}");
        }
        let told = Addresses::bind(65_534, HERE, None).map(drop);
        assert!(told.unwrap_err().contains("65533"));
        // An address of documentation is no machine's.
        let told = Addresses::bind(0, IpAddr::from([192, 0, 2, 9]), None).map(drop);
        assert!(told.unwrap_err().contains("cannot be used"));
        let told = Addresses::bind(0, HERE, Some("nowhere.invalid")).map(drop);
        assert!(told.unwrap_err().contains("nowhere.invalid"));
    }

    #[test]
    fn what_is_bound_and_what_is_told() {
        let usual = Addresses::bind(0, HERE, None).unwrap();
        assert!(usual.menjin_url.starts_with("http://127.0.0.1:") && !usual.open);
        assert_eq!(usual.portals_url, usual.portals_inside);
        let open = Addresses::bind(0, ALL, Some("localhost")).unwrap();
        assert!(open.open && open.menjin_url.starts_with("http://localhost:"));
        assert!(open.portals_inside.starts_with("http://127.0.0.1:") && open.wecom.ip() == ALL);
        if let Some(own) = own_address() {
            let found = Addresses::bind(0, ALL, None).unwrap();
            assert_eq!(found.host, own.to_string());
            let one = Addresses::bind(0, own, None).unwrap();
            assert_eq!((one.portals.len(), one.host), (2, own.to_string()));
        }
    }
}

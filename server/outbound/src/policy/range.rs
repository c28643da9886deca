//! The ranges that are refused unless the administrator allows them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Metadata and host services of clouds that lie outside the link-local ranges: Azure, Alibaba Cloud.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200)];

/// Metadata services of clouds inside private ranges: Amazon, Google.
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// Whether an address is the server itself, one of its links, a metadata service or nobody's.
pub(super) fn is_refused(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_refused_v4(address),
        IpAddr::V6(address) => is_refused_v6(address),
    }
}

fn is_refused_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    first == 0 // "this host": Linux connects 0.0.0.0 to the loopback interface
        || address.is_loopback()
        || address.is_link_local()
        || first >= 224 // multicast, reserved, broadcast
        || address.is_documentation()
        || (first, second, third) == (192, 0, 0) // IETF protocol assignments, with a metadata service in it
        || METADATA_V4.contains(&address)
}

fn is_refused_v6(address: Ipv6Addr) -> bool {
    if let Some(inside) = embedded_v4(address) {
        return is_refused_v4(inside);
    }
    let segments = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || segments[0] & 0xffc0 == 0xfe80 // link-local
        || segments[0] & 0xffc0 == 0xfec0 // site-local, withdrawn
        || segments[..2] == [0x2001, 0xdb8] // documentation
        || segments[0] & 0xfff0 == 0x3ff0 // documentation
        || segments[..2] == [0x2001, 0] // Teredo: the v4 address inside is obfuscated
        || segments[..3] == [0x64, 0xff9b, 1] // NAT64 with a prefix length that only its network knows
        || METADATA_V6.contains(&address)
}

/// The v4 address that a translating v6 address leads to: v4-mapped, v4-compatible, NAT64, 6to4.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let last = || join(segments[6], segments[7]);
    match segments {
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(last()),
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(last()),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

fn join(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        is_refused(text.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn the_server_itself_its_links_and_metadata_services_are_refused() {
        for text in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "2001:0:4136:e378::1",
            "fd00:ec2::254",
            "fd20:ce::254",
        ] {
            assert!(refused(text), "{text}");
        }
    }

    #[test]
    fn a_v4_address_inside_a_v6_address_is_judged_as_what_it_is() {
        for text in [
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::7f00:1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(refused(text), "{text}");
        }
        for text in ["::ffff:10.0.0.1", "64:ff9b::8.8.8.8", "2002:808:808::1"] {
            assert!(!refused(text), "{text}");
        }
    }

    #[test]
    fn private_and_public_addresses_are_allowed() {
        for text in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "8.8.8.8",
            "fd12:3456::1",
            "2606:4700::1111",
        ] {
            assert!(!refused(text), "{text}");
        }
    }
}

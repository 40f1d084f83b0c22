//! DNS on loopback: the chain of CNAMEs, all addresses, servers that are silent, refuse or lie.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use handlens::server::{DnsTrouble, NameChoice, Probe, ProbeQuestion, TargetError, probe};
use simple_dns::rdata::{A, AAAA, CNAME, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};

use super::{openssl_server, rustls_server};

/// How the server behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answers,
    /// Says in the datagram that it is cut, and answers in full over TCP.
    Cut,
    Silent,
    Unknown,
    Refuses,
    /// Sends answers to questions that nobody asked, then the right one.
    Lies,
}

/// The answer to one question: two CNAMEs and one address of each kind.
fn answer(question: &[u8], manner: Manner, over_tcp: bool) -> Option<Vec<u8>> {
    let asked = Packet::parse(question).ok()?;
    let one = asked.questions.first()?;
    let mut reply = Packet::new_reply(asked.id());
    reply.questions.push(one.clone());
    match manner {
        Manner::Unknown => *reply.rcode_mut() = RCODE::NameError,
        Manner::Refuses => *reply.rcode_mut() = RCODE::Refused,
        Manner::Cut if !over_tcp => reply.set_flags(PacketFlag::TRUNCATION),
        _ => {
            let host = one.qname.to_string();
            let chain = [host.as_str(), "edge.cdn.example", "a1.cdn.example"];
            for pair in chain.windows(2) {
                let target = RData::CNAME(CNAME(Name::new(pair[1]).ok()?.into_owned()));
                let owner = Name::new(pair[0]).ok()?.into_owned();
                reply
                    .answers
                    .push(ResourceRecord::new(owner, CLASS::IN, 300, target));
            }
            let data = match one.qtype {
                QTYPE::TYPE(TYPE::A) => RData::A(A {
                    address: Ipv4Addr::LOCALHOST.into(),
                }),
                _ => RData::AAAA(AAAA {
                    address: Ipv6Addr::LOCALHOST.into(),
                }),
            };
            let owner = Name::new(chain[2]).ok()?.into_owned();
            reply
                .answers
                .push(ResourceRecord::new(owner, CLASS::IN, 60, data));
        }
    }
    reply.build_bytes_vec().ok()
}

fn dns(manner: Manner) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    if manner == Manner::Cut {
        let listener = TcpListener::bind(address).unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut question).unwrap();
                let reply = answer(&question, manner, true).unwrap();
                let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
                stream.write_all(&length).unwrap();
                stream.write_all(&reply).unwrap();
            }
        });
    }
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((count, from)) = socket.recv_from(&mut buffer) {
            let question = &buffer[..count];
            if manner == Manner::Silent {
                continue;
            }
            if manner == Manner::Lies {
                let mut other = question.to_vec();
                other[0] ^= 0x55;
                let lie = answer(&other, Manner::Unknown, false).unwrap();
                for bytes in [&lie[..], b"\x00", &[0xFF; 600]] {
                    let _ = socket.send_to(bytes, from);
                }
            }
            let _ = socket.send_to(&answer(question, manner, false).unwrap(), from);
        }
    });
    address
}

fn asked(manner: Manner, port: u16) -> Result<Probe, TargetError> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut question: ProbeQuestion = if matches!(manner, Manner::Silent) {
        openssl_server::hasty(address)
    } else {
        openssl_server::question(address)
    };
    question.target.host = "broker.device.example".into();
    question.name = NameChoice::Host;
    question.dns_server = Some(dns(manner));
    probe(&question, &AtomicBool::new(false), &mut |_| {})
}

#[test]
fn the_chain_of_names_and_all_addresses_are_told() {
    let (server, _) = rustls_server::serve(false);
    for manner in [Manner::Answers, Manner::Lies, Manner::Cut] {
        let found = asked(manner, server.port()).unwrap();
        let dns = found.dns.as_ref().unwrap();
        assert_eq!(dns.trouble, None);
        let chain: Vec<_> = dns.aliases.iter().map(|a| a.target.as_str()).collect();
        assert_eq!(chain, ["edge.cdn.example", "a1.cdn.example"]);
        let addresses = [
            (IpAddr::from(Ipv4Addr::LOCALHOST), 60),
            (IpAddr::from(Ipv6Addr::LOCALHOST), 60),
        ];
        assert_eq!(dns.addresses, addresses);
        // The server listens on IPv4 alone: both tries are told, one of them failed.
        assert_eq!(found.addresses.len(), 2);
        assert!(found.addresses[0].connect.is_ok() && found.addresses[1].connect.is_err());
        assert_eq!(found.asked, Some(server));
        assert_eq!(found.name.as_deref(), Some("broker.device.example"));
        let lines = found.reach_lines();
        let line = |label: &str| &lines.iter().find(|(l, ..)| *l == label).unwrap().2;
        assert!(
            line("CNAME").contains("edge.cdn.example \u{2192} a1.cdn.example")
                && line("CNAME").contains("use broker.device.example, not these names"),
            "{lines:?}"
        );
        assert!(line("DNS").contains("127.0.0.1 (60 s)"), "{lines:?}");
        if cfg!(target_os = "linux") {
            let path = found.addresses[0].path;
            let (mss, mtu) = (path.mss.unwrap(), path.path_mtu.unwrap());
            assert!(mss > 500 && mtu > mss, "{path:?}");
            assert!(line("Address").contains(&format!("MSS {mss} bytes")));
        }
    }
}

#[test]
fn a_named_server_that_gives_no_address_is_an_error_that_says_why() {
    for (manner, why) in [
        (Manner::Unknown, "The DNS server knows no such name."),
        (
            Manner::Refuses,
            "The DNS server refuses to answer (REFUSED).",
        ),
    ] {
        let sentence = asked(manner, 443).unwrap_err().to_string();
        assert!(sentence.ends_with(why), "{sentence}");
        assert!(
            sentence.contains("gives no address of broker.device.example"),
            "{sentence}"
        );
    }
    let started = Instant::now();
    let sentence = asked(Manner::Silent, 443).unwrap_err().to_string();
    assert!(sentence.contains("gave no answer within"), "{sentence}");
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[test]
fn a_stop_ends_the_look_up_at_once() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let mut question = openssl_server::question(SocketAddr::from(([127, 0, 0, 1], 443)));
    question.target.host = "broker.device.example".into();
    question.dns_server = Some(dns(Manner::Silent));
    thread::spawn(|| {
        thread::sleep(Duration::from_millis(200));
        STOP.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let started = Instant::now();
    let found = probe(&question, &STOP, &mut |_| {}).unwrap();
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(found.stopped, Some(handlens::server::Stop::Cancelled));
    assert_eq!(found.dns.and_then(|d| d.trouble), Some(DnsTrouble::Stopped));
}

//! Servers on loopback that speak no TLS, or do harm.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Serves every connection with `serve` until the test program ends.
pub fn serve(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Answers everything with HTTP in the clear.
pub fn http() -> SocketAddr {
    serve(|mut stream| {
        let mut start = [0; 64];
        let _ = stream.read(&mut start);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut start);
    })
}

/// Takes connections and never says a word.
pub fn silent() -> SocketAddr {
    serve(|stream| {
        thread::sleep(Duration::from_secs(30));
        drop(stream);
    })
}

//! The faulty relay between the device and its peer.
//!
//! Towards the peer it speaks TCP. Towards the device it hands over the pieces in which a small
//! TCP/IP stack would deliver them, each with the time at which it arrives.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use handlens_lab_common::wire::{Direction, Tap};
use mbedtls::error::codes;
use mbedtls::ssl::io::Io;

/// What the relay does to a connection.
#[derive(Clone, Default)]
pub struct Faults {
    /// Delay in each direction.
    pub latency: Duration,
    /// Largest piece in which the peer's bytes reach the device, and the time one takes.
    pub segment: Option<(usize, Duration)>,
    /// A small receive buffer: the last two bytes of a full segment are handed over late and wrong.
    pub damage_segment_end: bool,
    /// Nothing reaches the device any more once it has sent more than so many messages.
    pub mute_after: Option<usize>,
    /// The connection is reset once so many of the peer's bytes were delivered.
    pub reset_after: Option<usize>,
}

enum Arrival {
    Bytes(Vec<u8>),
    Closed,
    Reset,
}

type Timed = (Instant, Arrival);

/// The device's end of the relay: a socket that never blocks.
pub struct Link {
    to_peer: Sender<(Instant, Vec<u8>)>,
    from_peer: Receiver<Timed>,
    next: VecDeque<Timed>,
    latency: Duration,
    tap: Arc<Mutex<Tap>>,
}

impl Link {
    /// Connects through the relay; an error means what it means to the device.
    pub fn connect(peer: SocketAddr, faults: Faults, tap: Arc<Mutex<Tap>>) -> io::Result<Self> {
        let stream = TcpStream::connect(peer)?;
        stream.set_nodelay(true)?;
        let (to_peer, outgoing) = mpsc::channel();
        let (incoming, from_peer) = mpsc::channel();
        let muted = Arc::new(AtomicBool::new(false));
        let latency = faults.latency;
        let mutes = faults.mute_after.map(|writes| (writes, muted.clone()));
        let writer = stream.try_clone()?;
        thread::spawn(move || forward_to_peer(writer, &outgoing, mutes));
        let lost = tap.clone();
        thread::spawn(move || forward_to_device(stream, &faults, &incoming, &muted, &lost));
        Ok(Self {
            to_peer,
            from_peer,
            next: VecDeque::new(),
            latency,
            tap,
        })
    }

    /// Waits until there is something to read. False: nothing came within the time.
    pub fn wait(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            self.collect();
            let now = Instant::now();
            match self.next.front() {
                Some((due, _)) if *due <= now => return true,
                _ if now >= deadline => return false,
                Some((due, _)) => thread::sleep((*due).min(deadline) - now),
                None => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    fn collect(&mut self) {
        loop {
            match self.from_peer.try_recv() {
                Ok(arrival) => self.next.push_back(arrival),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }
}

impl Io for Link {
    /// Returns at most what arrived in one piece.
    fn recv(&mut self, buf: &mut [u8]) -> mbedtls::Result<usize> {
        self.collect();
        let Some((due, arrival)) = self.next.front_mut() else {
            return Err(codes::SslWantRead.into());
        };
        if *due > Instant::now() {
            return Err(codes::SslWantRead.into());
        }
        match arrival {
            Arrival::Bytes(piece) => {
                let count = piece.len().min(buf.len());
                buf[..count].copy_from_slice(&piece[..count]);
                piece.drain(..count);
                if piece.is_empty() {
                    self.next.pop_front();
                }
                lock(&self.tap).feed(Direction::Received, &buf[..count]);
                Ok(count)
            }
            Arrival::Closed => Ok(0),
            Arrival::Reset => Err(codes::NetConnReset.into()),
        }
    }

    fn send(&mut self, buf: &[u8]) -> mbedtls::Result<usize> {
        lock(&self.tap).feed(Direction::Sent, buf);
        // A device learns that its peer is gone when it reads, not when it writes.
        let _gone = self.to_peer.send((Instant::now() + self.latency, buf.to_vec()));
        Ok(buf.len())
    }
}

/// Locks what the threads of one session share.
pub fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward_to_peer(
    mut peer: TcpStream,
    from_device: &Receiver<(Instant, Vec<u8>)>,
    mutes: Option<(usize, Arc<AtomicBool>)>,
) {
    let mut writes = 0;
    while let Ok((due, bytes)) = from_device.recv() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        writes += 1;
        if let Some((limit, muted)) = &mutes {
            muted.fetch_or(writes > *limit, Ordering::SeqCst);
        }
        let _gone = peer.write_all(&bytes);
    }
    let _gone = peer.shutdown(Shutdown::Both);
}

fn forward_to_device(
    mut peer: TcpStream,
    faults: &Faults,
    to_device: &Sender<Timed>,
    muted: &AtomicBool,
    lost: &Mutex<Tap>,
) {
    let mut pieces = Pieces::new(faults);
    let mut buffer = [0; 16 * 1024];
    let mut delivered = 0;
    loop {
        let read = peer.read(&mut buffer);
        if muted.load(Ordering::SeqCst) {
            // Not even the end of the connection reaches the device.
            return lock(lost).lose(&buffer[..read.unwrap_or(0)]);
        }
        let now = Instant::now() + faults.latency;
        let count = match read {
            Ok(count) if count > 0 => count,
            Ok(_) => return drop(to_device.send((now, Arrival::Closed))),
            Err(_) => return drop(to_device.send((now, Arrival::Reset))),
        };
        for (after, mut piece) in pieces.cut(&buffer[..count]) {
            let left = faults.reset_after.map_or(usize::MAX, |limit| limit - delivered);
            piece.truncate(left);
            delivered += piece.len();
            if to_device.send((now + after, Arrival::Bytes(piece))).is_err() {
                return;
            }
            if faults.reset_after == Some(delivered) {
                return drop(to_device.send((now + after, Arrival::Reset)));
            }
        }
    }
}

/// Cuts the peer's bytes into the pieces that reach the device.
struct Pieces<'a> {
    faults: &'a Faults,
    hello_passed: bool,
}

impl<'a> Pieces<'a> {
    fn new(faults: &'a Faults) -> Self {
        Self {
            faults,
            hello_passed: false,
        }
    }

    /// The pieces, each with the time it comes after the first.
    fn cut(&mut self, bytes: &[u8]) -> Vec<(Duration, Vec<u8>)> {
        let Some((size, takes)) = self.faults.segment else {
            return vec![(Duration::ZERO, bytes.to_vec())];
        };
        let mut pieces = Vec::new();
        let mut rest = bytes;
        let mut after = Duration::ZERO;
        // The peer's hello is a segment of its own.
        if !self.hello_passed && bytes.len() > 5 {
            self.hello_passed = true;
            let end = 5 + usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
            let (hello, others) = bytes.split_at(end.min(bytes.len()));
            pieces.push((after, hello.to_vec()));
            rest = others;
        }
        for segment in rest.chunks(size) {
            after += takes;
            if self.faults.damage_segment_end && segment.len() == size {
                let (good, late) = segment.split_at(size - 2);
                pieces.push((after, good.to_vec()));
                pieces.push((after, late.iter().map(|byte| byte ^ 0x5a).collect()));
            } else {
                pieces.push((after, segment.to_vec()));
            }
        }
        pieces
    }
}

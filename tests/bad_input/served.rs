//! A hostile roster dropped on the page keeps its reader busy, not the server.

use crate::file_faults::{County, sample_map};
use crate::hostile_files::slow_workbook;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The server, ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(county: &County) -> Server {
        // A port that is free now; nobody else is asked for it in between.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(env!("CARGO_BIN_EXE_caregrid"))
            .arg("serve")
            .arg(county.path("Q"))
            .arg("--county")
            .arg(county.path("dropped"))
            .args(["--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { child, port };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Status and body of one request.
    fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/octet-stream\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, answer)
    }
}

#[test]
fn the_server_answers_while_a_hostile_roster_is_read() {
    let county = County::new();
    county.write("clients.csv", "id,category,tier,lon,lat\nA,分散供养特困人员,1,105.0587,35.6716\n");
    let made = crate::file_faults::plan_into(&county, &sample_map(), "Q");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let server = Server::start(&county);
    assert_eq!(server.ask("POST", "/intake/files?name=roster.xlsx", &slow_workbook()).0, 201);
    let is_read = AtomicBool::new(false);
    let (answered, slowest) = std::thread::scope(|scope| {
        let preview = scope.spawn(|| {
            let answer = server.ask("GET", "/intake", b"");
            is_read.store(true, Ordering::SeqCst);
            answer
        });
        let (mut answered, mut slowest) = (0, Duration::ZERO);
        while !is_read.load(Ordering::SeqCst) {
            let start = Instant::now();
            assert_eq!(server.ask("GET", "/plans", b"").0, 200);
            // An answer counts if the roster was still being read when it came.
            answered += u32::from(!is_read.load(Ordering::SeqCst));
            slowest = slowest.max(start.elapsed());
        }
        let (status, said) = preview.join().unwrap();
        assert_eq!(status, 200, "{said}");
        assert!(said.contains("roster.xlsx: the"), "no sentence about the file");
        (answered, slowest)
    });
    println!("{answered} answers while the roster was read, the slowest in {slowest:.2?}");
    assert!(answered >= 10, "{answered} answers only");
    assert_eq!(server.ask("GET", "/plans", b"").0, 200, "and after it");
}
